"""Side effects that wait for their transaction: queued with it, claimed under a lease, retried, parked.

A message is delivered at least once. A handler with database effects uses `exactly_once`; one that
calls the outside (mail, gateway, file) hands the envelope's id on as its idempotency key.
Bodies hold ids, codes and amounts, never personal data.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Min, Q

from guicang.kernel import clock, commands, setwrites
from guicang.kernel.compiled import compiled
from guicang.kernel.ids import NIL, derived_id, new_id
from guicang.kernel.models import Listener, Origin, OutboxMessage

#: With the backoff below: given up after about two hours.
MAX_ATTEMPTS = 12
BACKOFF_SECONDS = 2
BACKOFF_CAP_SECONDS = 3600
LEASE_SECONDS = 60

_WAITING = Q(done_at__isnull=True, dead_at__isnull=True)
#: Parked. What was parked and then dropped has both instants.
_DEAD = Q(done_at__isnull=True, dead_at__isnull=False)


class LeaseLost(Exception):
    """The message was claimed by another worker, or is done. Leave it alone."""


class HandlerError(Exception):
    """A failure with a text fit for storage: codes and ids, no personal data. It is retried."""


class GiveUp(HandlerError):
    """A failure that no retry can mend: the message is parked at once."""


class TryLater(HandlerError):
    """A failure whose next attempt comes `after` so long, as the handler's own plan says, instead of the backoff."""

    def __init__(self, text: str, after: timedelta) -> None:
        super().__init__(text)
        self.after = after


class NotNow(TryLater):
    """Nothing was tried: the message comes back `after` so long, and no attempt is counted."""


@dataclass(frozen=True, slots=True)
class Message:
    """What to queue. Equal (topic, dedupe_key) is one effect, for good: topics of which a key could come again after
    `KEEP_DONE_DAYS` must not stand in settings.OUTBOX_FORGOTTEN."""

    topic: str
    body: Mapping[str, Any]
    dedupe_key: str
    aggregate_id: UUID = NIL
    run_after: datetime | None = None
    version: int = 1


@dataclass(slots=True)
class Lease:
    """Who holds a message; `attempt` tells two claims by the same worker apart.

    What is left of `seconds` is told by this process's monotonic clock: no other clock has a say in it.
    """

    owner: str
    attempt: int
    seconds: float = LEASE_SECONDS
    since: float = field(default_factory=time.monotonic)
    finished: bool = False

    def short(self) -> bool:
        """Less than half is left: too little to begin, or to go on, without taking it anew."""
        return time.monotonic() - self.since >= self.seconds / 2


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a handler gets. `id` is the idempotency key of whatever it does."""

    id: UUID
    topic: str
    version: int
    occurred_at: datetime
    aggregate_id: UUID
    body: Mapping[str, Any]
    lease: Lease = field(compare=False, repr=False)

    def as_dict(self) -> dict[str, Any]:
        """The versioned form that leaves the house."""
        return {
            "id": str(self.id),
            "topic": self.topic,
            "version": self.version,
            "occurred_at": self.occurred_at.isoformat(),
            "aggregate_id": str(self.aggregate_id),
            "body": dict(self.body),
        }


def queue(context: commands.Context, messages: Sequence[Message]) -> None:
    """Queue in the caller's transaction; ceil(n / 1000) statements. A known dedupe key is left as it is.

    Raises RuntimeError on history: past documents notify nobody, and a step that tries has a bug.
    """
    if not messages:
        return
    if context.origin == Origin.HISTORY:
        raise RuntimeError(f"history must not queue {messages[0].topic}")
    rows = [
        {
            "id": new_id(),
            "topic": message.topic,
            "lane": settings.OUTBOX_LANES.get(message.topic, ""),
            "version": message.version,
            "dedupe_key": message.dedupe_key,
            "body": message.body,
            "aggregate_id": message.aggregate_id,
            "command_id": context.id,
            "created_at": context.now,
            "run_after": message.run_after or context.now,
            "lease_until": None,
            "done_at": None,
            "dead_at": None,
        }
        for message in messages
    ]
    setwrites.insert(OutboxMessage, rows, ignore_conflicts=True)


_listening = compiled(lambda topics: Listener.objects.filter(topic__among=topics).values_list("company_id"))


def heard(topic: str, company_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the companies whose `topic` somebody wants; 1 statement. What nobody wants need not be queued."""
    wanted = {company_id for (company_id,) in _listening([topic])}
    return set(company_ids) if NIL in wanted else wanted.intersection(company_ids)


def listen(topic: str, company_id: UUID, wanted: bool) -> None:
    """Have `topic` of a company queued from now on, or no more. In the caller's transaction; 1 statement."""
    row_id = derived_id("listener", topic, company_id)
    if wanted:
        row = {"id": row_id, "topic": topic, "company_id": company_id}
        setwrites.insert(Listener, [row], ignore_conflicts=True)
    else:
        Listener.objects.filter(pk=row_id).delete()


