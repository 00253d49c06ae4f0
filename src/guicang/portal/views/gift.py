"""Giving a gift back with the code on its slip: no price, no giver, and store credit or the same once more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guicang.insights import gifts
from guicang.kernel.actor import Actor
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import new_id
from guicang.portal.forms import sentences, typed_units
from guicang.portal.gate import customer
from guicang.returns.operations.gifts import CONTACT_MOST, NAME_MOST, digest_of, opens
from guicang.returns.steps.return_gift import BECOMES, Gift, return_gift
from guicang.returns.steps.ship import Sending, ship
from guicang.ui.pictures import takes

#: How long a code counts once it was typed.
OPENED_FOR = timedelta(hours=2)
_OPENED = "portal.gift"
MOST = 80


@never_cache
@require_http_methods(["GET", "POST"])
@takes(1)
def find(request: HttpRequest) -> HttpResponse:
    """Number and code of the slip; a wrong one is not told from one that is not there."""
    given = {name: (request.POST or request.GET).get(name, "").strip()[:MOST] for name in ("number", "code")}
    error, status = "", 200
    if request.method == "POST":
        if not ratelimit.consume(request, action="gift_try", key=given["number"]):
            error, status = _("That was tried very often. Wait ten minutes and try again."), 429
        elif order_id := next(
            (one for one in gifts.order_by_number(given["number"]) if opens(one, digest_of(given["code"]))), None
        ):
            _open(request, order_id, given["code"])
            return redirect("portal:gift_goods")
        else:
            error, status = _("Order number and gift code do not belong together. Check both on the gift slip."), 422
    return render(request, "portal/gift_find.html", {"given": given, "error": error}, status=status)


def _open(request: HttpRequest, order_id: UUID, code: str) -> None:
    request.session.cycle_key()
    until = (utcnow() + OPENED_FOR).isoformat()
    request.session[_OPENED] = {"until": until, "order": order_id.hex, "digest": digest_of(code)}


def _opened(request: HttpRequest) -> tuple[UUID, str] | None:
    """The order whose code was typed, with its digest: a slip that was made anew since then opens nothing."""
    found = request.session.get(_OPENED)
    if not found or datetime.fromisoformat(found["until"]) <= utcnow():
        return None
    order_id = UUID(found["order"])
    return (order_id, found["digest"]) if opens(order_id, found["digest"]) else None


@never_cache
@require_http_methods(["GET", "POST"])
@takes(1)
def goods(request: HttpRequest) -> HttpResponse:
    """What comes back, why, what it becomes and whose that is."""
    opened = _opened(request)
    if opened is None:
        return redirect("portal:gift")
    present = gifts.present(opened[0], utcnow())
    if present is None:
        raise Http404
    errors: list[str] = []
    if request.method == "POST":
        outcome = _return(request, present, opened[1])
        if outcome.ok and outcome.id is not None:
            return redirect("portal:gift_return", outcome.id)
        errors = sentences(outcome.refusals)
    context = {
        "p": present,
        "given": request.POST,
        "errors": errors,
        "becomes": BECOMES,
        "form_key": request.POST.get("key", "") or new_id().hex,
        "chosen": {str(piece.id): _units(request, present).get(piece.id, 0) for piece in present.pieces},
    }
    return render(request, "portal/gift_goods.html", context, status=422 if errors else 200)


def _units(request: HttpRequest, present: gifts.Present) -> dict[UUID, int]:
    units = {piece.id: typed_units(request.POST.get(f"units.{piece.id}", "")) for piece in present.pieces}
    return {line: count for line, count in units.items() if count}


def _return(request: HttpRequest, present: gifts.Present, digest: str) -> Any:
    given = request.POST
    known = {reason.code for reason in present.reasons}
    item = Gift(
        present.order_id,
        _units(request, present),
        given.get("reason", "") if given.get("reason", "") in known else "",
        given.get("name", "").strip()[: NAME_MOST + 1],
        given.get("contact", "").strip()[: CONTACT_MOST + 1],
        given.get("becomes", ""),
        digest,
    )
    key = f"{present.order_id.hex}:{given.get('key', '')[:40] or new_id().hex}"
    return return_gift(item, key=key, actor=Actor(kind="customer"), now=utcnow())


def _sheet(request: HttpRequest, pk: UUID) -> gifts.GiftSheet:
    opened = _opened(request)
    found = gifts.sheet(pk, [opened[0]]) if opened else None
    if found is None:
        raise Http404
    return found


@never_cache
@require_GET
def show(request: HttpRequest, pk: UUID) -> HttpResponse:
    if _opened(request) is None:
        return redirect("portal:gift")
    return render(request, "portal/gift_return.html", {"s": _sheet(request, pk)})


@never_cache
@require_POST
@takes(1)
def sent(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The parcel's number."""
    if _opened(request) is None:
        return redirect("portal:gift")
    _sheet(request, pk)
    asker = gifts.asker_of(pk)
    carrier, tracking = (request.POST.get(name, "").strip()[:MOST] for name in ("carrier", "tracking"))
    if asker is None or not tracking:
        messages.error(request, _("Enter the parcel number: it is on the carrier's receipt."))
        return redirect("portal:gift_return", pk)
    sending = Sending(pk, carrier[:40], tracking)
    for outcome in ship(shipments=[sending], actor=customer(asker), now=utcnow()):
        for sentence in sentences(outcome.refusals):
            messages.error(request, sentence)
        if outcome.ok:
            messages.success(request, _("Done. Thank you."))
    return redirect("portal:gift_return", pk)
