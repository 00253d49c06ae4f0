"""Reading endpoints and their log; only for whoever may see a whole company."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet

from guicang.integrations.webhooks.models import Attempt, Delivery, Endpoint, Secret, State
from guicang.kernel.actor import Actor
from guicang.kernel.ids import NIL

PERMISSION = "webhooks.manage"
PAGE = 30
#: What a log can be filtered by.
STATES = tuple(State.values)


class Counts(NamedTuple):
    waiting: int = 0
    failed: int = 0
    held: int = 0
    last: datetime | None = None


class Try(NamedTuple):
    number: int
    begun_at: datetime
    ended_at: datetime | None
    status: int
    error: str
    ms: int
    answer: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A delivery of the log with its attempts, the last one first."""

    id: UUID
    message_id: str
    type: str
    aggregate_id: UUID
    payload: str
    created_at: datetime
    state: str
    attempts: int
    last_status: int
    last_error: str
    next_at: datetime | None
    tries: list[Try] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sheet:
    """An endpoint with a page of its log. `secrets`: (made, ends) of those that sign."""

    endpoint: Endpoint
    secrets: list[tuple[datetime, datetime | None]]
    entries: list[Entry]
    more: bool
    counts: Counts

    @property
    def lost(self) -> int:
        """What `steps.replay` would send again."""
        return self.counts.failed + self.counts.held


def message_id(event_id: UUID) -> str:
    """What a receiver knows a repeat by."""
    return f"msg_{event_id.hex}"


def scoped(actor: Actor) -> QuerySet[Endpoint]:
    """Endpoints of the actor's companies; none for whoever sees one shop or warehouse: events are a company's."""
    if not actor.may(PERMISSION) or {actor.scope.shop_id, actor.scope.warehouse_id} != {NIL}:
        return Endpoint.objects.none()
    return Endpoint.objects.filter(**actor.scope.filters(company_id="company_id"))


def endpoints(actor: Actor) -> list[tuple[Endpoint, Counts]]:
    """By age, with what lies in their logs; 2 statements."""
    rows = list(scoped(actor).order_by("id"))
    found = counts([row.id for row in rows])
    return [(row, found.get(row.id, Counts())) for row in rows]


def counts(ids: Iterable[UUID]) -> dict[UUID, Counts]:
    """1 statement."""
    rows = Delivery.objects.filter(endpoint_id__among=list(ids)).order_by().values_list("endpoint_id")
    found = rows.annotate(
        waiting=Count("pk", filter=Q(state=State.WAITING)),
        failed=Count("pk", filter=Q(state=State.FAILED)),
        held=Count("pk", filter=Q(state=State.HELD)),
        last=Max("ended_at", filter=Q(state=State.DELIVERED)),
    )
    return {row[0]: Counts(*row[1:]) for row in found}


def troubled(actor: Actor) -> list[Endpoint]:
    """Endpoints that were switched off by what they answered; 1 statement."""
    return list(scoped(actor).filter(is_on=False, off_reason__in=["gone", "failing"]).order_by("id"))


def sheet(
    actor: Actor, endpoint_id: UUID, now: datetime, *, state: str = "", after: UUID | None = None, size: int = PAGE
) -> Sheet | None:
    """None where the actor sees no such endpoint. 5 statements."""
    endpoint = scoped(actor).filter(id=endpoint_id).first()
    if endpoint is None:
        return None
    rows = Delivery.objects.filter(endpoint_id=endpoint_id)
    rows = rows.filter(state=state) if state in STATES else rows
    rows = rows.filter(id__lt=after) if after else rows
    found = list(rows.order_by("-id")[: size + 1])
    secrets = Secret.objects.filter(valid(now), endpoint_id=endpoint_id).order_by("id")
    return Sheet(
        endpoint,
        list(secrets.values_list("created_at", "ends_at")),
        _entries(found[:size]),
        len(found) > size,
        counts([endpoint_id]).get(endpoint_id, Counts()),
    )


def valid(now: datetime) -> Q:
    """Secrets that sign."""
    return Q(ends_at__isnull=True) | Q(ends_at__gt=now)


def _entries(rows: list[Delivery]) -> list[Entry]:
    tries: dict[UUID, list[Try]] = {}
    log = Attempt.objects.filter(delivery_id__among=[row.id for row in rows]).order_by("-id")
    for delivery_id, *columns in log.values_list("delivery_id", *Try._fields):
        tries.setdefault(delivery_id, []).append(Try(*columns))
    return [
        Entry(
            row.id,
            message_id(row.event_id),
            row.type,
            row.aggregate_id,
            row.payload,
            row.created_at,
            row.state,
            row.attempts,
            row.last_status,
            row.last_error,
            row.next_at,
            tries.get(row.id, []),
        )
        for row in rows
    ]
