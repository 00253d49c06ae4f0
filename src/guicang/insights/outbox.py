"""What waits to be sent or done, what failed and why, as the desk shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from guicang.kernel.actor import Scope
from guicang.kernel.ids import NIL
from guicang.kernel.models import OutboxMessage
from guicang.notifications import operations as notices
from guicang.org import queries as org
from guicang.returns.models import Return

PAGE = 50
#: Nothing due waits so long where a worker runs.
LATE = timedelta(minutes=5)
_OPEN = Q(done_at__isnull=True, dead_at__isnull=True)
#: State -> what its rows have in common.
STATES: dict[str, Q] = {
    "waiting": _OPEN & Q(last_error=""),
    "retrying": _OPEN & ~Q(last_error=""),
    "dead": Q(done_at__isnull=True, dead_at__isnull=False),
    "done": Q(done_at__isnull=False, dead_at__isnull=True),
    "dropped": Q(done_at__isnull=False, dead_at__isnull=False),
}
#: What a message is about is a return: the page can lead there.
OF_RETURNS = frozenset({"notice.send", "handover.goods", "return.changed", "webhook.deliver"})


class Row(NamedTuple):
    """`about`: (return, number), if it is of one. `letter`: subject and text, if it is one to a person."""

    id: UUID
    topic: str
    created_at: datetime
    run_after: datetime
    attempts: int
    state: str
    ended_at: datetime | None
    fault: str
    error: str
    about: tuple[UUID, str] | None
    letter: notices.Letter | None


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    more: bool
    counts: Mapping[str, int]
    #: Since when the oldest due message waits, where that is too long: no worker runs, or it cannot keep pace.
    late_since: datetime | None


def page(
    scope: Scope,
    now: datetime,
    *,
    state: str = "",
    topic: str = "",
    after: UUID | None = None,
    is_demo: bool = False,
    size: int = PAGE,
) -> Page:
    """Messages of a scope, newest first; at most 5 statements. `is_demo`: one-time codes are shown, else masked."""
    messages = scoped(scope)
    rows = messages.filter(STATES[state]) if state in STATES else messages
    rows = rows.filter(topic=topic) if topic else rows
    rows = rows.filter(id__lt=after) if after else rows
    found = list(rows.order_by("-id")[: size + 1])
    # Apart, so that each is counted by its own partial index: what is done is most of the table.
    counts = messages.filter(_OPEN).aggregate(
        waiting=Count("pk", filter=Q(last_error="")),
        retrying=Count("pk", filter=~Q(last_error="")),
        late=Min("run_after", filter=Q(run_after__lte=now - LATE)),
    )
    late_since = counts.pop("late")
    counts["dead"] = messages.filter(STATES["dead"]).count()
    return Page(_dress(found[:size], is_demo), len(found) > size, counts, late_since)


def scoped(scope: Scope) -> QuerySet[OutboxMessage]:
    """Whoever is bound to the only company sees all; else what is of a return or of the books in the bounds."""
    whole = {scope.shop_id, scope.warehouse_id} == {NIL}
    if whole and (scope.company_id == NIL or set(org.companies()) == {scope.company_id}):
        return OutboxMessage.objects.all()
    bounds = scope.filters(company_id="company_id", shop_id="shop_id", warehouse_id="warehouse_id")
    mine = Q(aggregate_id__in=Return.objects.filter(**bounds).values("id"), topic__in=OF_RETURNS)
    books = Q(topic="accounting.voucher.v1", body__company_id=str(scope.company_id))
    return OutboxMessage.objects.filter(mine | books if whole else mine)


def ids_in(scope: Scope, ids: Sequence[UUID]) -> list[UUID]:
    """Those of `ids` that the scope holds; at most 2 statements."""
    return list(scoped(scope).filter(id__among=list(ids)).values_list("id", flat=True))


def _dress(rows: Sequence[OutboxMessage], is_demo: bool) -> list[Row]:
    wanted = [row.aggregate_id for row in rows if row.topic in OF_RETURNS]
    numbers = dict(Return.objects.filter(id__among=wanted).values_list("id", "number")) if wanted else {}
    return [
        Row(
            row.id,
            row.topic,
            row.created_at,
            row.run_after,
            row.attempts,
            _state(row),
            row.done_at or row.dead_at,
            row.last_error.partition(" ")[0].rstrip(":") if row.done_at is None else "",
            row.last_error if row.done_at is None else "",
            (row.aggregate_id, numbers[row.aggregate_id]) if row.aggregate_id in numbers else None,
            _letter(row, is_demo),
        )
        for row in rows
    ]


def _state(row: OutboxMessage) -> str:
    if row.done_at:
        return "dropped" if row.dead_at else "done"
    return "dead" if row.dead_at else "retrying" if row.last_error else "waiting"


def _letter(row: OutboxMessage, is_demo: bool) -> notices.Letter | None:
    body: Mapping[str, Any] = row.body
    if row.topic == "portal.code":
        return notices.code_letter(row.aggregate_id, body.get("language", ""), masked=not is_demo)
    if row.topic != notices.TOPIC:
        return None
    try:
        return notices.letter(body["notice"], body["data"], body["language"])
    except (KeyError, ValueError):
        return None  # a notice of another version of the program
