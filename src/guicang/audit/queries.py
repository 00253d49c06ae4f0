"""Reading the trail."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection

from guicang.audit import errors, rules
from guicang.audit.models import AuditHead, AuditRow
from guicang.kernel.setwrites import chunks


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One link, for showing: `before` and `after` parsed."""

    seq: int
    action: str
    reason: str
    actor_kind: str
    actor_id: UUID
    occurred_at: datetime
    recorded_at: datetime
    origin: str
    command_id: UUID
    before: dict[str, Any]
    after: dict[str, Any]
    #: Its seal, which covers that of the link before.
    mac: str


class Tail(NamedTuple):
    """The last link of a chain."""

    seq: int
    mac: str


def secrets() -> dict[str, bytes]:
    """Key id to secret, in the order of settings: new rows use the last. Raises NoAuditKey."""
    keys = {key_id: secret.encode() for key_id, secret in settings.AUDIT_KEYS.items()}
    if not keys:
        raise errors.NoAuditKey("settings.AUDIT_KEYS is empty")
    return keys


def aggregate_ids(kind: str) -> Iterator[UUID]:
    """Every aggregate of `kind` that was ever audited, in id order; one streamed statement.

    Whoever owns the kind compares it with the rows there are: what is audited and gone was removed.
    """
    first = AuditRow.objects.filter(aggregate_kind=kind, seq=1).order_by("aggregate_id")
    return first.values_list("aggregate_id", flat=True).iterator(chunk_size=5000)


def last_values(kind: str, names: Collection[str]) -> Iterator[tuple[UUID, dict[str, Any]]]:
    """Of every aggregate of `kind`, in id order, the last value that its trail gives of each name; one streamed
    statement. Values are as stored (`as_stored`); a name that never changed is absent.
    """
    rows = AuditRow.objects.filter(aggregate_kind=kind).order_by("aggregate_id", "seq")
    links = rows.values_list("aggregate_id", "after").iterator(chunk_size=5000)
    for key, own in groupby(links, key=itemgetter(0)):
        said: dict[str, Any] = {}
        for _, after in own:
            said |= {name: value for name, value in json.loads(after).items() if name in names}
        yield key, said


def as_stored(value: Any) -> Any:
    """A value as the trail gives it back: ids, dates and decimals as strings."""
    return value if value is None or isinstance(value, str | int) else json.loads(rules.canonical({"": value}))[""]


def since(aggregate_ids: Iterable[UUID], action: str, at: datetime) -> set[UUID]:
    """Those of the aggregates to which this was done after `at`; 1 statement per 1,000."""
    found: set[UUID] = set()
    for batch in chunks(sorted(set(aggregate_ids))):
        rows = AuditRow.objects.filter(aggregate_id__among=batch, action=action, occurred_at__gt=at)
        found.update(rows.values_list("aggregate_id", flat=True))
    return found


def history(aggregate_id: UUID) -> list[HistoryItem]:
    """What happened to one aggregate, oldest first; 1 statement."""
    rows = AuditRow.objects.filter(aggregate_id=aggregate_id).order_by("seq")
    return [
        HistoryItem(
            seq=row.seq,
            action=row.action,
            reason=row.reason,
            actor_kind=row.actor_kind,
            actor_id=row.actor_id,
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
            origin=row.origin,
            command_id=row.command_id,
            before=json.loads(row.before),
            after=json.loads(row.after),
            mac=row.mac,
        )
        for row in rows
    ]


def version(aggregate_id: UUID) -> int:
    """The number of an aggregate's last link, 0 before the first; 1 statement."""
    found = AuditRow.objects.filter(aggregate_id=aggregate_id).order_by("-seq").values_list("seq", flat=True).first()
    return found or 0


def commands_after(aggregate_id: UUID, seq: int) -> set[UUID]:
    """The commands that wrote the links after `seq`; 1 statement."""
    rows = AuditRow.objects.filter(aggregate_id=aggregate_id, seq__gt=seq)
    return set(rows.values_list("command_id", flat=True))


def tails(aggregate_ids: Sequence[UUID]) -> dict[int, Tail]:
    """The last link of each chain that has begun, by the id as an integer.

    ceil(n / 1000) statements, each an index probe a chain.
    """
    table = connection.ops.quote_name(AuditRow._meta.db_table)
    if connection.vendor == "postgresql":
        sql = (
            f"SELECT w.id, r.seq, r.mac FROM unnest(%s::uuid[]) AS w(id) CROSS JOIN LATERAL "  # noqa: S608
            f"(SELECT seq, mac FROM {table} WHERE aggregate_id = w.id ORDER BY seq DESC LIMIT 1) AS r"
        )
    else:
        # CROSS JOIN keeps SQLite from reading the whole trail first.
        sql = (
            f"SELECT r.aggregate_id, r.seq, r.mac FROM json_each(%s) AS w CROSS JOIN {table} AS r "  # noqa: S608
            f"ON r.aggregate_id = w.value AND r.seq = (SELECT MAX(seq) FROM {table} WHERE aggregate_id = w.value)"
        )
    found: dict[int, Tail] = {}
    with connection.cursor() as cursor:
        for batch in chunks(aggregate_ids):
            keys = batch if connection.vendor == "postgresql" else json.dumps([key.hex for key in batch])
            cursor.execute(sql, [keys])
            for key, seq, last_mac in cursor.fetchall():
                found[key.int if isinstance(key, UUID) else int(key, 16)] = Tail(seq, last_mac)
    return found


def head_is_whole(head: AuditHead, secrets: Mapping[str, bytes]) -> bool:
    """True where the count stands under its own MAC."""
    secret = secrets.get(head.key_id)
    if secret is None:
        return False
    return head.mac == rules.head_mac(secret, head.company_id, head.bucket, head.count, head.key_id)
