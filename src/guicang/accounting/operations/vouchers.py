"""Gapless numbers, given after the posting by a short step of their own.

Posting in parallel never waits for a number; numbering locks a company's range for one short transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import models, transaction

from guicang.accounting.models import CreditNote, CreditNoteNumber, Entry, Voucher
from guicang.kernel import commands, numbers, setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import new_id
from guicang.kernel.outbox import Envelope

#: Documents looked up at once: finding what has no number reads the whole table.
BATCH = 20 * setwrites.CHUNK


class _Kind(NamedTuple):
    name: str
    document: type[models.Model]
    number: type[models.Model]
    link: str
    relation: str


_VOUCHERS = _Kind("voucher", Entry, Voucher, "entry", "voucher")
_CREDIT_NOTES = _Kind("credit_note", CreditNote, CreditNoteNumber, "credit_note", "numbering")

#: (document, company, book date)
_Pending = tuple[UUID, UUID, date]


def number_vouchers(now: datetime) -> int:
    """凭证号: number every entry that has none, per company and year of its book date; how many were numbered.

    In book date and id order. Each set of 1,000 is a transaction of its own (10 statements), so call it outside one.
    """
    return _number(_VOUCHERS, now)


def number_credit_notes(now: datetime) -> int:
    """Number every credit note that has none, as `number_vouchers` does."""
    return _number(_CREDIT_NOTES, now)


def number_all(_envelope: Envelope) -> None:
    """The outbox's handler: whatever waits for a number gets one; a repeat finds nothing left."""
    now = utcnow()
    number_vouchers(now)
    number_credit_notes(now)


def _number(kind: _Kind, now: datetime) -> int:
    total = 0
    while pending := _pending(kind):
        for chunk in setwrites.chunks(pending):
            total += _number_chunk(kind, chunk, now)
    return total


def _pending(kind: _Kind) -> list[_Pending]:
    rows = kind.document._default_manager.filter(**{f"{kind.relation}__isnull": True})
    return list(rows.order_by("company_id", "book_date", "id").values_list("id", "company_id", "book_date")[:BATCH])


def _number_chunk(kind: _Kind, chunk: Sequence[_Pending], now: datetime) -> int:
    with transaction.atomic():
        # Taking nothing locks the ranges: another run that numbers the same documents waits here,
        # and finds them done below.
        numbers.take(dict.fromkeys(sorted({_range(kind, row) for row in chunk}), 0))
        done = kind.number._default_manager.filter(**{f"{kind.link}__id__among": [row[0] for row in chunk]})
        numbered = set(done.values_list(f"{kind.link}_id", flat=True))
        rest = [row for row in chunk if row[0] not in numbered]
        if rest:
            context = commands.begin(f"accounting.number_{kind.name}", actor=Actor.system(), now=now, items=len(rest))
            setwrites.insert(kind.number, _rows(kind, rest, context))
    return len(rest)


def _rows(kind: _Kind, rest: Sequence[_Pending], context: commands.Context) -> list[dict[str, Any]]:
    taken = numbers.take(Counter(_range(kind, row) for row in rest))
    following = {key: iter(run) for key, run in taken.items()}
    return [
        {
            "id": new_id(),
            "company_id": row[1],
            "year": row[2].year,
            "number": next(following[_range(kind, row)]),
            f"{kind.link}_id": row[0],
            "occurred_at": context.now,
            "book_date": row[2],
            **context.stamps,
        }
        for row in rest
    ]


def _range(kind: _Kind, row: _Pending) -> numbers.RangeKey:
    return (row[1], kind.name, row[2].year, "")