def database_now() -> datetime:
    """The clock that leases are measured by, of which all workers of a database must have one.

    1 statement on PostgreSQL; SQLite's workers are on one machine. A worker whose own clock runs a minute
    ahead would else take messages out of the hands of others.
    """
    if connection.vendor != "postgresql":
        return clock.utcnow()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        instant: datetime = cursor.fetchone()[0]
    return instant


def due(now: datetime, lane: str = "") -> bool:
    """True where a claim would find something. A read: an idle worker must not take SQLite's write lock."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    return OutboxMessage.objects.filter(_WAITING, free, lane=lane, run_after__lte=now).exists()


def claim(
    worker: str, limit: int, lease_seconds: float = LEASE_SECONDS, *, now: datetime, lane: str = ""
) -> list[Envelope]:
    """Take up to `limit` due messages of a lane for `lease_seconds`, oldest first; 1 or 2 statements."""
    abandoned = claim_abandoned(worker, lease_seconds, now=now, lane=lane)
    return abandoned or claim_fresh(worker, limit, lease_seconds, now=now, lane=lane)


def claim_abandoned(
    worker: str, lease_seconds: float = LEASE_SECONDS, *, now: datetime, lane: str = ""
) -> list[Envelope]:
    """Take one message whose lease ran out, if there is one; looks at every message that waits.

    It comes alone: it may be what killed its worker, and messages claimed beside it must not count that
    death as an attempt of theirs.
    """
    return _take(worker, 1, lease_seconds, now, lane, "lease_until < %s")


def claim_fresh(
    worker: str, limit: int, lease_seconds: float = LEASE_SECONDS, *, now: datetime, lane: str = ""
) -> list[Envelope]:
    """Take up to `limit` due messages that nobody holds, oldest first; as quick beside a hundred thousand others."""
    return _take(worker, limit, lease_seconds, now, lane, "")


def _take(worker: str, limit: int, lease_seconds: float, now: datetime, lane: str, abandoned: str) -> list[Envelope]:
    table = connection.ops.quote_name(OutboxMessage._meta.db_table)
    picked = (
        f"SELECT id FROM {table} WHERE done_at IS NULL AND dead_at IS NULL AND lane = %s AND run_after <= %s "  # noqa: S608
        f"AND {abandoned or 'lease_until IS NULL'} ORDER BY run_after, id LIMIT %s"
    )
    change = f"UPDATE {table} SET lease_until = %s, lease_owner = %s, attempts = attempts + 1 WHERE id IN "  # noqa: S608
    instant = connection.ops.adapt_datetimefield_value(now)
    until = now + timedelta(seconds=lease_seconds)
    pick_values: list[Any] = [lane, instant, *([instant] if abandoned else []), limit]
    values: list[Any] = [connection.ops.adapt_datetimefield_value(until), worker]
    if connection.vendor == "postgresql":
        # MATERIALIZED: as a plain sub-select it may run again for every row and lock more than `limit`.
        sql = f"WITH p AS MATERIALIZED ({picked} FOR UPDATE SKIP LOCKED) {change} (SELECT id FROM p) RETURNING *"  # noqa: S608
        values = [*pick_values, *values]
    else:
        sql = f"{change} ({picked}) RETURNING *"
        values = [*values, *pick_values]
    since = time.monotonic()
    rows = sorted(OutboxMessage.objects.raw(sql, values), key=lambda row: (row.run_after, row.id))
    return [_envelope(row, Lease(worker, row.attempts, lease_seconds, since)) for row in rows]


def _envelope(row: OutboxMessage, lease: Lease) -> Envelope:
    return Envelope(row.id, row.topic, row.version, row.created_at, row.aggregate_id, row.body, lease)


def _held(envelope: Envelope) -> Any:
    lease = envelope.lease
    return OutboxMessage.objects.filter(_WAITING, pk=envelope.id, lease_owner=lease.owner, attempts=lease.attempt)


@contextmanager
def exactly_once(envelope: Envelope) -> Iterator[None]:
    """A transaction in which the message is marked done together with the handler's database effects.

    Raises LeaseLost before any effect where another worker has taken the message since. The row's
    lock is held to the end, so nobody can take it in between. Must be the outermost transaction.
    """
    with transaction.atomic(durable=True):
        if not _held(envelope).update(done_at=clock.utcnow(), lease_until=None):
            raise LeaseLost(str(envelope.id))
        yield
    envelope.lease.finished = True


def extend(envelope: Envelope) -> None:
    """Take the lease anew from now on. Raises LeaseLost."""
    since = time.monotonic()
    if not _held(envelope).update(lease_until=database_now() + timedelta(seconds=envelope.lease.seconds)):
        raise LeaseLost(str(envelope.id))
    envelope.lease.since = since


def keep(envelope: Envelope) -> None:
    """`extend` from beside a handler that runs; does nothing where the row is locked or another worker's.

    Locked is held: the handler is inside `exactly_once`, and to wait for it would be to hang with it.
    """
    with transaction.atomic():
        held = _held(envelope)
        if connection.features.has_select_for_update_skip_locked:
            held = held.select_for_update(skip_locked=True)
        if held.exists():
            extend(envelope)


def park(envelope: Envelope, why: str, *, now: datetime) -> bool:
    """Make a dead letter of a message whose handler does not return; False where the row is locked or not ours."""
    with transaction.atomic():
        held = _held(envelope)
        if connection.features.has_select_for_update_skip_locked:
            held = held.select_for_update(skip_locked=True)
        return held.exists() and bool(_held(envelope).update(dead_at=now, lease_until=None, last_error=why))


def finish(envelope: Envelope, *, now: datetime) -> bool:
    """Mark done. False where the lease was lost: the effect, known by the envelope's id, may happen again."""
    if not envelope.lease.finished:
        envelope.lease.finished = bool(_held(envelope).update(done_at=now, lease_until=None))
    return envelope.lease.finished


