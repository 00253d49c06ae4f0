"""Offers of returns in sets: the money at stake, whose word is open, and what a step writes of it.

An open offer past its time binds nobody, also where the worker that writes it down is late: steps and pages ask.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Sum

from guicang.kernel import setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.models import Origin
from guicang.kernel.money import from_minor
from guicang.kernel.refusal import Refusal
from guicang.returns import errors
from guicang.returns.deadlines import Kind, Then, Timer, given
from guicang.returns.deadlines import Side as ClockSide
from guicang.returns.lifecycle import UNDECIDED, LineKind, Type
from guicang.returns.models import Offer, Return, ReturnLine
from guicang.returns.offers import OfferState, Side, Stakes, can_be_kept, stakes
from guicang.returns.operations import approvals, inputs, saleview
from guicang.returns.operations.approvals import Chain
from guicang.returns.operations.docket import Case
from guicang.returns.operations.planning import Planned, plan_orders
from guicang.returns.operations.saleview import Account
from guicang.returns.settlement import Ask, plan_settlement

OVERRIDE = "returns.override"
_DECIDED = ("state", "decided_at", "decided_command_id")


def side_of(actor: Actor) -> Side:
    return Side.CUSTOMER if actor.kind == "customer" else Side.STAFF


def money(minor: int, currency: str) -> str:
    """An amount as sentences of refusals say it."""
    return f"{from_minor(minor, currency):,} {currency}"


def told(offer: Offer) -> dict[str, str]:
    """What notices say of an offer."""
    until = offer.expires_at.astimezone(ZoneInfo(settings.DISPLAY_ZONE))
    amount = str(from_minor(offer.amount_minor, offer.currency))
    return {"amount": amount, "until": until.strftime("%Y-%m-%d %H:%M")}


@dataclass(slots=True)
class Talks:
    """Offers of some returns, oldest first, and the orders they are about as promises made so far leave them."""

    verdicts: Mapping[UUID, Mapping[str, Any]]
    accounts: Mapping[UUID, Account]
    offers: dict[UUID, list[Offer]]
    changed: dict[UUID, Offer] = field(default_factory=dict)
    added: list[Offer] = field(default_factory=list)

    def open_of(self, case: Case) -> Offer | None:
        """The offer that nobody answered, though its time may be over."""
        return next((one for one in self.offers.get(case.header.id, ()) if one.state == OfferState.OPEN), None)

    def stakes(self, case: Case) -> Stakes | None:
        """What is talked about; None where there is nothing that a buyer could keep."""
        lines, key = case.lines, case.header.id
        # Whoever was given it is never told what a part of its price would be.
        if (
            case.header.gift
            or not can_be_kept(line.kind for line in lines)
            or any(line.order_id not in self.accounts for line in lines)
        ):
            return None
        plans = _plans(case, [(line, line.requested) for line in lines], self.accounts)
        paid = {row.ref: max(0, row.target_minor) for each in plans for row in each.plan.lines}
        return stakes({line.id: paid[line.id] for line in lines}, self.verdicts.get(key, {}))

    def money_lines(
        self, case: Case, at_stake: Stakes, amount_minor: int
    ) -> tuple[list[dict[str, Any]], list[Planned]]:
        """The lines that pay the amount, one for each line that is kept, and the plans of settling them."""
        shares = at_stake.shares(amount_minor)
        rows = [_money_row(line, shares[line.id]) for line in case.lines if shares[line.id]]
        lines = [ReturnLine(**row, parent=case.header, position=place) for place, row in enumerate(rows, 1)]
        return rows, _plans(case, [(line, 1) for line in lines], self.accounts)

    def amount_refusals(self, case: Case, amount_minor: int, actor: Actor, reason: str) -> list[Refusal]:
        """Why this amount cannot be agreed on: nothing to keep, more than the sale gives, beyond the policy's room."""
        at_stake = self.stakes(case)
        if at_stake is None:
            return [errors.NothingToKeep()]
        if amount_minor < 1:
            return [errors.OfferAmount()]
        if amount_minor > at_stake.planned_minor:
            most = money(at_stake.planned_minor, case.header.currency)
            return [errors.OfferTooHigh(most=most, most_minor=at_stake.planned_minor)]
        refusals = _beyond(case, at_stake, amount_minor, actor, reason)
        for each in self.money_lines(case, at_stake, amount_minor)[1]:
            for code, data in each.plan.blocked:
                refusals.append(errors.BLOCKED[code](**{"disputed_minor": 0, "cash_minor": 0, **data}))
        return refusals

    def beyond(self, case: Case, amount_minor: int, actor: Actor) -> bool:
        """Whether it is an exception to the policy that staff offer, or accept, so much."""
        at_stake = self.stakes(case)
        return side_of(actor) == Side.STAFF and at_stake is not None and amount_minor > at_stake.room_minor

    def make(self, case: Case, amount_minor: int, context: Context) -> Offer:
        """Put an offer on the table; the other side's, if one is open, is answered by it."""
        open_one, at_stake = self.open_of(case), self.stakes(case)
        if open_one is not None:
            past = open_one.expires_at <= context.now
            self.decide(open_one, OfferState.EXPIRED if past else OfferState.COUNTERED, context)
        told = self.offers.setdefault(case.header.id, [])
        made = Offer(
            id=new_id(),
            parent=case.header,
            number=len(told) + 1,
            side=str(side_of(context.actor)),
            amount_minor=amount_minor,
            currency=case.header.currency,
            state=str(OfferState.OPEN),
            actor_kind=context.actor.kind,
            actor_id=context.actor.id,
            made_at=context.now,
            expires_at=context.now + timedelta(hours=at_stake.hours if at_stake else 0),
            command_id=context.id,
        )
        told.append(made)
        self.added.append(made)
        case.timers.append(_timer(made))
        return made

    def decide(self, offer: Offer, state: OfferState, context: Context) -> None:
        """Close an offer. Its clock ends with the decision on the return or gives way to that of the next offer; where
        neither comes the step stops it.
        """
        offer.state, offer.decided_at, offer.decided_command_id = str(state), context.now, context.id
        self.changed[offer.id] = offer

    def write(self) -> None:
        """2 statements per 1,000. What was open is closed first: there is room for one a return."""
        fresh = {offer.id for offer in self.added}
        setwrites.update(Offer, [_row(one) for one in self.changed.values() if one.id not in fresh], assign=_DECIDED)
        setwrites.insert(Offer, [_row(one) for one in self.added])


