"""Gifts: the slip that lies in the parcel, and the return that staff enter for whoever was given it."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from guicang.desk.gate import actor_of, page
from guicang.desk.saying import say
from guicang.desk.typed import units
from guicang.insights import gifts
from guicang.insights import orders as found_orders
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Outcome, Refused
from guicang.returns.operations.gifts import shown
from guicang.returns.steps.return_gift import BECOMES, Gift, make_slip, return_gift
from guicang.ui.paper import qr_svg


def _present(request: HttpRequest, pk: UUID) -> gifts.Present:
    order = found_orders.head(pk, actor_of(request).scope)
    present = gifts.present(pk, utcnow()) if order else None
    if present is None:
        raise Http404
    return present


@never_cache
@require_POST
@page("returns.request")
def slip(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A slip without prices, with a new code: the one before is over."""
    present = _present(request, pk)
    code = make_slip(pk, actor=actor_of(request), now=utcnow())
    if code is None:
        raise Http404
    query = urlencode({"number": present.number, "code": code})
    address = request.build_absolute_uri(f"{reverse('portal:gift')}?{query}")
    context = {"p": present, "code": shown(code), "qr": qr_svg(address)}
    context["where"] = request.build_absolute_uri(reverse("portal:gift"))
    return render(request, "desk/gift_slip.html", context)


@require_http_methods(["GET", "POST"])
@page("returns.request")
def enter(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Enter the return of a gift for whoever brings it."""
    present = _present(request, pk)
    if request.method == "POST":
        outcome = _enter(request, pk)
        if outcome.ok and outcome.id is not None:
            return redirect("desk:return", outcome.id)
        say(request, outcome.refusals)
    context = {"p": present, "given": request.POST, "becomes": BECOMES}
    context["form_key"] = request.POST.get("key", "") or new_id().hex
    return render(request, "desk/gift.html", context)


def _enter(request: HttpRequest, pk: UUID) -> Outcome:
    given = request.POST
    try:
        counted = units(given, "units")
    except Refused as refused:
        return Outcome(0, None, list(refused.refusals))
    item = Gift(
        pk,
        counted,
        given.get("reason", ""),
        given.get("name", "").strip(),
        given.get("contact", "").strip(),
        given.get("becomes", ""),
        entered_by="counter",
    )
    key = f"{pk.hex}:{given.get('key', '')[:40] or new_id().hex}"
    return return_gift(item, key=key, actor=actor_of(request), now=utcnow())
