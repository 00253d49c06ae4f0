"""Accept the other side's offer: the goods stay with the buyer, and the amount is due."""

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
from guicang.returns.deciders import Decider
from guicang.returns.models import Offer
from guicang.returns.offers import OfferState, Side
from guicang.returns.operations import approvals, claims, docket, overriding, staff_notices, talks
from guicang.returns.operations.docket import Case
from guicang.returns.operations.staff_notices import Talked
from guicang.returns.operations.talks import Talks


@dataclass(frozen=True, slots=True)
class Acceptance:
    """`number`: of the offer that was read. `reason`: a code, why staff go beyond the room that the policy leaves."""

    return_id: UUID
    number: int
    reason: str = ""


def accept_offer(
    *,
    acceptances: Sequence[Acceptance],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Agree. About 26 statements a thousand; locks orders, shipment lines, returns, serials.

    Nothing is expected any more and every claim is given back; a line of money for each line that is kept is
    authorised. Refused where the offer is another one, one's own, or ran out, and where the sale cannot give the
    amount any more. `settle` pays it.
    """
    return docket.in_chunks(
        acceptances, _accept, "accept_offer", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _accept(chunk: Sequence[Acceptance], context: Context) -> list[Outcome]:
    claims.lock_for(item.return_id for item in chunk)
    cases = docket.load(item.return_id for item in chunk)
    table, releases, chains = talks.load(cases), claims.Releases(), approvals.load(cases.values())
    persons = approvals.persons(chains, context)
    outcomes, agreed = [], []
    exceptions: list[dict[str, Any]] = []
    said: list[Talked] = []
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals: list[Refusal] = docket.check(case, "accept_offer", context.actor)
        offer = table.open_of(case) if case else None
        if case is not None and not refusals:
            refusals = talks.answer_refusals(offer, item.number, context.actor, context.now)
            refusals = refusals or talks.word_refusals(case, chains.get(item.return_id), persons)
        if case is not None and offer is not None and not refusals:
            refusals = table.amount_refusals(case, offer.amount_minor, context.actor, item.reason)
        if case is not None and offer is not None and not refusals:
            if table.beyond(case, offer.amount_minor, context.actor):
                row = overriding.made("accept_offer", case.header, item.reason, offer.amount_minor, context)
                exceptions.append(row)
            _agree(case, offer, item, table, releases, context)
            agreed.append(case)
            if talks.side_of(context.actor) == Side.CUSTOMER:
                told = talks.told(offer)
                said.append(Talked("staff_offer_accepted", case.header, offer.actor_id, offer.id, told))
        outcomes.append(docket.outcome(index, case, refusals))
    releases.write()
    table.write()
    overriding.write(exceptions)
    outbox.queue(context, staff_notices.of_talks(said))
    approvals.skip(agreed, context.now)
    docket.store(context, agreed, "accept_offer")
    claims.label_orders(agreed)
    return outcomes


def _agree(
    case: Case, offer: Offer, item: Acceptance, table: Talks, releases: claims.Releases, context: Context
) -> None:
    at_stake = table.stakes(case)
    rows, plans = table.money_lines(case, at_stake, offer.amount_minor) if at_stake else ([], [])
    for each in plans:  # what comes later in the set finds the sale as this promise leaves it
        table.accounts[each.order_id].sale = each.plan.sale
    for line in case.lines:
        line.authorised = line.expected = 0
        releases.release(line, line.claimed)
    for row in rows:
        case.add_line(**row)
    table.decide(offer, OfferState.ACCEPTED, context)
    header = case.header
    header.decision, header.decided_at, header.expires_at = "authorised", context.now, None
    header.decided_by = Decider.OFFER
    case.touched, case.reason = True, item.reason
    case.notes = {"offer": offer.number, "side": offer.side, "amount_minor": offer.amount_minor}
    case.notice, case.tells = "offer_accepted", talks.told(offer)
    docket.relabel(case, context.now)