def _timer(offer: Offer) -> Timer:
    """The time of an offer is its other side's, and is up by itself."""
    other = ClockSide.CUSTOMER if offer.side == Side.STAFF else ClockSide.MERCHANT
    return given(Kind.OFFER, offer.made_at, offer.expires_at, Then.LAPSE, side=other)


def lapse(cases: Mapping[UUID, Case], context: Context) -> dict[UUID, Offer]:
    """Write down, under the lock of their returns, that the time of open offers is over; 2 statements a thousand."""
    found: dict[UUID, Offer] = {}
    for batch in setwrites.chunks(sorted(cases)):
        for one in Offer.objects.filter(parent_id__among=batch, state=OfferState.OPEN, expires_at__lte=context.now):
            one.state = str(OfferState.EXPIRED)
            one.decided_at, one.decided_command_id = context.now, context.id
            found[one.parent_id] = one
    setwrites.update(Offer, [_row(one) for one in found.values()], assign=_DECIDED)
    return found


def load(cases: Mapping[UUID, Case]) -> Talks:
    """The talks of returns that are locked; 6 statements per 1,000. Orders are only read: whoever pays holds them."""
    verdicts: dict[UUID, Mapping[str, Any]] = {}
    for batch in setwrites.chunks(sorted(cases)):
        verdicts.update(dict(Return.objects.filter(id__among=batch).values_list("id", "verdict")))
    offers: dict[UUID, list[Offer]] = {}
    for one in setwrites.fetch(Offer, cases, key="parent_id"):
        offers.setdefault(one.parent_id, []).append(one)
    for told in offers.values():
        told.sort(key=lambda one: one.number)
    return Talks(verdicts, _accounts(cases.values()), offers)


