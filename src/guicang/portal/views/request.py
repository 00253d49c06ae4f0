"""Asking for a return in three pages: what, why, and what it pays. Nothing is written before the last one is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guicang.insights import shopper
from guicang.insights.choices import compare
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import new_id
from guicang.payments.errors import ConsentMissing
from guicang.portal import forms
from guicang.portal.gate import customer, proved, proved_orders
from guicang.portal.views.pictures import show
from guicang.returns.lifecycle import Type
from guicang.returns.operations.documents import is_document
from guicang.returns.operations.inputs import WORDS_MOST
from guicang.returns.rules import CONDITIONS
from guicang.returns.steps.request import made_under, request_once
from guicang.ui import fields
from guicang.ui.pictures import takes

CONSENT_MISSING = ConsentMissing.code
#: Of what is not with the customer nobody asks how it is.
NOT_HERE = (Type.UNSHIPPED, Type.RESHIP)


def _offer(request: HttpRequest, pk: UUID) -> shopper.Offer:
    """Raises Http404 for an order that was not proved, as for one that is not there."""
    owner = proved_orders(request).get(pk)
    found = shopper.offer(pk, owner, utcnow()) if owner else None
    if found is None:
        raise Http404
    return found


@never_cache
@require_GET
@proved
def choose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What should happen, then with which goods."""
    offer = _offer(request, pk)
    return _choose(request, offer, forms.asked(request.GET, offer))


def _choose(request: HttpRequest, offer: shopper.Offer, said: forms.Asked, error: str = "") -> HttpResponse:
    only = 1 if len(offer.lines) == 1 else 0  # who bought one thing means that one
    lines = [
        (
            line,
            line.most[said.type],
            said.units.get(line.id, min(only, line.most[said.type])),
            _chosen(line, said),
        )
        for line in (offer.lines if said.type else ())
    ]
    context = {"offer": offer, "said": said, "lines": lines, "error": error, "step": 3}
    return render(request, "portal/choose.html", context, status=422 if error else 200)


def _chosen(line: shopper.Choice, said: forms.Asked) -> dict[str, Any]:
    """What is chosen in place of a line: `one` for all of its units, or `several`, SKU by SKU with their units."""
    chosen = dict(said.instead.get(line.id, ()))
    one = next(iter(chosen)) if list(chosen.values()) == [said.units.get(line.id)] else None
    names = [(line.sku_id, _("the same once more")), *((variant.sku_id, variant.name) for variant in line.variants)]
    several = [(sku, name, "" if one else chosen.get(sku, "")) for sku, name in names]
    return {"one": one, "several": several, "open": bool(chosen) and one is None}


