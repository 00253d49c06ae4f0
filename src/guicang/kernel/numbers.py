"""Document numbers: per company, document type and year."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from guicang.kernel import setwrites
from guicang.kernel.ids import derived_id
from guicang.kernel.models import NumberRange

#: (company, document, year, prefix)
RangeKey = tuple[UUID, str, int, str]


def take(wanted: Mapping[RangeKey, int]) -> dict[RangeKey, range]:
    """Reserve `wanted[key]` consecutive numbers of each range; 3 statements, locks the ranges.

    Call it late: the lock is held to the end of the transaction, which is what makes a range
    gapless where its documents are numbered in the same transaction.
    """
    ids = {key: derived_id("range", *key[:3]) for key in wanted}
    setwrites.insert(
        NumberRange,
        [
            {"id": ids[key], "company_id": key[0], "document": key[1], "year": key[2], "prefix": key[3]}
            for key in wanted
        ],
        ignore_conflicts=True,
    )
    last = {row.id: row.last for row in setwrites.fetch(NumberRange, ids.values(), lock=True)}
    setwrites.update(NumberRange, [{"id": ids[key], "last": count} for key, count in wanted.items()], add=["last"])
    return {key: range(last[ids[key]] + 1, last[ids[key]] + count + 1) for key, count in wanted.items()}
