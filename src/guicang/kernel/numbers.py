"""Document numbers: per company, document type and year."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import connection

from guicang.kernel import setwrites
from guicang.kernel.ids import derived_id
from guicang.kernel.models import NumberRange

#: (company, document, year, prefix)
RangeKey = tuple[UUID, str, int, str]


def take(wanted: Mapping[RangeKey, int]) -> dict[RangeKey, range]:
    """Reserve `wanted[key]` consecutive numbers of each range; 1 statement a range, 3 for a new one.

    Call it late: the ranges stay locked to the end of the transaction, which is what makes a range
    gapless where its documents are numbered in the same transaction.
    """
    ids = {derived_id("range", *key[:3]): key for key in wanted}
    taken = {}
    for range_id in sorted(ids, key=lambda found: found.int):
        key = ids[range_id]
        last = _advance(range_id, wanted[key])
        if last is None:
            row = {"id": range_id, "company_id": key[0], "document": key[1], "year": key[2], "prefix": key[3]}
            setwrites.insert(NumberRange, [row], ignore_conflicts=True)
            last = _advance(range_id, wanted[key]) or 0
        taken[key] = range(last - wanted[key] + 1, last + 1)
    return taken


def _advance(range_id: UUID, count: int) -> int | None:
    """The last number of the range after `count` more; None where there is no such range."""
    table = connection.ops.quote_name(NumberRange._meta.db_table)
    known = range_id.hex if connection.vendor == "sqlite" else range_id
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET last = last + %s WHERE id = %s RETURNING last", [count, known])  # noqa: S608
        row = cursor.fetchone()
    return row[0] if row else None