def word_refusals(case: Case, chain: Chain | None, persons: Sequence[Actor]) -> list[Refusal]:
    """Why staff cannot agree for the house: another's stage is open, or others come after it."""
    if chain is None or persons[0].kind == "customer":
        return []
    say, stage = approvals.word_of(chain, case.header, persons), chain.now
    if isinstance(say, Refusal):
        return [say]
    if say is None or stage is None:
        return []
    rest = [one for one in chain.seats[stage.id] if one.open and one is not say.seat and not one.escalated]
    waits = any(one.state == "waiting" for one in chain.stages)
    together = stage.need == "all" and rest and not say.seat.escalated
    return [errors.OthersDecide()] if waits or together else []


def answer_refusals(offer: Offer | None, number: int, actor: Actor, now: datetime) -> list[Refusal]:
    """Why `actor` cannot answer offer `number` of a return whose open one is `offer`."""
    if offer is None:
        return [errors.OfferMissing()]
    if offer.number != number:
        return [errors.OfferChanged()]
    if offer.expires_at <= now:
        return [errors.OfferExpired()]
    return [errors.OfferIsOwn()] if offer.side == side_of(actor) else []


def end(cases: Collection[Case], context: Context) -> None:
    """Close what is open on returns that were decided otherwise, under their lock; 1 statement, 2 if anything was."""
    if context.origin != Origin.LIVE or not cases:
        return  # past documents were never talked about
    rows = []
    for batch in setwrites.chunks(sorted(case.header.id for case in cases)):
        for one in Offer.objects.filter(parent_id__among=batch, state=OfferState.OPEN):
            past = one.expires_at <= context.now
            one.state = str(OfferState.EXPIRED if past else OfferState.WITHDRAWN)
            one.decided_at, one.decided_command_id = context.now, context.id
            rows.append(_row(one))
    setwrites.update(Offer, rows, assign=_DECIDED)


class OfferInfo(NamedTuple):
    """An offer as pages and programs read it; `state` as the clock has it."""

    id: UUID
    number: int
    side: str
    amount_minor: int
    currency: str
    state: str
    actor_kind: str
    actor_id: UUID
    made_at: datetime
    expires_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """The talk on one return. `at_stake` only while something can still be offered."""

    offers: list[OfferInfo]
    at_stake: Stakes | None

    @property
    def open(self) -> OfferInfo | None:
        return next((one for one in self.offers if one.state == OfferState.OPEN), None)

    def may(self, command: str, side: Side) -> bool:
        """Whether one of the three commands makes sense for a side, by what lies on the table."""
        one, at_stake = self.open, self.at_stake
        if command == "decline_offer":
            return one is not None
        if command == "accept_offer":
            return one is not None and one.side != side
        if at_stake is None or (one is not None and one.side == side):
            return False
        if side == Side.STAFF:
            return at_stake.planned_minor > 0
        return one is not None and one.amount_minor < at_stake.planned_minor


def outlook(
    header: Return, lines: Sequence[ReturnLine], now: datetime, accounts: Mapping[UUID, Account] | None = None
) -> Outlook:
    """The talk on a return that was read whole; 1 statement, 5 while it waits for its decision, 3 of which read the
    orders that the caller does not hand over in `accounts`.
    """
    rows = Offer.objects.filter(parent_id=header.id).order_by("number")
    offers = [_info(one, now) for one in rows]
    if header.state not in UNDECIDED:
        return Outlook(offers, None)
    case = Case(header, list(lines))
    talks = Talks({header.id: header.verdict}, _accounts([case], accounts), {})
    return Outlook(offers, talks.stakes(case))


