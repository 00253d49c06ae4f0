"""The first page of the desk: what waits, the oldest of it, and where money leaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Min, Q

from guicang.insights import approvals, worklist
from guicang.kernel.actor import Actor, Scope
from guicang.kernel.ids import NIL
from guicang.org import queries as org
from guicang.policy.queries.reviews import reviews_due

#: Who empties each of the four lists.
OWNERS = {
    "refunded_not_received": "warehouse",
    "received_not_refunded": "finance",
    "goods_differ": "approver",
    "parcels_unknown": "agent",
}
FIRST = 3
#: Counted up to so many.
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queue of work: how many returns, and since when the oldest was asked for."""

    code: str
    count: int
    oldest: datetime | None


class First(NamedTuple):
    id: UUID
    number: str
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class Leak:
    """One of the four lists, who empties it, and its oldest returns."""

    queue: worklist.Queue
    owner: str
    first: list[First]


class Due(NamedTuple):
    """Returns by what is due: overdue, by the end of the day (the overdue ones too), escalated, refunds overdue."""

    overdue: int
    today: int
    escalated: int
    refunds: int


def due(scope: Scope, now: datetime, tonight: datetime) -> Due:
    """2 statements over returns with a clock alone."""
    rows = worklist.scoped(scope).filter(due_at__isnull=False).order_by()
    counted = rows.aggregate(
        overdue=Count("id", filter=Q(due_at__lte=now)),
        today=Count("id", filter=Q(due_at__lt=tonight)),
        escalated=Count("id", filter=~Q(escalated_to="")),
    )
    late = worklist.count(scope, worklist.Filters(overdue=True, clock="refund"), now, MOST)
    return Due(counted["overdue"], counted["today"], counted["escalated"], late)


def waiting_for(actor: Actor, queues: Sequence[str], now: datetime) -> list[Waiting]:
    """What the reader himself may decide, then the queues; at most 4 statements.

    Those who only decide where a flow names them are not shown a list that is always empty.
    """
    mine, found = approvals.waiting(actor, now), waiting(actor.scope, queues)
    shown = mine.count or actor.may(approvals.ALONE)
    return [Waiting("mine", mine.count, mine.oldest), *found] if shown else found


def waiting(scope: Scope, queues: Sequence[str]) -> list[Waiting]:
    """The queues in the order given; 1 statement over open returns alone."""
    states = [state for queue in queues for state in worklist.QUEUES[queue]]
    rows = worklist.in_states(worklist.scoped(scope), states).order_by().values_list("state")
    found = {state: (n, oldest) for state, n, oldest in rows.annotate(n=Count("*"), oldest=Min("requested_at"))}
    return [_waiting(queue, [found[s] for s in worklist.QUEUES[queue] if s in found]) for queue in queues]


def _waiting(queue: str, parts: Sequence[tuple[int, datetime]]) -> Waiting:
    return Waiting(queue, sum(n for n, _ in parts), min((oldest for _, oldest in parts), default=None))


def oldest(scope: Scope, queues: Sequence[str], size: int) -> list[worklist.Row]:
    """The returns that have waited longest in these queues; at most 7 statements."""
    states = [state for queue in queues for state in worklist.QUEUES[queue]]
    return worklist.first(scope, states, size)


def leaks(scope: Scope) -> list[Leak]:
    """The four lists with the oldest of each; at most 5 statements, over what is on a list alone."""
    found = []
    for queue in worklist.four_lists(scope):
        rows = worklist.four_list(scope, queue.code).order_by("requested_at", "id") if queue.count else ()
        first = [First(row.id, row.number, row.requested_at) for row in rows[:FIRST]]
        found.append(Leak(queue, OWNERS[queue.code], first))
    return found


class Review(NamedTuple):
    """A policy that somebody should look at again: `number` is in force, `before` the version before it (0: none)."""

    code: str
    company: str
    since: datetime
    number: int
    before: int


def reviews(scope: Scope, now: datetime) -> list[Review]:
    """Of who sees whole companies: 1 statement, 2 more where any is due."""
    if scope.shop_id != NIL or scope.warehouse_id != NIL:
        return []
    due = reviews_due(scope.company_id, now)
    companies = org.companies([one.company_id for one in due]) if due else {}
    return [
        Review(companies[one.company_id].code, companies[one.company_id].name, one.since, one.number, one.before)
        for one in due
        if one.company_id in companies
    ]
