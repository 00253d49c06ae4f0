"""All cells of a row to typed values at once, with all findings at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from guicang.intake.profiles import Field
from guicang.intake.tables import convert
from guicang.intake.tables.dates import Instants
from guicang.intake.tables.errors import CellFault, ConvertError
from guicang.intake.tables.read import Row, SetAside, Table

#: identifier, text, code: str; quantity and amount (minor units): int; price, rate: Decimal;
#: instant: aware UTC datetime; boolean: bool; None where the cell is empty.
Value = str | int | Decimal | datetime | bool | None
_Read = Callable[[str, str], Value]


@dataclass(slots=True)
class Converted:
    """Typed values of a row by field; amounts in minor units of `currency`."""

    row: Row
    values: dict[str, Value]
    currency: str


class RowConverter:
    """Converts the rows of one table; make one per table, since it knows its formats.

    `now` bounds dates (date_in_future); None accepts any. No database, no float.
    """

    def __init__(self, table: Table, *, now: datetime | None = None) -> None:
        profile = table.profile
        self._currency = profile.currency
        self._own_currency = "currency" in table.header.columns
        self._currency_header = table.header_of("currency")
        self._instants = Instants(table.formats.dates, profile.zone, now)
        self._decimal = table.formats.decimal
        self._values = profile.values
        fields = profile.fields
        self._plan: list[tuple[str, str, _Read | None]] = [
            (name, table.header_of(name), self._reader(fields[name]))
            for name in table.header.columns
            if name != "currency"
        ]

    def convert(self, row: Row) -> Converted | SetAside:
        """Typed values, or the row set aside with a finding for each cell that cannot be read."""
        cells, values, found = row.cells, dict[str, Value](), list[CellFault]()
        currency = self._currency
        if self._own_currency and cells["currency"]:
            try:
                currency = convert.currency_code(cells["currency"])
            except ConvertError as fault:
                return SetAside(row.number, (CellFault(self._currency_header, fault.code, fault.data),), row.raw, cells)
        elif not currency and self._own_currency:
            return SetAside(row.number, (CellFault(self._currency_header, "missing_value"),), row.raw, cells)
        values["currency"] = currency
        for name, header, read in self._plan:
            text = cells[name]
            if read is None:
                values[name] = text or None
                continue
            try:
                values[name] = read(text, currency) if text else None
            except ConvertError as fault:
                found.append(CellFault(header, fault.code, fault.data))
        return SetAside(row.number, tuple(found), row.raw, cells) if found else Converted(row, values, currency)

    def _reader(self, field: Field) -> _Read | None:
        decimal, instants = self._decimal, self._instants
        known: Mapping[str, str] = self._values.get(field.name, {})
        nonzero, ahead = field.nonzero, field.may_be_future
        readers: dict[str, _Read] = {
            "quantity": lambda text, _: convert.quantity(text, decimal, nonzero=nonzero),
            "amount": lambda text, currency: convert.amount_minor(text, currency, decimal),
            "price": lambda text, currency: convert.price(text, currency, decimal),
            "rate": lambda text, _: convert.rate(text, decimal),
            "instant": lambda text, _: instants.read(text, may_be_future=ahead),
            "boolean": lambda text, _: convert.boolean(convert.code(text, known)) if known else convert.boolean(text),
            "code": lambda text, _: convert.code(text, known),
        }
        return readers.get(field.kind)
