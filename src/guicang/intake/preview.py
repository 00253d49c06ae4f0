"""What a file would become, before anything is written: its top rows, what its columns mean, and what is wrong."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from guicang.intake import words
from guicang.intake.errors import sentence
from guicang.intake.kinds import needed, taker_for
from guicang.intake.profiles import KINDS, Profile, ProfileFault, load, read, shipped_for, shipped_text, written
from guicang.intake.profiles.synonyms import OWN_NAMES, names
from guicang.intake.tables import (
    CellFault,
    FileFault,
    Limits,
    Peek,
    Row,
    RowConverter,
    SetAside,
    Table,
    peek,
    read_rows,
)
from guicang.intake.tables.cells import normal
from guicang.intake.tables.detect import MAX_TITLE_ROWS, match, names_of
from guicang.intake.verdicts import Taker
from guicang.kernel.ids import NIL

#: Rows shown, rows checked, and texts shown of a column.
SHOWN, CHECKED, SAMPLES = 20, 200, 3
#: A sheet is laid out whole while somebody waits: a larger one is to be saved as CSV.
LIMITS = Limits(max_bytes=1024**3, max_cells=3_000_000)


@dataclass(slots=True)
class Column:
    """A column of the file; `field` is what it means, '' for nothing we take."""

    index: int
    header: str
    field: str
    samples: list[str]


@dataclass(slots=True)
class SeenRow:
    """`faults` are sentences by column; `whole` is what is wrong with the row, or why it is left alone."""

    number: int
    cells: list[str]
    faults: dict[int, str] = field(default_factory=dict)
    whole: str = ""

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(text, self.faults.get(index, "")) for index, text in enumerate(self.cells)]


@dataclass(slots=True)
class Preview:
    """`missing` are needed fields no column stands for; `fault` is why the file cannot be read as described."""

    peek: Peek
    raw: Mapping[str, Any]
    columns: list[Column]
    rows: list[SeenRow]
    needed: tuple[str, ...]
    missing: list[str]
    checked: int = 0
    bad: int = 0
    reasons: list[tuple[str, int]] = field(default_factory=list)
    fault: FileFault | ProfileFault | None = None

    @property
    def ready(self) -> bool:
        return not self.missing and self.fault is None


def propose(
    path: Path, kind: str, saved: Iterable[tuple[str, str]], place: Mapping[str, str], *, shipped_too: bool = True
) -> tuple[str, str]:
    """(name, TOML) of the profile that fits: one saved before or shipped, else our template with columns by name.

    Raises FileFault for what is no table.
    """
    seen = peek(path, LIMITS)
    for name, text in saved:
        if _fits(seen, read(text, name, kind)):
            return name, text
    for name in shipped_for(kind) if shipped_too else ():
        if _fits(seen, load(name, kind)):
            return name, settled(path, name, kind, place)
    _number, header = _header(seen, kind)
    columns = _guessed(header, kind)
    return "", remapped(shipped_text(f"template_{kind}"), kind, columns, {"place": place} if place else {})


def settled(path: Path, name: str, kind: str, place: Mapping[str, str]) -> str:
    """A shipped profile for a file's own headers and a company's own places. Raises FileFault."""
    profile, seen = load(name, kind), peek(path, LIMITS)
    header = next((cells for _, cells in seen.rows if _full(match(cells, profile), profile)), ())
    found = match(header, profile)
    columns = {field_name: header[indexes[0]].strip("\ufeff \t") for field_name, indexes in found.items()}
    return remapped(shipped_text(name), kind, columns, {"place": place} if place else {})


def headers(path: Path, text: str, kind: str) -> list[str]:
    """The header cells of a file as `look` shows them. Raises FileFault."""
    return [column.header for column in look(path, text, kind, company_id=NIL, now=None).columns]


def remapped(text: str, kind: str, columns: Mapping[str, str], settings: Mapping[str, Any]) -> str:
    """The profile with these columns (field: header) and settings, and with nothing of other kinds of file."""
    raw = {key: value for key, value in tomllib.loads(text).items() if key not in KINDS}
    place = {**raw.get("place", {}), **settings.get("place", {})}
    raw |= {**settings, "kind": kind, "place": {key: value for key, value in place.items() if value}}
    raw["required"] = [name for name in needed(kind, columns) if name in columns] or list(columns)[:1]
    raw["merged"] = [name for name in raw.get("merged", ()) if name in columns]
    if raw.get("commands", {}).get("column") not in (None, *columns):
        raw["commands"] = {key: value for key, value in raw["commands"].items() if key not in ("column", "returns")}
    raw["columns"] = {name: [header] for name, header in columns.items()}
    return written(raw)


def rewritten(text: str) -> str:
    """The profile for a file of ours: rows set aside come back as CSV, whatever they came in as."""
    raw = tomllib.loads(text)
    return written({**raw, "encoding": "auto", "delimiter": "auto", "sheet": ""})


def look(path: Path, text: str, kind: str, *, company_id: UUID, now: datetime | None) -> Preview:
    """The file as a profile reads it: its top, and what is wrong with its first rows. No database, nothing written.

    Raises FileFault for what is no table at all.
    """
    raw = tomllib.loads(text)
    seen, fault = _peeked(path, raw)
    found = Preview(seen, {"price_includes_tax": True, **raw}, [], [], needed(kind, raw.get("columns", {})), [])
    try:
        if fault is not None:
            raise fault
        profile = read(text, "profile", kind)
        found.needed = needed(kind, profile.columns)
        with read_rows(path, profile, limits=LIMITS) as table:
            found.columns = _columns(table.headers, profile)
            _check(found, table, taker_for(profile, as_of=None, company_id=company_id), now)
    except (FileFault, ProfileFault) as refused:
        found.fault = refused
        _as_it_is(found, kind)
    for column in found.columns:
        texts = [row.cells[column.index] for row in found.rows if column.index < len(row.cells)]
        column.samples = list(dict.fromkeys(text for text in texts if text.strip()))[:SAMPLES]
    mapped = {column.field for column in found.columns}
    found.missing = [name for name in found.needed if name not in mapped]
    return found


def _peeked(path: Path, raw: Mapping[str, Any]) -> tuple[Peek, FileFault | None]:
    """The top of the file as the profile wants it, else as it can be read, and then why not so."""
    try:
        how = {name: str(raw[name]) for name in ("encoding", "delimiter", "sheet") if raw.get(name)}
        return peek(path, LIMITS, **how), None
    except (FileFault, LookupError) as fault:
        return peek(path, LIMITS), fault if isinstance(fault, FileFault) else None


def _check(found: Preview, table: Table, taker: Taker, now: datetime | None) -> None:
    """The first rows as the run will take them, but for what only the database knows."""
    taker.define(table.header.columns)
    converter = RowConverter(table, now=now)
    places = {table.header.name(name): index for name, index in table.header.columns.items()}
    reasons: Counter[str] = Counter()
    for item in islice(table, CHECKED):
        faults, others = _judged(item, table, taker, converter)
        found.checked += 1
        found.bad += bool(faults)
        reasons.update({fault.code for fault in faults})
        if len(found.rows) < SHOWN or (faults and len(found.rows) < 2 * SHOWN):
            row = SeenRow(item.number, list(item.raw), whole=gettext("left alone") if others else "")
            for fault in faults:
                text = sentence(fault.code, fault.data)
                if fault.column in places:
                    row.faults[places[fault.column]] = text
                else:
                    row.whole = text
            found.rows.append(row)
    found.reasons = [(words.reason(code, with_code=False), count) for code, count in reasons.most_common()]


def _judged(
    item: Row | SetAside, table: Table, taker: Taker, converter: RowConverter
) -> tuple[Sequence[CellFault], bool]:
    """What is wrong with a row, and whether it is another command's."""
    result = converter.convert(item) if isinstance(item, Row) else item
    if isinstance(result, SetAside):
        return result.faults, False
    profile = table.profile
    if profile.kind in ("orders", "returns"):
        units: Any = result.values["quantity"]
        command = profile.commands.of(result.row.cells, units or 0)
        if (command == "return") != (taker.wanted == "return"):
            return (), True
    fault = taker.check(result.values)
    if fault is None:
        return (), False
    header = table.header_of(fault.column) if fault.column else ""
    return (CellFault(header, fault.code, fault.data),), False


