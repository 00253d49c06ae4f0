"""Gapless numbers, given after the posting by a short step of their own; numbering posts entries to the day's totals.

Posting in parallel never waits for a number; numbering locks a company's range for one short transaction, which
is also what lets it add to totals that no step ever touches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import models, transaction
from django.db.models import Sum

from guicang.accounting.models import CreditNoteNumber, DayTotal, Document, EntryLine, Unnumbered, Voucher
from guicang.accounting.queries import CREDIT, DEBIT
from guicang.kernel import commands, numbers, setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import derived_id, new_id
from guicang.kernel.outbox import Envelope

#: Documents looked up at once.
BATCH = 20 * setwrites.CHUNK


class _Kind(NamedTuple):
    name: str
    number: type[models.Model]
    link: str


_VOUCHERS = _Kind(Document.VOUCHER.value, Voucher, "entry")
_CREDIT_NOTES = _Kind(Document.CREDIT_NOTE.value, CreditNoteNumber, "credit_note")

#: (document, company, book date)
_Pending = tuple[UUID, UUID, date]


def wait_for_numbers(document: Document, rows: Sequence[Mapping[str, Any]]) -> None:
    """Remember documents just written until they have a number; ceil(n / 1000) statements."""
    names = ("id", "company_id", "book_date")
    waiting = [{"document": document.value, **{name: row[name] for name in names}} for row in rows]
    setwrites.insert(Unnumbered, waiting)


def number_vouchers(now: datetime) -> int:
    """凭证号: number every entry that has none, per company and year of its book date; how many were numbered.

    In book date and id order; the numbered are posted to the totals of their days. Each set of 1,000 is a transaction
    of its own (13 statements), so call it outside one.
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
    rows = Unnumbered.objects.filter(document=kind.name).order_by("company_id", "book_date", "id")
    return list(rows.values_list("id", "company_id", "book_date")[:BATCH])


def _number_chunk(kind: _Kind, chunk: Sequence[_Pending], now: datetime) -> int:
    with transaction.atomic():
        # Taking nothing locks the ranges: another run that numbers the same documents waits here,
        # and finds them done below.
        numbers.take(dict.fromkeys(sorted({_range(kind, row) for row in chunk}), 0))
        waiting = Unnumbered.objects.filter(id__among=[row[0] for row in chunk])
        left = set(waiting.values_list("id", flat=True))
        rest = [row for row in chunk if row[0] in left]
        if rest:
            context = commands.begin(f"accounting.number_{kind.name}", actor=Actor.system(), now=now, items=len(rest))
            setwrites.insert(kind.number, _rows(kind, rest, context))
            waiting.delete()
            if kind is _VOUCHERS:
                _post_to_days([row[0] for row in rest])
    return len(rest)


def _post_to_days(entry_ids: Sequence[UUID]) -> None:
    """过账: add the lines of these entries to the totals of their days; 1 + 2 * ceil(n / 1000) statements."""
    lines = EntryLine.objects.filter(entry__id__among=entry_ids).order_by()
    sums = lines.values_list("company_id", "account_id", "book_date").annotate(debit=Sum(DEBIT), credit=Sum(CREDIT))
    rows = [
        {
            "id": derived_id("day_total", account_id, book_date),
            "company_id": company_id,
            "account_id": account_id,
            "book_date": book_date,
            "debit_minor": int(debit),
            "credit_minor": int(credit),
        }
        for company_id, account_id, book_date, debit, credit in sums
    ]
    setwrites.insert(DayTotal, [{**row, "debit_minor": 0, "credit_minor": 0} for row in rows], ignore_conflicts=True)
    setwrites.update(DayTotal, rows, add=("debit_minor", "credit_minor"))


def _rows(kind: _Kind, rest: Sequence[_Pending], context: commands.Context) -> list[dict[str, Any]]:
    taken = numbers.take(Counter(_range(kind, row) for row in rest))
    following = {key: iter(block.numbers) for key, block in taken.items()}
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
    return (row[1], kind.name, row[2].year)
