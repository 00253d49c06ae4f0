"""Read a table: every physical row comes out once, as a Row or as a SetAside with its reasons."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Self

from guicang.intake.profiles import Profile
from guicang.intake.tables import detect
from guicang.intake.tables.cells import blank, clean, is_total, normal, odd, odd_row
from guicang.intake.tables.csvrows import Record, records
from guicang.intake.tables.encoding import TextLines, detect_encoding, read_sample
from guicang.intake.tables.errors import NOT_DATA, CellFault, ConvertError, FileFault
from guicang.intake.tables.open import ByteStream, Limits, sniff
from guicang.intake.tables.xlsx import open_sheet

_NONE: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Row:
    """A row that can be read. `number` is its first physical line, the header counted, from 1.

    `cells` has every mapped field of the file ('' where empty); `cleaned` names what was cleaned
    as (header, what); `raw` are the cells as they stand in the file.
    """

    number: int
    cells: dict[str, str]
    raw: tuple[str, ...]
    cleaned: tuple[tuple[str, str], ...] = _NONE


@dataclass(slots=True)
class SetAside:
    """A row that is not imported, with every finding; `column`, `code`, `data` are the first one's.

    `cells` are those of the mapped fields that can be read; where the row as a whole is at fault (`column` ''), what
    stands at their place.
    """

    number: int
    faults: tuple[CellFault, ...]
    raw: tuple[str, ...]
    cells: Mapping[str, str] = field(default_factory=dict)

    @property
    def column(self) -> str:
        return self.faults[0].column

    @property
    def code(self) -> str:
        return self.faults[0].code

    @property
    def data(self) -> dict[str, object]:
        return dict(self.faults[0].data)


@dataclass(frozen=True, slots=True)
class Progress:
    """Bytes of the file consumed (packed ones where it is packed) of all its bytes."""

    read: int
    total: int


@dataclass(frozen=True, slots=True)
class _Cell:
    field: str
    index: int
    header: str
    required: bool
    merged: bool


class Table:
    """An opened table. Iterate it once; close it, or use it as a context manager.

    `counts` holds after each row how many came out, by `row` or the code of the first finding:
    their sum is the number of rows below the header, none is dropped.
    """

    def __init__(
        self,
        profile: Profile,
        header: detect.Header,
        formats: detect.Formats,
        source: Iterator[Record],
        *,
        progress: Callable[[], Progress],
        close: Callable[[], None],
    ) -> None:
        self.profile, self.header, self.formats = profile, header, formats
        self.encoding = self.delimiter = self.sheet = ""
        #: Visible sheets of the workbook that are not read: to be reported, never hidden.
        self.other_sheets: tuple[str, ...] = ()
        #: Title rows above the header as (number, cells).
        self.preamble: list[tuple[int, tuple[str, ...]]] = []
        self.counts: Counter[str] = Counter()
        self._source, self._progress, self._close = source, progress, close
        self._fields = profile.fields
        self._plan = [
            _Cell(field, index, header.name(field), field in profile.required, field in profile.merged)
            for field, index in header.columns.items()
        ]
        self._above: dict[str, str] = {}
        self._names = {cell.index: normal(header.cells[cell.index]) for cell in self._plan}

    @property
    def headers(self) -> tuple[str, ...]:
        """The header cells as the file writes them, for a file of set-aside rows."""
        return self.header.cells

    @property
    def progress(self) -> Progress:
        return self._progress()

    def header_of(self, field: str) -> str:
        """The header of a mapped field as the file writes it, for messages."""
        return self.header.name(field)

    def close(self) -> None:
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Row | SetAside]:
        """Rows in file order. Raises FileFault where the stream turns out damaged or undecodable."""
        width = len(self.header.cells)
        names = [cell.field for cell in self._plan]
        pick = _picker([cell.index for cell in self._plan])
        needed = _picker([cell.index for cell in self._plan if cell.required])
        first_header, simple = self.header.cells[0], not self.profile.merged
        counts = self.counts
        for number, cells, faults in self._skip_to_data():
            # The common row has nothing odd anywhere; one search over the joined cells proves it.
            if (
                simple
                and faults is None
                and len(cells) == width
                and cells[0]
                and cells[0] != first_header
                and not odd_row(cells)
                and is_total(cells[0]) is None
                and all(needed(cells))
            ):
                counts["row"] += 1
                yield Row(number, dict(zip(names, pick(cells))), tuple(cells))  # noqa: B905 - both from the plan
                continue
            result = self._careful(number, cells, faults)
            counts["row" if isinstance(result, Row) else result.code] += 1
            yield result

    def _skip_to_data(self) -> Iterator[Record]:
        for number, cells, _ in self._source:
            if number >= self.header.number:
                break
            self.preamble.append((number, tuple(cells)))
        return self._source

    def _careful(self, number: int, cells: list[str], faults: dict[int, tuple[str, str]] | None) -> Row | SetAside:
        raw = tuple(cells)
        whole = self._row_fault(cells, faults or {})
        if whole is not None:
            at_place = {} if whole.code in NOT_DATA else self._at_place(cells)
            self._above.clear()
            return SetAside(number, (whole,), raw, at_place)
        values: dict[str, str] = {}
        cleaned: list[tuple[str, str]] = []
        found: list[CellFault] = []
        for cell in self._plan:
            try:
                values[cell.field], what = self._value(cell, cells[cell.index], faults)
            except ConvertError as fault:
                found.append(CellFault(cell.header, fault.code, fault.data))
                continue
            if what:
                cleaned.append((cell.header, what))
        return SetAside(number, tuple(found), raw, values) if found else Row(number, values, raw, tuple(cleaned))

    def _at_place(self, cells: list[str]) -> dict[str, str]:
        """What stands where the mapped fields should, of a row with stray quotes or too few or too many cells."""
        found: dict[str, str] = {}
        for cell in self._plan:
            if cell.index < len(cells):
                with suppress(ConvertError):
                    found[cell.field] = self._value(cell, cells[cell.index].strip().strip('"'), None)[0]
        return found

    def _value(self, cell: _Cell, text: str, faults: dict[int, tuple[str, str]] | None) -> tuple[str, str]:
        what = ""
        if cell.merged:  # forgotten until this row's value proves good: a refused one is not passed down
            above = self._above.pop(cell.field, "")
        if faults and cell.index in faults:
            code, shown = faults[cell.index]
            raise ConvertError(code, text=text or shown)
        if text and odd(text):
            text, what = clean(text, self._fields[cell.field].kind)
        if cell.merged:
            text, what = (text, what) if text else (above, "merged" if above else what)
            self._above[cell.field] = text
        if not text and cell.required:
            raise ConvertError("missing_value", text="")
        return text, what

    def _row_fault(self, cells: list[str], faults: dict[int, tuple[str, str]]) -> CellFault | None:
        """What is wrong with the row as a whole."""
        if -1 in faults:
            return CellFault("", faults[-1][0])
        if not faults and blank(cells):
            return CellFault("", "blank_row")
        if self._is_header(cells):
            return CellFault("", "repeated_header")
        if self._is_total(cells):
            return CellFault("", "total_row")
        width = len(self.header.cells)
        if len(cells) < width or (len(cells) > width and not blank(cells[width:])):
            return CellFault("", "cell_count", {"cells": len(cells), "expected": width})
        return None

    def _is_header(self, cells: list[str]) -> bool:
        return all(index < len(cells) and normal(cells[index]) == name for index, name in self._names.items())

    def _is_total(self, cells: list[str]) -> bool:
        """A total word in the first filled cell, no identifier beside it, and a row that is incomplete."""
        at, text = next(((i, c.strip(" \t\u3000\u00a0")) for i, c in enumerate(cells) if c.strip()), (0, ""))
        if is_total(text) is None:
            return False
        here = {cell: cells[cell.index].strip() if cell.index < len(cells) else "" for cell in self._plan}
        others = {cell: value for cell, value in here.items() if cell.index != at and value}
        kinds = {self._fields[cell.field].kind for cell in others}
        incomplete = any(cell.required and not value for cell, value in here.items())
        return "identifier" not in kinds and (incomplete or kinds <= {"amount", "price", "quantity", "rate"})


def _picker(indexes: list[int]) -> Callable[[list[str]], tuple[str, ...]]:
    """itemgetter that yields a tuple for a single index too."""
    if len(indexes) == 1:
        only = indexes[0]
        return lambda cells: (cells[only],)
    return itemgetter(*indexes)


def read_rows(
    path: str | Path,
    profile: Profile,
    *,
    sheet: str | None = None,
    max_bytes: int | None = None,
    limits: Limits | None = None,
) -> Table:
    """Open `path` by its content (CSV, .gz, .xz, XLSX) as the profile declares. Raises FileFault.

    A CSV is streamed: memory does not grow with the file. An XLSX is laid out whole, bounded by
    `limits.max_cells`. `max_bytes` counts after expansion and overrides the limits' own.
    """
    path = Path(path)
    limits = limits or Limits()
    if max_bytes is not None:
        limits = replace(limits, max_bytes=max_bytes)
    container = sniff(path, limits)
    if container == "zip":
        return _read_sheet(path, profile, limits, profile.sheet if sheet is None else sheet)
    stream = ByteStream(path, container, limits)
    try:
        return _read_text(stream, profile)
    except BaseException:
        stream.close()
        raise


def _read_text(stream: ByteStream, profile: Profile) -> Table:
    sample = read_sample(stream)
    following = stream.read()
    encoding = detect_encoding(sample, profile.encoding, whole=not following)
    lines = TextLines(stream, sample, encoding, following, automatic=profile.encoding == "auto")
    head = lines.sample()
    candidates = [",", ";", "\t", "|"] if profile.delimiter == "auto" else [profile.delimiter]
    headers: list[detect.Header | FileFault] = []
    for candidate in candidates:
        try:
            rows = ((number, cells) for number, cells, _ in records(head, candidate))
            headers.append(detect.find_header(rows, profile))
        except FileFault as fault:
            headers.append(fault)
    chosen = detect.choose(headers)
    header, delimiter = headers[chosen], candidates[chosen]
    if isinstance(header, FileFault):
        raise header
    width = len(header.cells)
    wanted = header.number + detect.SAMPLE_ROWS
    rows_ = [cells for number, cells, _ in islice(records(head, delimiter, width), wanted) if number > header.number]
    table = Table(
        profile,
        header,
        detect.detect_formats(header, profile, rows_),
        records(lines, delimiter, width),
        progress=lambda: Progress(stream.position, stream.size),
        close=stream.close,
    )
    table.encoding, table.delimiter = encoding, delimiter
    return table


def _read_sheet(path: Path, profile: Profile, limits: Limits, wanted: str) -> Table:
    sheet = open_sheet(path, limits, wanted)
    header = detect.find_header(((number, cells) for number, cells, _ in sheet.read()), profile)
    sample = islice(sheet.sample(header.number + detect.SAMPLE_ROWS), header.number, None)
    formats = detect.detect_formats(header, profile, list(sample))
    size, done = path.stat().st_size, 0

    def rows() -> Iterator[Record]:
        nonlocal done
        for record in sheet.read(formats.decimal):
            done = record[0]
            yield record

    table = Table(
        profile,
        header,
        formats,
        rows(),
        progress=lambda: Progress(size * done // sheet.rows, size),
        close=lambda: None,
    )
    table.sheet, table.other_sheets = sheet.name, sheet.others
    return table


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a pass over the whole file proved: it decodes and expands to its end."""

    sha256: str
    lines: int
    expanded_bytes: int
    encoding: str


def prove_readable(path: str | Path, profile: Profile, *, max_bytes: int | None = None) -> FileFacts:
    """Read the file once to its end, so that a fault in its last line is known before anything is written.

    Raises FileFault as `read_rows` and its iteration do. Flat memory; `lines` is 0 for XLSX.
    """
    path = Path(path)
    with read_rows(path, profile, max_bytes=max_bytes) as table:
        encoding = table.encoding
    with path.open("rb") as raw:
        digest = hashlib.file_digest(raw, "sha256").hexdigest()
    if not encoding:
        return FileFacts(digest, 0, path.stat().st_size, "")
    limits = Limits() if max_bytes is None else Limits(max_bytes=max_bytes)
    with ByteStream(path, sniff(path, limits), limits) as stream:
        sample = read_sample(stream)
        lines = TextLines(stream, sample, encoding, stream.read(), automatic=profile.encoding == "auto")
        count, last = 0, "\n"
        for text in lines.chunks():
            count += text.count("\n")
            last = text[-1:] or last
        return FileFacts(digest, count + (last != "\n"), stream.expanded, lines.encoding)