@never_cache
@require_http_methods(["GET", "POST"])
@proved
@takes(1)
def why(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The reason; by POST with what was said before, for whoever comes back to change it."""
    offer = _offer(request, pk)
    said = forms.asked(request.POST if request.method == "POST" else request.GET, offer)
    if not said.type or not said.units:
        return _choose(request, offer, said, _("Choose at least one item."))
    return _why(request, offer, said)


def _why(request: HttpRequest, offer: shopper.Offer, said: forms.Asked, error: str = "") -> HttpResponse:
    context: Mapping[str, Any] = {
        "offer": offer,
        "said": said,
        "fields": [
            (name, value) for name, value in said.fields if name == "type" or name.startswith(("units.", "swap."))
        ],
        "reasons": offer.offered(said.type, said.units),
        "against": offer.against(said.units),
        "conditions": [] if said.type in NOT_HERE else [one.code for one in CONDITIONS],
        "most": WORDS_MOST,
        "asked": _asked(offer, said),
        "error": error,
        "step": 4,
    }
    return render(request, "portal/why.html", context, status=422 if error else 200)


def _asked(offer: shopper.Offer, said: forms.Asked) -> list[tuple[str, list[fields.Input]]]:
    """The company's own fields: those of the return (''), then those of each chosen line by its name."""
    if said.type == Type.UNSHIPPED:
        return []
    names = {line.id: line.name for line in offer.lines if line.id in said.units}
    known = offer.fields.values()
    found = [("", fields.inputs(known, fields.of_line(said.answers, "")))]
    found += [(name, fields.inputs(known, fields.of_line(said.answers, key), str(key))) for key, name in names.items()]
    return [(name, inputs) for name, inputs in found if inputs]


@never_cache
@require_POST
@proved
@takes(1)
def confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What it pays, component by component, and until when; or why it is not possible."""
    offer = _offer(request, pk)
    said = forms.asked(request.POST, offer)
    if not said.type or not said.units:
        return _choose(request, offer, said, _("Choose at least one item."))
    if not said.reason:
        return _why(request, offer, said, _("Choose a reason."))
    if wrong := forms.wrong_answers(said, offer):
        return _why(request, offer, said, " ".join(wrong))
    return _confirm(request, offer, said, new_id().hex, [])


def _confirm(
    request: HttpRequest, offer: shopper.Offer, said: forms.Asked, key: str, refusals: list[Any]
) -> HttpResponse:
    # What it is worth is shown before he chooses where it goes, so a choice without consent does not hide it.
    plain = replace(said, refund_to="", consented=False)
    # No document yet: where a receipt or invoice is wanted, that is told before the request is sent.
    item = replace(forms.request_of(plain, offer), documents=0)
    actor, now = customer(offer.customer_id), utcnow()
    estimate = shopper.estimate(item, actor, now)
    others = {kind: replace(forms.request_of(other, offer), documents=0) for kind, other in forms.others(plain, offer)}
    unsure = [str(refusal) for refusal in refusals if refusal.code == CONSENT_MISSING]
    refusals = [refusal for refusal in refusals if refusal.code != CONSENT_MISSING]
    why_not = forms.sentences([*refusals, *estimate.refusals], estimate.explained)
    names = {line.id: line.name for line in offer.lines}
    context = {
        "offer": offer,
        "said": said,
        "answers": forms.answered(said, offer),
        "goods": [(names[line], count) for line, count in said.units.items()],
        "estimate": estimate,
        "choices": [] if refusals else compare(others, said.type, estimate, actor, now),
        "why_not": why_not,
        "unsure": unsure,
        "pictures_lost": bool(request.FILES.getlist("picture")),
        "key": key,
        "asks_evidence": bool(said.reason) and offer.reasons[said.reason].asks_evidence,
        "step": 5,
    }
    return render(request, "portal/confirm.html", context, status=422 if why_not or unsure else 200)


@never_cache
@require_POST
@proved
def submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make the return, with its pictures; the same form again is the same return, and a refused one loses no answer."""
    offer = _offer(request, pk)
    said, key = forms.asked(request.POST, offer), request.POST.get("key", "")[:80]
    actor = customer(offer.customer_id)
    if not said.type or not said.units or not said.reason or not key:
        # The first click may have left nothing of this order to ask for: the second one finds what it made.
        made = made_under(key, actor)
        return redirect("portal:return", made) if made else redirect("portal:choose", pk)
    item = forms.request_of(said, offer)
    files = request.FILES.getlist("picture")
    papers = sum(is_document(file.read(8)) for file in files)
    for file in files:
        file.seek(0)
    item = replace(item, pictures=len(files) - papers, documents=papers)
    outcome = request_once(item, key=key, actor=actor, now=utcnow())
    if not outcome.ok:
        return _confirm(request, offer, said, new_id().hex, outcome.refusals)
    if outcome.id is not None:
        show(request, outcome.id, actor)
    if outcome.data.get("granted"):
        messages.success(request, _("Your request is granted. What to do next stands here."))
    else:
        messages.success(request, _("Your request is sent. We answer soon, and you find it here."))
    return redirect("portal:return", outcome.id)