def _as_it_is(found: Preview, kind: str) -> None:
    """Columns and top rows of a file that cannot be read as described."""
    number, header = _header(found.peek, kind)
    mapped = {normal(one): name for name, texts in found.raw.get("columns", {}).items() for one in _texts(texts)}
    cells = [cell.strip("\ufeff \t") for cell in header]
    found.columns = [Column(index, cell, mapped.get(normal(cell), ""), []) for index, cell in enumerate(cells)]
    found.rows = [SeenRow(at, list(row)) for at, row in found.peek.rows if at > number][:SHOWN]


def _columns(headers: Sequence[str], profile: Profile) -> list[Column]:
    fields = {index: name for name, indexes in match(headers, profile).items() for index in indexes}
    return [Column(at, text.strip("\ufeff \t"), fields.get(at, ""), []) for at, text in enumerate(headers)]


def _header(seen: Peek, kind: str) -> tuple[int, tuple[str, ...]]:
    """The row with the most names we know, else the fullest; titles may stand above it."""
    known = _known(kind)

    def likeness(row: tuple[int, tuple[str, ...]]) -> tuple[int, int]:
        cells = [cell for cell in row[1] if cell.strip()]
        return sum(1 for cell in cells if names_of(cell) & known.keys()), len(set(cells))

    return max(seen.rows[:MAX_TITLE_ROWS], key=likeness, default=(0, ()))


def _guessed(header: Iterable[str], kind: str) -> dict[str, str]:
    """field -> header, by names that are known for it; the first column that answers to one takes it."""
    known = _known(kind)
    found: dict[str, str] = {}
    cells = [cell.strip("\ufeff \t") for cell in header]
    for exact in (True, False):
        for cell in cells:
            for name in sorted(names_of(cell)):
                field_name, rank = known.get(name, ("", 0))
                if field_name and (rank == 0) == exact and field_name not in found and cell not in found.values():
                    found[field_name] = cell
    return found


def _known(kind: str) -> dict[str, tuple[str, int]]:
    """normalised name -> (field, 0 for the field's own names, 1 for others)."""
    found: dict[str, tuple[str, int]] = {}
    for name, texts in names(kind).items():
        for place, text in enumerate(texts):
            rank = 0 if place < OWN_NAMES else 1
            if normal(text) not in found or found[normal(text)][1] > rank:
                found[normal(text)] = (name, rank)
    return found


def _fits(seen: Peek, profile: Profile) -> bool:
    """Whether a row at the top holds every column the profile requires, and nothing it would read twice."""
    for _, cells in seen.rows[:MAX_TITLE_ROWS]:
        found = match(cells, profile)
        if _full(found, profile):
            return all(len(indexes) == 1 for indexes in found.values())
    return False


def _full(found: Mapping[str, list[int]], profile: Profile) -> bool:
    return all(name in found for name in profile.required)


def _texts(value: Any) -> Sequence[str]:
    return value if isinstance(value, list) else (value,)