def fail(envelope: Envelope, error: BaseException, *, now: datetime) -> str:
    """Back off, or park after MAX_ATTEMPTS or a GiveUp; answers "retry", "dead", "later" (NotNow) or "lost"."""
    attempt = envelope.lease.attempt
    if isinstance(error, NotNow):
        again = {"run_after": now + error.after, "attempts": attempt - 1}
        return "later" if _held(envelope).update(lease_until=None, **again) else "lost"
    dead = isinstance(error, GiveUp) or attempt >= MAX_ATTEMPTS
    after = error.after if isinstance(error, TryLater) else backoff(attempt)
    values: dict[str, Any] = {"dead_at": now} if dead else {"run_after": now + after}
    if not _held(envelope).update(lease_until=None, last_error=describe(error), **values):
        return "lost"
    return "dead" if dead else "retry"


def release(envelopes: Sequence[Envelope]) -> None:
    """Hand back unhandled messages at once, as if they had never been claimed (a worker that stops)."""
    for envelope in envelopes:
        _held(envelope).update(lease_until=None, attempts=envelope.lease.attempt - 1)


def backoff(attempt: int) -> timedelta:
    """2 s, doubling, at most an hour; half of it random, so that what failed together does not return together."""
    whole = min(BACKOFF_CAP_SECONDS, BACKOFF_SECONDS * 2 ** (attempt - 1))
    return timedelta(seconds=whole * random.uniform(0.5, 1.0))  # noqa: S311 - not a secret


def describe(error: BaseException) -> str:
    """Type and place; the text only of our own errors, since others quote addresses and names."""
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    place = f" at {Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame else ""
    text = f": {error}" if isinstance(error, HandlerError) else ""
    return f"{type(error).__name__}{text}{place}"[:1000]


def retry(ids: Sequence[UUID], *, now: datetime) -> int:
    """Give dead messages all their attempts anew, from now on; answers how many were dead."""
    changed = 0
    for batch in setwrites.chunks(ids):
        dead = OutboxMessage.objects.filter(_DEAD, pk__among=batch)
        changed += dead.update(dead_at=None, attempts=0, run_after=now, lease_until=None, lease_owner="")
    return changed


def dead_ids() -> list[UUID]:
    """Every dead message, oldest first; 1 statement."""
    return list(OutboxMessage.objects.filter(_DEAD).order_by("pk").values_list("pk", flat=True))


def drop(ids: Sequence[UUID], *, now: datetime) -> int:
    """Give dead messages up for good: they stay to be read, and never go; answers how many were dead."""
    return sum(
        OutboxMessage.objects.filter(_DEAD, pk__among=batch).update(done_at=now) for batch in setwrites.chunks(ids)
    )


def aggregates(ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """What messages are about, by message; 1 statement."""
    return dict(OutboxMessage.objects.filter(pk__among=list(ids)).values_list("pk", "aggregate_id"))


def stats(now: datetime) -> dict[str, Any]:
    """Counts, and for how many seconds the oldest due message waits: a growing lag means no worker. 1 statement."""
    found = OutboxMessage.objects.aggregate(
        waiting=Count("pk", filter=_WAITING),
        due=Count("pk", filter=_WAITING & Q(run_after__lte=now)),
        leased=Count("pk", filter=_WAITING & Q(lease_until__gte=now)),
        retrying=Count("pk", filter=_WAITING & ~Q(last_error="")),
        dead=Count("pk", filter=_DEAD),
        done=Count("pk", filter=Q(done_at__isnull=False, dead_at__isnull=True)),
        oldest=Min("run_after", filter=_WAITING & Q(run_after__lte=now)),
    )
    oldest = found.pop("oldest")
    return {**found, "lag_seconds": max(0, int((now - oldest).total_seconds())) if oldest else 0}


def last(limit: int = 20, *, dead: bool = False, topic: str = "") -> list[dict[str, Any]]:
    """The newest messages (of a topic), or the newest dead ones, without their bodies; 1 statement."""
    rows = OutboxMessage.objects.filter(_DEAD) if dead else OutboxMessage.objects.all()
    rows = rows.filter(topic=topic) if topic else rows
    what = ("id", "topic", "version", "aggregate_id", "created_at")
    state = ("run_after", "attempts", "done_at", "dead_at", "last_error")
    return list(rows.order_by("-pk").values(*what, *state)[:limit])