def currency_of(return_id: UUID) -> str:
    """In which amounts of a return are typed; '' for none. 1 statement."""
    return Return.objects.filter(id=return_id).values_list("currency", flat=True).first() or ""


def _info(one: Offer, now: datetime) -> OfferInfo:
    ran_out = one.state == OfferState.OPEN and one.expires_at <= now
    return OfferInfo(
        one.id,
        one.number,
        one.side,
        one.amount_minor,
        one.currency,
        str(OfferState.EXPIRED) if ran_out else one.state,
        one.actor_kind,
        one.actor_id,
        one.made_at,
        one.expires_at,
        one.decided_at,
    )


def _row(one: Offer) -> dict[str, Any]:
    return {column.attname: getattr(one, column.attname) for column in Offer._meta.concrete_fields}


def _beyond(case: Case, at_stake: Stakes, amount_minor: int, actor: Actor, reason: str) -> list[Refusal]:
    """What staff may not agree to by themselves; with the permission for exceptions it takes a reason."""
    if side_of(actor) == Side.CUSTOMER or amount_minor <= at_stake.room_minor:
        return inputs.reason(reason, needed=False)
    if not actor.may(OVERRIDE):
        room = money(at_stake.room_minor, case.header.currency)
        return [errors.BeyondRoom(room=room, room_minor=at_stake.room_minor)]
    return inputs.reason(reason)


def _plans(case: Case, units: Sequence[tuple[ReturnLine, int]], accounts: Mapping[UUID, Account]) -> list[Planned]:
    return plan_orders(case.header.currency, units, accounts)


def _accounts(cases: Iterable[Case], known: Mapping[UUID, Account] | None = None) -> dict[UUID, Account]:
    """The orders of returns that can be talked about, less what was agreed on their lines and not paid yet.

    `known`: the orders as they were read already; they are left as they are.
    """
    wanted = [case for case in cases if can_be_kept(line.kind for line in case.lines)]
    lines = [line for case in wanted for line in case.lines if line.order_id != NIL]
    if not lines:
        return {}
    found = saleview.accounts({line.order_id for line in lines}, lock=False) if known is None else dict(known)
    promised = _promised({line.order_line_id for line in lines})
    for order_id, order_line_id in {(line.order_id, line.order_line_id): None for line in lines}:
        amount = promised.get(order_line_id, 0)
        if amount and order_id in found:
            asked = Ask(NIL, order_line_id, goodwill_minor=amount)
            found[order_id] = replace(found[order_id], sale=plan_settlement(found[order_id].sale, [asked]).sale)
    return found


def _promised(order_line_ids: Collection[UUID]) -> dict[UUID, int]:
    """Money agreed on by order line and not settled yet; 1 statement per 1,000."""
    found: dict[UUID, int] = {}
    for batch in setwrites.chunks(sorted(order_line_ids)):
        rows = ReturnLine.objects.filter(
            order_line_id__among=batch, kind=LineKind.MONEY, authorised__gt=F("settled"), parent__ending=""
        ).exclude(order_line_id=NIL)
        found.update(dict(rows.order_by().values_list("order_line_id").annotate(n=Sum("recorded_minor"))))
    return found


def _money_row(line: ReturnLine, amount_minor: int) -> dict[str, Any]:
    """A line of money alone, in place of the line that is kept."""
    return {
        "id": new_id(),
        "kind": str(LineKind.MONEY),
        "resolution": str(Type.MONEY_ONLY),
        "order_id": line.order_id,
        "order_line_id": line.order_line_id,
        "sku_id": line.sku_id,
        "reason": line.reason,
        "condition": line.condition,
        "money_kind": "goodwill",
        "requested": 1,
        "authorised": 1,
        "recorded_minor": amount_minor,
    }
