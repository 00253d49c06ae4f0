"""Sheets of XLSX workbooks: bounded before anything is parsed, values by calamine.

Calamine lays a sheet out whole and knows neither formulas nor error values, so one cheap pass over
the sheet's XML comes first: it proves the true size of each part, the area of the sheet, and where
formulas and errors stand.
"""

from __future__ import annotations

import copy
import re
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path, PurePosixPath

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from guicang.intake.profiles.schema import N_
from guicang.intake.tables.errors import file_fault
from guicang.intake.tables.open import Limits

Value = int | float | str | bool | time | date | datetime | timedelta
#: (row, column), both from 0 -> (code, text)
CellFaults = dict[tuple[int, int], tuple[str, str]]
_CHUNK = 1024 * 1024
#: Longest cell tag that may be cut by the edge of two chunks.
_OVERLAP = 4096
_MAX_INDEX_XML = 8 * 1024**2
_MAX_EXACT = 10**15
_FORMULA = re.compile(rb"<(?:\w+:)?c(\s[^>]*)?>\s*<(?:\w+:)?f[\s/>]")
_ERROR = re.compile(rb'<(?:\w+:)?c(\s[^>]*\bt="e"[^>]*)>')
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_COLUMNS = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})[0-9]')
_ROWS = re.compile(rb'<(?:\w+:)?row\s[^>]*?\br="([0-9]{1,7})"')
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(slots=True)
class _Scan:
    faults: CellFaults = field(default_factory=dict)
    rows: int = 0
    columns: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet, laid out by calamine; `others` are the visible sheets that are not read."""

    name: str
    others: tuple[str, ...]
    rows: int
    _sheet: CalamineSheet
    _faults: CellFaults

    def read(self, decimal: str = ".") -> Iterator[tuple[int, list[str], dict[int, tuple[str, str]] | None]]:
        """(row number from 1, texts, faults by index). Numbers carry `decimal`, dates are ISO with a T."""
        first = self._sheet.start[1] if self._sheet.start else 0
        by_row: dict[int, dict[int, tuple[str, str]]] = {}
        for (row, column), fault in self._faults.items():
            by_row.setdefault(row, {})[column - first] = fault
        for row, values in enumerate(self._sheet.iter_rows()):
            faults = by_row.get(row)
            texts: list[str] = []
            for index, value in enumerate(values):
                if isinstance(value, str):
                    texts.append(value)
                    continue
                text = text_of(value, decimal)
                texts.append(text)
                if isinstance(value, int | float) and abs(value) >= _MAX_EXACT:
                    faults = {**(faults or {}), index: ("excel_number", text)}
            yield row + 1, texts, faults

    def sample(self, count: int) -> Iterator[list[str]]:
        """Rows with the text cells alone: typed numbers and dates prove no format."""
        for index, values in enumerate(self._sheet.iter_rows()):
            if index >= count:
                return
            yield [value if isinstance(value, str) else "" for value in values]


def text_of(value: Value, decimal: str = ".") -> str:
    """A typed value as text: 536365.0 is 536365, 15 digits as Excel shows them, dates ISO with a T."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        if abs(value) >= _MAX_EXACT:
            return f"{value:.15G}"
        text = format(Decimal(f"{value:.15g}"), "f")
        return text.replace(".", decimal) if decimal != "." else text
    if isinstance(value, datetime | time):
        return value.isoformat()
    return f"{value.isoformat()}T00:00:00" if isinstance(value, date) else str(value)


