"""The first pass: a whole file into staging, every row counted, nothing written to the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from guicang.intake.errors import NEVER_TAKEN
from guicang.intake.profiles import Profile, RowCommand
from guicang.intake.staging import Staging
from guicang.intake.sums import Sums
from guicang.intake.tables import CellFault, ConvertError, Row, RowConverter, SetAside, Table, read_rows
from guicang.intake.tables.convert import code, currency_code, price, quantity
from guicang.intake.tables.errors import NOT_DATA
from guicang.intake.verdicts import Taker

#: How often progress is told, in rows.
_EVERY = 2_000
#: Called with what is going on (reading, writing), how much is done, and of how much.
OnProgress = Callable[[str, int, int], None]


@dataclass(slots=True)
class FileCounts:
    """What the first pass found. `wanted` and `others` are the sums of this command's rows and of the other's."""

    rows: int = 0
    other_command: int = 0
    headers: tuple[str, ...] = ()
    #: (header, what was cleaned): cells
    cleaned: Counter[tuple[str, str]] = field(default_factory=Counter)
    other_sheets: tuple[str, ...] = ()
    wanted: Sums = field(default_factory=Sums)
    others: Sums = field(default_factory=Sums)


def fill(
    staging: Staging, path: Path, profile: Profile, taker: Taker, *, now: datetime, max_bytes: int, progress: OnProgress
) -> FileCounts:
    """Read `path` to its end. Raises FileFault. Flat memory; no database."""
    with read_rows(path, profile, max_bytes=max_bytes) as table:
        fields = profile.fields
        staging.define({name: fields[name] for name in table.header.columns})
        taker.define(table.header.columns)
        reader = _Reader(staging, table, taker, RowConverter(table, now=now))
        for item in table:
            reader.take(item)
            if not reader.counts.rows % _EVERY:
                done = table.progress
                progress("reading", done.read, done.total)
        done = table.progress
        progress("reading", done.total, done.total)
        reader.counts.other_sheets = table.other_sheets
    staging.seal()
    return reader.counts


class _Reader:
    """Decides of each row whose it is and whether it can be staged."""

    def __init__(self, staging: Staging, table: Table, taker: Taker, converter: RowConverter) -> None:
        self._staging, self._table, self._taker, self._converter = staging, table, taker, converter
        self._commands = table.profile.commands
        self._two_commands = table.profile.kind in ("orders", "returns")
        self._document = self._commands.document if taker.wanted == "return" else taker.document
        self.counts = FileCounts(headers=table.headers)

    def take(self, item: Row | SetAside) -> None:
        self.counts.rows += 1
        result = self._converter.convert(item) if isinstance(item, Row) else item
        if isinstance(result, SetAside):
            self._sort_out(result)
            return
        row = result.row
        for what in row.cleaned:
            self.counts.cleaned[what] += 1
        if self._two_commands:
            units: Any = result.values["quantity"]
            if self._is_others(self._commands.of(row.cells, units or 0), result.values):
                return
        fault = self._taker.check(result.values)
        if fault is None:
            self._stage(row.number, result.values, row.raw)
            return
        header = self._table.header_of(fault.column) if fault.column else ""
        self._set_aside(SetAside(row.number, (CellFault(header, fault.code, fault.data),), row.raw), result.values)

    def _stage(self, number: int, values: dict[str, Any], raw: tuple[str, ...]) -> None:
        key, at = self._taker.place(values)
        self._staging.add(number, key, at, values, raw)

    def _is_others(self, command: RowCommand, values: Mapping[str, Any]) -> bool:
        """True for a row of the other command, which is counted and left alone. Write-offs are the sales' to refuse."""
        others = (command == "return") != (self._taker.wanted == "return")
        sums = self.counts.others if others else self.counts.wanted
        currency = values.get("currency") or self._table.profile.currency
        sums.add(values.get("quantity"), values.get("unit_price"), currency)
        self.counts.other_command += others
        return others

    def _sort_out(self, found: SetAside) -> None:
        """A row that cannot be converted belongs to the command its document says, as far as that can be read."""
        values: dict[str, Any] = {}
        if found.code not in NOT_DATA:
            values = self._legible(found)
            if self._two_commands and self._is_others(self._command(found), values):
                return
        self._set_aside(found, values)

    def _set_aside(self, found: SetAside, values: dict[str, Any]) -> None:
        """A faulty row is staged too where other rows of its document may have to wait for it (`Taker.tied`).

        One of a past return is staged whether it names its document or not: the sums are to hold it.
        """
        numbered = self._document and values.get(self._document)
        if (numbered or (values and self._taker.wanted == "return")) and found.code not in NEVER_TAKEN:
            self._stage(found.number, values, found.raw)
        more = [other.code for other in found.faults[1:]]
        data = {**found.data, "more": more} if more else found.data
        self._staging.add_fault(found.number, found.column, found.code, data, found.raw)

    def _command(self, found: SetAside) -> RowCommand:
        units = _try(lambda: quantity(found.cells.get("quantity", ""), self._table.formats.decimal))
        return self._commands.of(found.cells, units or 0)

    def _legible(self, found: SetAside) -> dict[str, Any]:
        """Whatever of a faulty row can be read: units, unit price and what it may hold others back by.

        Where its cells may have moved (`column` ''), that is its document alone.
        """
        profile, document = self._table.profile, self._document or self._commands.document
        cells = found.cells if found.column else {name: found.cells.get(name, "") for name in (document, "shop")}
        decimal = self._table.formats.decimal
        currency = _try(lambda: currency_code(cells["currency"])) if cells.get("currency") else profile.currency
        names = (document, *self._taker.legible)
        values: dict[str, Any] = {name: cells.get(name) or None for name in names}
        for name in profile.values.keys() & values.keys():
            values[name] = _try(partial(code, values[name] or "", profile.values[name]))
        values["currency"] = currency
        values["quantity"] = _try(lambda: quantity(cells.get("quantity", ""), decimal))
        values["unit_price"] = _try(lambda: price(cells.get("unit_price", ""), currency or "", decimal))
        return values


def _try(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except ConvertError:
        return None
