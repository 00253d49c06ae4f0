"""Offer a part refund to a buyer who keeps the goods, or answer such an offer with another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.kernel import outbox
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome, Refusal
from guicang.returns import errors
from guicang.returns.models import Offer
from guicang.returns.offers import Side
from guicang.returns.operations import approvals, docket, overriding, staff_notices, talks
from guicang.returns.operations.docket import Case
from guicang.returns.operations.staff_notices import Talked
from guicang.returns.operations.talks import Talks


@dataclass(frozen=True, slots=True)
class Offering:
    """`amount_minor`: for keeping all of it. `reason`: a code, why staff go beyond the room that the policy leaves."""

    return_id: UUID
    amount_minor: int
    reason: str = ""


def offer(
    *,
    offers: Sequence[Offering],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Make offers; one is open on a return at a time. About 16 statements a thousand; locks returns.

    Staff begin and may answer a counter-offer; a customer only answers, with more than is offered. Refused where the
    return would not pay so much (OfferTooHigh), where one's own offer is open (OfferOpen), and for staff beyond the
    room of the policy without the permission for exceptions (BeyondRoom), or where the last word of an approval is not
    theirs (NotYourStage, OthersDecide).
    """
    return docket.in_chunks(offers, _offer, "offer", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing)


def _offer(chunk: Sequence[Offering], context: Context) -> list[Outcome]:
    cases = docket.load(item.return_id for item in chunk)
    table, chains = talks.load(cases), approvals.load(cases.values())
    persons = approvals.persons(chains, context)
    outcomes, talked = [], []
    exceptions: list[dict[str, Any]] = []
    said: list[Talked] = []
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "offer", context.actor)
        if case is not None and not refusals:
            refusals = talks.word_refusals(case, chains.get(item.return_id), persons)
        if case is None or refusals or (refusals := _refusals(case, item, table, context)):
            outcomes.append(docket.outcome(index, case, refusals))
            continue
        if table.beyond(case, item.amount_minor, context.actor):
            exceptions.append(overriding.made("offer", case.header, item.reason, item.amount_minor, context))
        answered = table.open_of(case)
        made = table.make(case, item.amount_minor, context)
        if answered is not None and made.side == Side.CUSTOMER:
            told = talks.told(made)
            said.append(Talked("staff_counter_offer", case.header, answered.actor_id, made.id, told))
        case.touched, case.reason = True, item.reason
        _tell(case, made)
        talked.append(case)
        outcomes.append(docket.outcome(index, case, data={"offer": made.number}))
    table.write()
    overriding.write(exceptions)
    outbox.queue(context, staff_notices.of_talks(said))
    docket.store(context, talked, "offer")
    return outcomes


def _refusals(case: Case, item: Offering, table: Talks, context: Context) -> list[Refusal]:
    side, open_one = talks.side_of(context.actor), table.open_of(case)
    stands = open_one is not None and open_one.expires_at > context.now
    if open_one is not None and stands and open_one.side == side:
        return [errors.OfferOpen()]
    if side == Side.CUSTOMER:
        if open_one is None:
            return [errors.OfferMissing()]
        if not stands:
            return [errors.OfferExpired()]
        if item.amount_minor <= open_one.amount_minor:
            return [errors.OfferTooLow(offered=talks.money(open_one.amount_minor, open_one.currency))]
    return table.amount_refusals(case, item.amount_minor, context.actor, item.reason)


def _tell(case: Case, made: Offer) -> None:
    """The trail gets the offer; the customer a notice of what staff offer."""
    case.notes = {"offer": made.number, "side": made.side, "amount_minor": made.amount_minor, "until": made.expires_at}
    if made.side == Side.STAFF:
        case.notice = "offer_made"
        case.tells = talks.told(made)
