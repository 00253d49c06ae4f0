"""Writing the trail: the last thing a step does before it queues."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from guicang.audit import errors, queries, rules
from guicang.audit.models import AuditHead, AuditRow
from guicang.kernel import commands, setwrites
from guicang.kernel.ids import derived_id, new_id

log = logging.getLogger("guicang.audit")

#: One separator after each covered column but the last, and one after the word "row".
_SEPARATORS = len(rules.COVERED)
#: A company's id as an integer, and a bucket.
Place = tuple[int, int]
_NO_TAIL = queries.Tail(0, "")


class AuditEntry(NamedTuple):
    """One change of one aggregate. Values are codes, amounts and references, never personal data."""

    company_id: UUID
    aggregate_kind: str
    aggregate_id: UUID
    action: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    reason: str = ""
    occurred_at: datetime | None = None


#: What the steps of one transaction have recorded so far; None where each step is a transaction of its own.
_BookDate = Callable[[AuditEntry], date] | None
_waiting: ContextVar[list[tuple[commands.Context, Sequence[AuditEntry], _BookDate]] | None] = ContextVar(
    "audit_waiting", default=None
)


@contextmanager
def together() -> Iterator[None]:
    """Several steps in one transaction: what they record is written at its end, in their order.

    The heads are the last locks of all. A second step that locked levels after the first one's heads would wait for
    one who holds levels and wants heads. Written where the block ends well; an exception takes all of it along.
    """
    gathered: list[tuple[commands.Context, Sequence[AuditEntry], _BookDate]] = []
    outer = _waiting.set(gathered)
    try:
        yield
    finally:
        _waiting.reset(outer)
    if (around := _waiting.get()) is not None:
        around.extend(gathered)
        return
    # All heads at once, in key order; each record below finds its own locked.
    entries = [entry for _, several, _ in gathered for entry in several]
    if entries:
        secrets = queries.secrets()
        _lock_heads(_growth(entries), secrets, next(reversed(secrets)))
    for context, several, book_date_of in gathered:
        record(context, several, book_date_of=book_date_of)


def exported(
    context: commands.Context, company_id: UUID, *, table: str, form: str, rows: int, filters: Mapping[str, str]
) -> None:
    """Who took which list out of the house, on a chain of his own; about 6 statements. `filters` hold no words of
    people: they may be personal data.
    """
    chain = derived_id("exports", context.actor.id)
    after = {"form": form, "rows": rows, "filters": dict(filters)}
    record(context, [AuditEntry(company_id, "export", chain, table, {}, after)])


def _growth(entries: Sequence[AuditEntry]) -> Counter[Place]:
    # Keyed by integers here and below: a UUID's hash is a Python call, paid five times a row.
    return Counter((entry.company_id.int, rules.bucket_of(entry.aggregate_id)) for entry in entries)


def record(
    context: commands.Context,
    entries: Sequence[AuditEntry],
    *,
    book_date_of: _BookDate = None,
) -> None:
    """Append `entries` to their aggregates' chains, in order; several of one aggregate chain on.

    Call it last in the transaction: it locks the heads of the aggregates' buckets, which are the
    last locks of all. Under them tails are read and rows written, so that two writers of one chain
    wait for each other even where they hold no other lock in common.
    Statements for n entries: ceil(n/1000) to read tails, ceil(n/1000) to insert, 2 for the heads of
    a company (3 more at a company's first entry). Raises errors.AuditError: nothing may commit then.
    """
    if not entries:
        return
    waiting = _waiting.get()
    if waiting is not None:
        waiting.append((context, entries, book_date_of))
        return
    secrets = queries.secrets()
    key_id = next(reversed(secrets))
    growth = _growth(entries)
    heads = _lock_heads(growth, secrets, key_id)
    rows = _rows(context, entries, secrets[key_id], key_id, book_date_of)
    setwrites.insert(AuditRow, rows)
    _advance(heads, growth, secrets, key_id)


def _rows(
    context: commands.Context,
    entries: Sequence[AuditEntry],
    secret: bytes,
    key_id: str,
    book_date_of: _BookDate,
) -> list[dict[str, Any]]:
    tails = queries.tails(list({entry.aggregate_id.int: entry.aggregate_id for entry in entries}.values()))
    actor_kind, actor_id = context.actor.kind, context.actor.id
    now_text, actor_text, command_text = rules.stamp(context.now), actor_id.hex, context.id.hex
    today, origin = context.now.astimezone(UTC).date(), str(context.origin)
    rows = []
    for entry in entries:
        company_id, kind, aggregate_id, action, old, new, reason, happened = entry
        previous = tails.get(aggregate_id.int, _NO_TAIL)
        row_id, seq = new_id(), previous.seq + 1
        before, after = rules.canonical(old), rules.canonical(new)
        occurred_at, occurred_text, day = context.now, now_text, today
        if happened is not None:
            occurred_at, occurred_text, day = happened, rules.stamp(happened), happened.astimezone(UTC).date()
        book_date = day if book_date_of is None else book_date_of(entry)
        text = (
            f"row\x1f{row_id.int:032x}\x1f{company_id.int:032x}\x1f{kind}\x1f{aggregate_id.int:032x}\x1f{seq}\x1f"
            f"{action}\x1f{reason}\x1f{actor_kind}\x1f{actor_text}\x1f{occurred_text}\x1f{now_text}\x1f"
            f"{book_date}\x1f{command_text}\x1f{origin}\x1f{key_id}\x1f{rules.FORMAT}\x1f{previous.mac}\x1f"
            f"{before}\x1f{after}"
        )
        if text.count(rules.SEPARATOR) != _SEPARATORS:
            raise errors.SeparatorInText(f"{kind} {action}")
        mac = rules.mac(secret, text)
        tails[aggregate_id.int] = queries.Tail(seq, mac)
        rows.append(
            {
                "id": row_id,
                "company_id": company_id,
                "aggregate_kind": kind,
                "aggregate_id": aggregate_id,
                "seq": seq,
                "action": action,
                "reason": reason,
                "actor_kind": actor_kind,
                "actor_id": actor_id,
                "occurred_at": occurred_at,
                "recorded_at": context.now,
                "book_date": book_date,
                "command_id": context.id,
                "origin": origin,
                "key_id": key_id,
                "format_version": rules.FORMAT,
                "previous_mac": previous.mac,
                "before": before,
                "after": after,
                "mac": mac,
            }
        )
    return rows


def _head_id(company_id: UUID, bucket: int) -> UUID:
    return derived_id("audit-head", company_id, bucket)


def _lock_heads(growth: Mapping[Place, int], secrets: Mapping[str, bytes], key_id: str) -> list[AuditHead]:
    """The heads of these buckets, locked by primary key. A company's first entry makes all its 64.

    A single missing head is left missing: made anew it would hide that it, and rows, were removed.
    """
    ids = [_head_id(UUID(int=company), bucket) for company, bucket in growth]
    heads = setwrites.fetch(AuditHead, ids, lock=True)
    if len(heads) == len(ids):
        return heads
    companies = {UUID(int=company) for company, _ in growth}
    companies -= set(AuditHead.objects.filter(company_id__among=sorted(companies)).values_list("company_id", flat=True))
    if companies:
        setwrites.insert(AuditHead, _new_heads(companies, secrets[key_id], key_id), ignore_conflicts=True)
    heads = setwrites.fetch(AuditHead, ids, lock=True)
    if len(heads) < len(ids):
        log.critical("audit heads are missing: run `guicang verify`")
    return heads


def _new_heads(companies: set[UUID], secret: bytes, key_id: str) -> list[dict[str, Any]]:
    rows = [
        {
            "id": _head_id(company_id, bucket),
            "company_id": company_id,
            "bucket": bucket,
            "count": 0,
            "key_id": key_id,
            "mac": rules.head_mac(secret, company_id, bucket, 0, key_id),
        }
        for company_id in companies
        for bucket in range(rules.BUCKETS)
    ]
    # In key order, so that two first writers of a company wait in line instead of for each other.
    return sorted(rows, key=lambda row: str(row["id"]))


def _advance(
    heads: Sequence[AuditHead], growth: Mapping[Place, int], secrets: Mapping[str, bytes], key_id: str
) -> None:
    rows = []
    for head in heads:
        count = head.count + growth[head.company_id.int, head.bucket]
        mac = ""
        if queries.head_is_whole(head, secrets):
            mac = rules.head_mac(secrets[key_id], head.company_id, head.bucket, count, key_id)
        else:
            # A new MAC would launder a changed count; an empty one stays wrong for good.
            log.critical("audit head %s does not match its MAC: run `guicang verify`", head.id)
        rows.append({"id": head.id, "count": count, "key_id": key_id, "mac": mac})
    setwrites.update(AuditHead, rows, assign=["count", "key_id", "mac"])
