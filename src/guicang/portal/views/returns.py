"""A return after it was asked for: how it stands, the slip, and what its customer may still do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from guicang.insights import shopper_return
from guicang.kernel.actor import Actor
from guicang.kernel.clock import utcnow
from guicang.kernel.refusal import Outcome
from guicang.portal import slip
from guicang.portal.forms import CANCEL_REASONS, sentences
from guicang.portal.gate import own_return, proved
from guicang.returns import errors
from guicang.returns.operations import talks
from guicang.returns.operations.inputs import WORDS_MOST
from guicang.returns.steps.accept_offer import Acceptance, accept_offer
from guicang.returns.steps.accept_quote import QuoteAcceptance, accept_quote
from guicang.returns.steps.answer import Answer, answer
from guicang.returns.steps.appeal import Appeal, appeal
from guicang.returns.steps.cancel import Cancellation, cancel
from guicang.returns.steps.decline_offer import Declination, decline_offer
from guicang.returns.steps.decline_quote import QuoteDeclination, decline_quote
from guicang.returns.steps.offer import Offering, offer
from guicang.returns.steps.ship import Sending, ship
from guicang.ui.amounts import typed_minor
from guicang.ui.paper import qr_svg
from guicang.ui.pictures import takes

Step = Callable[[UUID, QueryDict, Actor, datetime], list[Outcome]]


def _sheet(request: HttpRequest, pk: UUID) -> shopper_return.Sheet:
    return shopper_return.sheet(pk, own_return(request, pk).id, utcnow())


@never_cache
@require_GET
@proved
def show(request: HttpRequest, pk: UUID) -> HttpResponse:
    sheet = _sheet(request, pk)
    context = {"s": sheet, "qr": qr_svg(sheet.header.rma_code) if sheet.sends_back else "", "most": WORDS_MOST}
    return render(request, "portal/return.html", context)


@never_cache
@require_GET
@proved
def slip_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The slip on a page of its own, for whoever prints from the browser."""
    sheet = _sheet(request, pk)
    if not sheet.sends_back:
        raise Http404
    context = {"s": sheet, "slip": slip.slip_of(sheet), "qr": qr_svg(sheet.header.rma_code)}
    return render(request, "portal/slip.html", context)


@never_cache
@require_GET
@proved
def slip_pdf(request: HttpRequest, pk: UUID) -> HttpResponse:
    sheet = _sheet(request, pk)
    if not sheet.sends_back:
        raise Http404
    answer = HttpResponse(slip.pdf(slip.slip_of(sheet)), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{sheet.header.number}.pdf"'
    return answer


@never_cache
@require_GET
@proved
def ask_cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Cancelling is asked once more, with what is lost by it."""
    sheet = _sheet(request, pk)
    if "cancel" not in sheet.may:
        return redirect("portal:return", pk)
    return render(request, "portal/cancel.html", {"s": sheet, "reasons": CANCEL_REASONS})


@never_cache
@require_GET
@proved
def ask_accept(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accepting an offer is asked once more, with what it means."""
    sheet = _sheet(request, pk)
    if "accept_offer" not in sheet.may:
        return redirect("portal:return", pk)
    return render(request, "portal/offer.html", {"s": sheet})


@never_cache
@require_POST
@proved
@takes(1)
def act(request: HttpRequest, pk: UUID, command: str) -> HttpResponse:
    """Give one command to one's own return, then show it again."""
    step = STEPS.get(command)
    if step is None:
        raise Http404
    actor = own_return(request, pk)
    if command == "ship" and not request.POST.get("tracking", "").strip():
        messages.error(request, _("Enter the parcel number: it is on the carrier's receipt."))
        return redirect("portal:return", pk)
    refusals = [refusal for outcome in step(pk, request.POST, actor, utcnow()) for refusal in outcome.refusals]
    for sentence in sentences(refusals):
        messages.error(request, sentence)
    if not refusals:
        messages.success(request, _("Done. Thank you."))
    return redirect("portal:return", pk)


def _ask_for_more(pk: UUID, given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    amount = typed_minor(given.get("amount", ""), talks.currency_of(pk))
    if amount is None:
        return [Outcome(0, None, [errors.OfferAmount()])]
    return offer(offers=[Offering(pk, amount)], actor=actor, now=now)


def _number(given: QueryDict) -> int:
    """Of the offer that the page showed; 0, which none has, for anything that is no number."""
    typed = given.get("number", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 0  # noqa: PLR2004 - a smallint


def _price(given: QueryDict) -> int:
    """Of the quote that the page showed; 0, which none has that is asked about, for anything that is no number."""
    typed = given.get("price", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 16 else 0  # noqa: PLR2004 - a bigint


STEPS: dict[str, Step] = {
    "offer": _ask_for_more,
    "accept_offer": lambda pk, given, actor, now: accept_offer(
        acceptances=[Acceptance(pk, _number(given))], actor=actor, now=now
    ),
    "decline_offer": lambda pk, given, actor, now: decline_offer(
        declinations=[Declination(pk, _number(given))], actor=actor, now=now
    ),
    "accept_quote": lambda pk, given, actor, now: accept_quote(
        acceptances=[QuoteAcceptance(pk, _price(given))], actor=actor, now=now
    ),
    "decline_quote": lambda pk, given, actor, now: decline_quote(
        declinations=[QuoteDeclination(pk, _price(given))], actor=actor, now=now
    ),
    "ship": lambda pk, given, actor, now: ship(
        shipments=[Sending(pk, given.get("carrier", "").strip()[:40], given.get("tracking", "").strip()[:80])],
        actor=actor,
        now=now,
    ),
    "answer": lambda pk, given, actor, now: answer(
        answers=[Answer(pk, words=given.get("words", "").strip()[:WORDS_MOST])], actor=actor, now=now
    ),
    "appeal": lambda pk, given, actor, now: appeal(appeals=[Appeal(pk, given.get("reason", ""))], actor=actor, now=now),
    "cancel": lambda pk, given, actor, now: cancel(
        cancellations=[Cancellation(pk, given.get("reason", ""))], actor=actor, now=now
    ),
}
