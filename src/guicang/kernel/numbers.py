"""Document numbers: per company, document type and year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from guicang.kernel import setwrites
from guicang.kernel.ids import derived_id
from guicang.kernel.models import NumberRange

#: (company, document, year)
RangeKey = tuple[UUID, str, int]


class Form(NamedTuple):
    """How the numbers of a range are written: a prefix, the year, and at least `width` digits."""

    prefix: str = ""
    width: int = 1

    def text(self, year: int, number: int) -> str:
        return f"{self.prefix}{year}{number:0{self.width}d}"


class Block(NamedTuple):
    """Consecutive numbers of a range, and how they are written."""

    form: Form
    year: int
    numbers: range

    def texts(self) -> list[str]:
        return [self.form.text(self.year, number) for number in self.numbers]


def take(wanted: Mapping[RangeKey, int], begins: Form = Form()) -> dict[RangeKey, Block]:  # noqa: B008 - a constant
    """Reserve `wanted[key]` consecutive numbers of each range; 1 statement a range, 4 for a new one.

    A new range is written as that of the latest year before it, the first one as `begins`. Call it late: the ranges
    stay locked to the end of the transaction, which is what makes a range gapless where its documents are numbered
    in the same transaction.
    """
    ids = {range_id(key): key for key in wanted}
    taken = {}
    for known in sorted(ids, key=lambda found: found.int):
        key = ids[known]
        found = _advance(known, wanted[key])
        if found is None:
            _open(key, begins)
            found = _advance(known, wanted[key]) or (0, *begins)
        last, prefix, width = found
        taken[key] = Block(Form(prefix, width), key[2], range(last - wanted[key] + 1, last + 1))
    return taken


def form_of(key: RangeKey, begins: Form) -> Form:
    """How the numbers of a range are written, or would be if it began now; 1 statement."""
    rows = NumberRange.objects.filter(company_id=key[0], document=key[1], year__lte=key[2]).order_by("-year")
    row = rows.values_list("prefix", "width").first()
    return Form(*row) if row else begins


def shape(key: RangeKey, form: Form, begins: Form) -> bool:
    """Write a range's numbers as `form` from its first one on; False where it has begun. 3 statements."""
    _open(key, begins)
    # One statement: whoever takes the first number meanwhile either sees the form or is seen here.
    rows = NumberRange.objects.filter(id=range_id(key), last=0)
    return bool(rows.update(prefix=form.prefix, width=form.width))


def range_id(key: RangeKey) -> UUID:
    """The id of a range, also of one that is not there yet."""
    return derived_id("range", *key)


def _open(key: RangeKey, begins: Form) -> None:
    form = form_of(key, begins)
    row = {"id": range_id(key), "company_id": key[0], "document": key[1], "year": key[2], **form._asdict()}
    setwrites.insert(NumberRange, [row], ignore_conflicts=True)


def _advance(known: UUID, count: int) -> tuple[int, str, int] | None:
    """The last number of the range after `count` more, and its form; None where there is no such range."""
    table = connection.ops.quote_name(NumberRange._meta.db_table)
    place = known.hex if connection.vendor == "sqlite" else known
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET last = last + %s WHERE id = %s RETURNING last, prefix, width",  # noqa: S608
            [count, place],
        )
        row: tuple[int, str, int] | None = cursor.fetchone()
    return row
