"""What the worker does about clocks: warn before they run out, and act once they have.

Each act is the step itself, given by the clock: the step looks under the return's lock whether the clock still runs,
and stamps it in the same transaction. So whatever dies in between repeats nothing, any number of workers may run at
once, and a return whose clock somebody stopped meanwhile is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from guicang.kernel import clock, outbox, setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context, begin
from guicang.kernel.outbox import Envelope
from guicang.kernel.refusal import Outcome
from guicang.notifications import operations as notifications
from guicang.returns import errors, queries
from guicang.returns.deadlines import AHEAD, Kind, Side, Then
from guicang.returns.models import Clock, Return
from guicang.returns.operations import clocks, docket, staff_notices
from guicang.returns.operations.clocks import DueClock
from guicang.returns.operations.docket import BY_CLOCK
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.cancel import Cancellation, cancel
from guicang.returns.steps.collect import CHARGE, Collecting, collect
from guicang.returns.steps.escalate import Escalation, escalate
from guicang.returns.steps.expire import Expiry, expire
from guicang.returns.steps.lapse_offer import Lapse, lapse_offers
from guicang.returns.steps.reject import Rejection, reject
from guicang.returns.steps.settle import Settlement, settle

#: Clocks a look: small enough that a second worker finds work, large enough that sets pay.
LOOK = 200
#: Stopped meanwhile, or marked meanwhile so that a person looks first: not a matter of this clock any more, or not yet.
_LEFT_ALONE = frozenset({errors.ClockStopped.code, errors.RiskWaits.code})
_NOTICES = {
    Kind.ANSWER: "return_answer_due",
    Kind.SHIP: "return_ship_due",
    Kind.OFFER: "offer_due",
    Kind.ARRIVE: "return_ship_due",
    Kind.ADVANCE: "return_ship_due",
}

Act = Callable[[Sequence[DueClock], datetime], list[Outcome]]


def tick(_envelope: Envelope) -> None:
    """The outbox's handler; a repeat finds nothing left."""
    now = clock.utcnow()
    act_due(now)
    warn_due(now)


def act_due(now: datetime) -> int:
    """Act for every clock that ran out by `now`, of each return in the order in which they were due; how many acted."""
    acted = 0
    while due := clocks.due_clocks(now, LOOK):
        firsts: dict[Any, DueClock] = {}
        for each in due:
            firsts.setdefault(each.return_id, each)
        groups: dict[str, list[DueClock]] = {}
        for each in firsts.values():
            groups.setdefault(each.then, []).append(each)
        before = acted
        for then, several in groups.items():
            acted += _act(then, several, now)
        if acted == before:
            return acted  # another worker has the rest in hand
    return acted


def _act(then: str, due: Sequence[DueClock], now: datetime) -> int:
    """What cannot be done goes to a person; what was stopped meanwhile is nobody's business any more."""
    stuck, done = [], 0
    for each, outcome in zip(due, _ACTS[Then(then)](due, now), strict=True):
        codes = [refusal.code for refusal in outcome.refusals]
        if not codes:
            done += 1
        elif not _LEFT_ALONE.intersection(codes):
            stuck.append(Escalation(each.return_id, each.id, codes))
    if stuck:
        done += sum(outcome.ok for outcome in escalate(escalations=stuck, actor=Actor.system(), now=now))
    return done


def _approve(due: Sequence[DueClock], now: datetime) -> list[Outcome]:
    items = [
        Authorisation(one.return_id, reason="by_platform" if one.kind == Kind.PLATFORM else BY_CLOCK, clock_id=one.id)
        for one in due
    ]
    return authorise(authorisations=items, actor=Actor.system(), now=now)


def _refund(due: Sequence[DueClock], now: datetime) -> list[Outcome]:
    shipping = queries.terms_said((one.return_id for one in due), "shipping_refund")
    items = [
        Settlement(
            one.return_id,
            clock_id=one.id,
            shipping=shipping.get(one.return_id, "none"),
            ahead=one.kind in AHEAD,
        )
        for one in due
    ]
    return settle(settlements=items, actor=Actor.system(), now=now)


def _charge(due: Sequence[DueClock], now: datetime) -> list[Outcome]:
    items = [Collecting(one.return_id, kind=CHARGE, clock_id=one.id) for one in due]
    return collect(collections=items, actor=Actor.system(), now=now)


def _expire(due: Sequence[DueClock], now: datetime) -> list[Outcome]:
    return expire(expiries=[Expiry(one.return_id, clock_id=one.id) for one in due], actor=Actor.system(), now=now)


def _cancel(due: Sequence[DueClock], now: datetime) -> list[Outcome]:
    items = [Cancellation(one.return_id, BY_CLOCK, clock_id=one.id) for one in due]
    return cancel(cancellations=items, actor=Actor.system(), now=now)


def _reject(due: Sequence[DueClock], now: datetime) -> list[Outcome]:
    items = [Rejection(one.return_id, BY_CLOCK, clock_id=one.id) for one in due]
    return reject(rejections=items, actor=Actor.system(), now=now)


def _escalate(due: Sequence[DueClock], now: datetime) -> list[Outcome]:
    return escalate(escalations=[Escalation(one.return_id, one.id) for one in due], actor=Actor.system(), now=now)


def _lapse(due: Sequence[DueClock], now: datetime) -> list[Outcome]:
    return lapse_offers(lapses=[Lapse(one.return_id, one.id) for one in due], actor=Actor.system(), now=now)


_ACTS: dict[Then, Act] = {
    Then.APPROVE: _approve,
    Then.REFUND: _refund,
    Then.CHARGE: _charge,
    Then.EXPIRE: _expire,
    Then.CANCEL: _cancel,
    Then.REJECT: _reject,
    Then.ESCALATE: _escalate,
    Then.LAPSE: _lapse,
}


def warn_due(now: datetime) -> int:
    """Tell each side once that its time is running out: the customer, or the role that would get it; how many."""
    warned = 0
    while rows := clocks.clocks_to_warn(now, LOOK):
        with transaction.atomic():
            context = begin("returns.warn", actor=Actor.system(), now=now, items=len(rows))
            found = _warn({clock_id for clock_id, _ in rows}, {return_id for _, return_id in rows}, context)
        if not found:
            return warned
        warned += found
    return warned


def _warn(clock_ids: set[Any], return_ids: set[Any], context: Context) -> int:
    due = [
        (case.header, each)
        for case in docket.load(return_ids).values()
        for each in case.clocks
        if each.id in clock_ids and each.warned_at is None
    ]
    rows = [{"id": each.id, "warned_at": context.now} for _, each in due]
    setwrites.update(Clock, rows, assign=("warned_at",))
    ours = [pair for pair in due if pair[1].side != Side.CUSTOMER]
    theirs = [_to_customer(*pair) for pair in due if pair[1].side == Side.CUSTOMER]
    outbox.queue(context, [*theirs, *staff_notices.messages("staff_due", ours)])
    return len(due)


def _to_customer(header: Return, each: Clock) -> outbox.Message:
    last = (each.due_at - timedelta(microseconds=1)).astimezone(clock.zone(settings.DISPLAY_ZONE))  # stored exclusive
    message = notifications.message(
        _NOTICES[Kind(each.kind)],
        owner_kind="customer",
        owner_id=header.customer_id,
        aggregate_id=header.id,
        data={
            "number": header.number,
            "until": last.strftime("%Y-%m-%d %H:%M"),
            "link": settings.RETURN_PAGE.format(id=header.id),
        },
    )
    return replace(message, dedupe_key=f"{message.dedupe_key}:{each.id.hex}")