def open_sheet(path: Path, limits: Limits, wanted: str = "") -> Sheet:
    """The sheet `wanted`, else the first visible one. Raises FileFault; nothing is laid out before the checks."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_directory(archive, path, limits)
            name, part, others = _locate(archive, wanted)
            scan = _scan_parts(archive, part, limits)
    except (
        zipfile.BadZipFile,
        zlib.error,
        KeyError,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ET.ParseError,
    ) as fault:
        raise file_fault("unreadable_archive", reason=str(fault) or type(fault).__name__) from fault
    area = scan.rows * scan.columns
    if area > limits.max_cells:
        raise file_fault("sheet_too_large", rows=scan.rows, columns=scan.columns, limit=limits.max_cells)
    try:
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(name)
    except (CalamineError, OSError, ValueError) as fault:
        raise file_fault("unreadable_archive", reason=str(fault)) from fault
    if sheet.end is None:
        raise file_fault("empty_file", path=f"{path} [{name}]")
    return Sheet(name, others, sheet.end[0] + 1, sheet, scan.faults)


def _check_directory(archive: zipfile.ZipFile, path: Path, limits: Limits) -> None:
    """What the directory claims: entries, sizes, names. A lie is found by `_expand`."""
    entries = archive.infolist()
    packed, total = path.stat().st_size, sum(entry.file_size for entry in entries)
    if len(entries) > limits.max_entries:
        raise file_fault("expands_too_much", limit=f"{limits.max_entries} files", reason=f"{len(entries)} files")
    if total > limits.max_bytes:
        raise file_fault("expands_too_much", limit=f"{limits.max_bytes} B", reason=f"{total} B")
    ratio = min(limits.max_ratio, 200)
    if total > limits.free_bytes and total > ratio * packed:
        raise file_fault("expands_too_much", limit=f"1:{ratio}", reason=f"{packed} B -> {total} B")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise file_fault("unreadable_archive", reason=N_("two entries share a name"))
    if "xl/workbook.xml" not in names:
        raise file_fault("not_a_table", reason=N_("a ZIP archive that is no .xlsx; unpack it first"))


def _locate(archive: zipfile.ZipFile, wanted: str) -> tuple[str, str, tuple[str, ...]]:
    """Name and part of the sheet to read, and the names of the other visible ones."""
    targets = {item.get("Id"): item.get("Target", "") for item in _xml(archive, "xl/_rels/workbook.xml.rels")}
    parts: dict[str, str] = {}
    visible: list[str] = []
    for item in _xml(archive, "xl/workbook.xml").iter():
        if item.tag.rpartition("}")[2] != "sheet":
            continue
        name = item.get("name", "")
        target = targets.get(item.get(_RELATION) or next((v for k, v in item.items() if k.endswith("}id")), ""), "")
        parts[name] = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
        if item.get("state", "visible") == "visible" and "worksheets/" in target:
            visible.append(name)
    name = wanted or next(iter(visible), "")
    if name not in parts:
        raise file_fault("missing_sheet", sheet=wanted or "-", found=", ".join(visible) or "-")
    return name, parts[name], tuple(other for other in visible if other != name)


def _xml(archive: zipfile.ZipFile, part: str) -> ET.Element:
    content = b""
    for chunk in _expand(archive, part, _MAX_INDEX_XML):
        content += chunk
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise file_fault("unreadable_archive", reason=N_("XML with entities"))
    return ET.fromstring(content)  # noqa: S314


def _expand(archive: zipfile.ZipFile, part: str, limit: int) -> Iterator[bytes]:
    """The content of a part by its own end, not by the size that the directory claims."""
    entry = copy.copy(archive.getinfo(part))
    declared, entry.file_size = entry.file_size, limit + 1
    size = 0
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > declared or size > limit:
                reason = f"{part} > {declared} B"
                raise file_fault("expands_too_much", limit=f"{limit} B", reason=reason)
            yield chunk


def _scan_parts(archive: zipfile.ZipFile, sheet: str, limits: Limits) -> _Scan:
    """Expand every part that calamine will, and look at the sheet on the way."""
    scan = _Scan()
    for entry in archive.infolist():
        name = entry.filename
        if name == sheet:
            _scan_sheet(_expand(archive, name, limits.max_bytes), scan)
        elif name.endswith((".xml", ".rels")) and "worksheets/sheet" not in name:
            for _ in _expand(archive, name, limits.max_bytes):
                pass
    return scan


def _scan_sheet(chunks: Iterator[bytes], scan: _Scan) -> None:
    rest = b""
    letters: set[bytes] = set()
    for chunk in chunks:
        text = rest + chunk
        letters.update(_COLUMNS.findall(text))
        numbers = _ROWS.findall(text)
        scan.rows = max([scan.rows, *map(int, numbers)])
        if b"f" in text:
            _mark(text, _FORMULA, "formula", "=...", scan.faults)
        if b't="e"' in text:
            _mark(text, _ERROR, "cell_error", "#", scan.faults)
        rest = text[-_OVERLAP:]
    scan.columns = max((_column(letter) + 1 for letter in letters), default=0)


def _mark(text: bytes, pattern: re.Pattern[bytes], code: str, shown: str, faults: CellFaults) -> None:
    for found in pattern.finditer(text):
        reference = _REFERENCE.search(found[1] or b"")
        if reference is None:
            raise file_fault("unreadable_archive", reason=N_("formulas in cells without an address; save it anew"))
        faults.setdefault((int(reference[2]) - 1, _column(reference[1])), (code, shown))


def _column(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + letter - 64
    return index - 1
