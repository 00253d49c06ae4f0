"""Where the header is, what separates cells, and how numbers and dates are written: from a sample."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from guicang.intake.profiles import Profile
from guicang.intake.profiles.fields import FieldKind
from guicang.intake.profiles.schema import N_
from guicang.intake.tables.cells import blank, clean, normal
from guicang.intake.tables.dates import DateFormats, detect_order
from guicang.intake.tables.errors import ConvertError, FileFault, file_fault

Mark = Literal[".", ","]
#: Rows that may stand above the header: titles, export times, blank rows.
MAX_TITLE_ROWS = 20
SAMPLE_ROWS = 1000
#: Digits between two marks of thousands.
_GROUP = 3
_NUMBER_KINDS = frozenset({"amount", "price", "rate", "quantity"})
_MARKED = re.compile(r"[0-9]*(?:[.,' \u00a0][0-9]+)+")
_EDGES = re.compile(r"^[^0-9.,]+|[^0-9]+$")


@dataclass(frozen=True, slots=True)
class Header:
    """The header row: its physical number, its cells, and field -> index of its column."""

    number: int
    cells: tuple[str, ...]
    columns: Mapping[str, int]

    def name(self, field: str) -> str:
        """The header of a field as the file writes it."""
        index = self.columns.get(field)
        return self.cells[index].strip("\ufeff \t") if index is not None else field


@dataclass(frozen=True, slots=True)
class Formats:
    """What a table's texts mean."""

    decimal: Mark
    dates: DateFormats


@lru_cache(maxsize=4096)
def names_of(header: str) -> frozenset[str]:
    """The names a header answers to: itself and, where it is bilingual (`订单号 / order_number`), its halves."""
    halves = header.split(" / ") if " / " in header else []
    return frozenset(name for name in map(normal, [header, *halves]) if name)


def match(cells: Sequence[str], profile: Profile) -> dict[str, list[int]]:
    """field -> the indexes of all columns whose header the profile accepts for it."""
    places: dict[str, list[int]] = {}
    for index, cell in enumerate(cells):
        for name in names_of(cell):
            places.setdefault(name, []).append(index)
    result: dict[str, list[int]] = {}
    for field, accepted in profile.columns.items():
        names = frozenset().union(*map(names_of, accepted))
        found = sorted({index for name in names for index in places.get(name, ())})
        if found:
            result[field] = found
    return result


def find_header(rows: Iterable[tuple[int, Sequence[str]]], profile: Profile) -> Header:
    """The first row with every required column. Raises FileFault missing_column or duplicate_column."""
    nearest: tuple[tuple[int, int], Sequence[str]] = ((0, 0), ())
    for skipped, (number, cells) in enumerate(rows):
        if skipped > MAX_TITLE_ROWS:
            break
        found = match(cells, profile)
        if all(field in found for field in profile.required):
            return Header(number, tuple(cells), _single(cells, found))
        score = (len(found), sum(1 for cell in cells if cell.strip()))
        if score > nearest[0]:
            nearest = (score, cells)
    found = match(nearest[1], profile)
    missing = [profile.columns[field][0] for field in profile.required if field not in found]
    shown = [cell.strip()[:40] for cell in nearest[1] if cell.strip()]
    listed = " | ".join(shown[:60]) or "-"
    raise file_fault("missing_column", missing=", ".join(missing), found=listed, cells=len(shown))


def _single(cells: Sequence[str], found: Mapping[str, list[int]]) -> dict[str, int]:
    for field, indexes in found.items():
        if len(indexes) > 1:
            headers = ", ".join(cells[index].strip() for index in indexes)
            raise file_fault("duplicate_column", column=field, headers=headers)
    return {field: indexes[0] for field, indexes in found.items()}


def choose(headers: Sequence[Header | FileFault]) -> int:
    """Index of the delimiter whose reading shows the most columns; raises the best reading's fault."""
    best, most = -1, 0
    for index, header in enumerate(headers):
        if isinstance(header, Header) and len(header.cells) > most:
            best, most = index, len(header.cells)
    if best >= 0:
        return best
    faults = [fault for fault in headers if isinstance(fault, FileFault)]
    for fault in faults:
        if fault.code == "duplicate_column":
            raise fault
    fullest = max(faults, key=lambda fault: int(str(fault.data["cells"])))
    if fullest.data["cells"] in (0, 1):
        raise file_fault("not_a_table", reason=N_("no comma, semicolon, tab or bar separates columns"))
    raise fullest


def detect_formats(header: Header, profile: Profile, rows: Sequence[Sequence[str]]) -> Formats:
    """Decimal mark and date order from text cells of up to SAMPLE_ROWS data rows.

    Cells that a spreadsheet stores as numbers or dates must come as '': they prove nothing.
    """
    fields = profile.fields
    width = len(header.cells)
    data = [row for row in rows if len(row) >= width and not blank(row)]

    def samples(field: str) -> list[str]:
        index = header.columns[field]
        return [text for row in data if (text := _cleaned(row[index], fields[field].kind))]

    dates, decimal = DateFormats(profile.dates), profile.decimal
    mapped = [field for field in fields.values() if field.name in header.columns]
    if not profile.dates:
        orders = {detect_order(header.name(f.name), samples(f.name)) for f in mapped if f.kind == "instant"} - {""}
        if len(orders) > 1:
            raise file_fault("ambiguous_dates", column="*", example="day/month + month/day")
        dates = DateFormats(order=orders.pop() if orders else "")
    if decimal == "auto":
        numbers = {header.name(f.name): samples(f.name) for f in mapped if f.kind in _NUMBER_KINDS}
        decimal = detect_decimal(numbers)
    return Formats(decimal, dates)


def _cleaned(text: str, kind: FieldKind) -> str:
    try:
        return clean(text, kind)[0] if text else ""
    except ConvertError:
        return ""


def detect_decimal(columns: Mapping[str, Sequence[str]]) -> Mark:
    """The decimal mark that the sample proves; a point where no number has any mark.

    Raises FileFault ambiguous_decimal where numbers prove both, or where marks prove neither
    (1.234 alone may be a thousand or a fraction).
    """
    proven: dict[Mark, tuple[str, str]] = {}
    doubtful: tuple[str, str] | None = None
    for column, texts in columns.items():
        for text in texts:
            body = _EDGES.sub("", text)
            if ("," not in body and "." not in body) or not _MARKED.fullmatch(body):
                continue
            mark = decimal_mark(body)
            if mark:
                proven.setdefault(mark, (column, text))
            else:
                doubtful = doubtful or (column, text)
    if len(proven) == 1:
        return next(iter(proven))
    if proven or doubtful:
        column, example = doubtful or proven[","]
        raise file_fault("ambiguous_decimal", column=column, example=example)
    return "."


def decimal_mark(body: str) -> Mark | None:
    """The mark that must be decimal in a number with marks, or None where it may be either."""
    last: Mark = "." if body.rfind(".") > body.rfind(",") else ","
    other: Mark = "," if last == "." else "."
    if other in body or " " in body or "'" in body or "\u00a0" in body:
        return last
    whole, _, fraction = body.rpartition(last)
    if last in whole:
        return other
    if len(fraction) != _GROUP or len(whole) > _GROUP or whole in ("", "0"):
        return last
    return None
