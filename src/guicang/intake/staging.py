"""A file, read and converted, in a SQLite file of its own: grouped and sorted without holding it in memory.

An order's rows need not stand together in an export. Rows go in as they are read, `seal` finds out which
belong together, `groups` hands them out order by order. The file is removed from its directory as soon as
it is open, so that nothing stays behind, not even after kill -9.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from guicang.intake.profiles import Field

#: Rows that wait for one executemany.
_BATCH = 2_000
_CACHE_KIB = 16_384

_SEPARATOR = "\x1f"
#: How the keys of rows begin that name no document.
_UNNUMBERED = "\x1f\x1f\x1f"
_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row is set aside; `column` is the header as the file writes it, '' for the row as a whole."""

    code: str
    column: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class StagedRow:
    """`number` is the row's first line in the file; `values` as `tables.Converted` has them."""

    number: int
    values: dict[str, Any]


@dataclass(slots=True)
class Group:
    """The rows of one document, in file order; `position` counts from 1 in the order of work."""

    position: int
    rows: list[StagedRow]


class Staging:
    """Rows of one file. Fill it with `add` and `add_fault`, `seal` it, then read; use it as a context manager.

    Memory is bounded by the largest group: SQLite sorts in files of its own.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix="staging-", suffix=".sqlite3", dir=directory)
        os.close(handle)
        self._db = sqlite3.connect(name, isolation_level=None)
        for pragma in (
            "journal_mode=OFF",
            "synchronous=OFF",
            "locking_mode=EXCLUSIVE",
            "temp_store=FILE",
            f"cache_size=-{_CACHE_KIB}",
        ):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute("BEGIN")
        self._db.execute("CREATE TABLE runs (run INTEGER PRIMARY KEY, key TEXT, at TEXT, first INTEGER, last INTEGER)")
        self._db.execute("CREATE TABLE faults (number INTEGER PRIMARY KEY, col TEXT, code TEXT, data TEXT, raw TEXT)")
        os.unlink(name)
        self._rows: list[tuple[Any, ...]] = []
        self._runs: list[tuple[str, str, int, int]] = []
        self._faults: list[tuple[Any, ...]] = []
        self._key, self._at, self._first, self._last = "", "", 0, 0
        self.fault_count = self.group_count = self.document_count = 0

    def define(self, fields: Mapping[str, Field]) -> None:
        """The fields its rows will have: those of the file, in its order. Once, before the first row."""
        self._names = tuple(fields)
        kinds = [field.kind for field in fields.values()]
        self._encode = [(index, _ENCODE[kind]) for index, kind in enumerate(kinds) if kind in _ENCODE]
        self._decode = [(index, _DECODE[kind]) for index, kind in enumerate(kinds) if kind in _DECODE]
        columns = ", ".join(f"f{index}" for index in range(len(self._names)))
        self._db.execute(f"CREATE TABLE staged (number INTEGER PRIMARY KEY, raw TEXT, {columns})")
        marks = ", ".join("?" * (2 + len(self._names)))
        self._insert = f"INSERT INTO staged VALUES ({marks})"  # noqa: S608 - marks alone

    def add(self, number: int, key: str, at: str, values: Mapping[str, Any], raw: Sequence[str]) -> None:
        """A row of the document `key`; documents come out by `at` (text that sorts), then in file order.

        Rows without one (`key` '') count as one document, and are handed out in groups of bounded size.
        """
        if not key:
            key = f"{_UNNUMBERED}{number // _BATCH}"
        if key != self._key or at != self._at or not self._last:
            self._end_run()
            self._key, self._at, self._first = key, at, number
        self._last = number
        cells = list(map(values.get, self._names))
        for index, encode in self._encode:
            if cells[index] is not None:
                cells[index] = encode(cells[index])
        self._rows.append((number, _packed(raw), *cells))
        if len(self._rows) >= _BATCH:
            self._flush()

    def add_fault(self, number: int, column: str, code: str, data: Mapping[str, Any], raw: Sequence[str]) -> None:
        """A row that is set aside by itself."""
        self.fault_count += 1
        self._faults.append((number, column, code, _dumps(data), _dumps(raw)))
        if len(self._faults) >= _BATCH:
            self._flush()

    def seal(self) -> None:
        """No more rows: find out which runs of rows are one document, and the order of the documents."""
        self._end_run()
        self._flush()
        self._db.execute(
            "CREATE TABLE documents AS SELECT key, ROW_NUMBER() OVER (ORDER BY MIN(at), MIN(run)) AS position "
            "FROM runs GROUP BY key"
        )
        self._db.execute("CREATE INDEX documents_key ON documents (key, position)")
        groups, numbered = "SELECT COUNT(*) FROM documents", f"substr(key, 1, {len(_UNNUMBERED)}) <> ?"
        self.group_count = self._db.execute(groups).fetchone()[0]
        of_documents = self._db.execute(f"{groups} WHERE {numbered}", (_UNNUMBERED,)).fetchone()[0]
        self.document_count = of_documents + (self.group_count > of_documents)
        self._db.execute(
            "CREATE TABLE spans AS SELECT d.position, r.first, r.last FROM runs r JOIN documents d USING (key)"
        )
        self._db.execute("CREATE INDEX spans_order ON spans (position, first)")
        self._db.execute("DROP TABLE runs")
        self._db.execute("DROP TABLE documents")
        self._db.execute("COMMIT")

    def groups(self, after: int = 0) -> Iterator[Group]:
        """Documents beyond the first `after`, each with all its rows."""
        columns = ", ".join(f"s.f{index}" for index in range(len(self._names)))
        rows = self._db.execute(
            f"SELECT p.position, s.number, {columns} FROM spans p CROSS JOIN staged s "  # noqa: S608 - own names
            "ON s.number BETWEEN p.first AND p.last WHERE p.position > ? ORDER BY p.position, s.number",
            (after,),
        )
        for position, members in groupby(rows, itemgetter(0)):
            yield Group(position, [self._row(cells) for cells in members])

    def chunks(self, after: int, groups: int, rows: int) -> Iterator[list[Group]]:
        """The documents in sets of at most `groups`, and of about `rows` rows at most."""
        chunk: list[Group] = []
        size = 0
        for group in self.groups(after):
            if chunk and (len(chunk) >= groups or size + len(group.rows) > rows):
                yield chunk
                chunk, size = [], 0
            chunk.append(group)
            size += len(group.rows)
        if chunk:
            yield chunk

    def faults(self) -> Iterator[tuple[int, Reason, list[str]]]:
        """(number, why, raw cells) of every row set aside by itself, in file order."""
        for number, column, code, data, raw in self._db.execute("SELECT * FROM faults ORDER BY number"):
            yield number, Reason(code, column, json.loads(data)), json.loads(raw)

    def fault_codes(self) -> dict[str, int]:
        """How many rows were set aside by themselves, by code."""
        return dict(self._db.execute("SELECT code, COUNT(*) FROM faults GROUP BY code"))

    def faulty(self, first: int, last: int) -> dict[int, str]:
        """Rows from `first` to `last` that were set aside by themselves: number to code."""
        return dict(self._db.execute("SELECT number, code FROM faults WHERE number BETWEEN ? AND ?", (first, last)))

    def raw(self, numbers: Iterable[int]) -> dict[int, list[str]]:
        """The cells of these rows as they stand in the file."""
        wanted = json.dumps(list(numbers))
        query = "SELECT number, raw FROM staged WHERE number IN (SELECT value FROM json_each(?))"
        return {number: _unpacked(raw) for number, raw in self._db.execute(query, (wanted,))}

    def distinct(self, field: str, *, other: str = "") -> int:
        """How many texts of `field` are written in several ways that differ by case alone; with `other`,
        how many texts of `field` stand beside several texts of `other`."""
        if field not in self._names or (other and other not in self._names):
            return 0
        column = f"f{self._names.index(field)}"
        if other:
            inner = f"SELECT 1 FROM staged GROUP BY {column} HAVING COUNT(DISTINCT f{self._names.index(other)}) > 1"  # noqa: S608
        else:
            inner = f"SELECT 1 FROM staged GROUP BY lower({column}) HAVING COUNT(DISTINCT {column}) > 1"  # noqa: S608
        return int(self._db.execute(f"SELECT COUNT(*) FROM ({inner})").fetchone()[0])  # noqa: S608

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _row(self, cells: Sequence[Any]) -> StagedRow:
        values = list(cells[2:])
        for index, decode in self._decode:
            if values[index] is not None:
                values[index] = decode(values[index])
        return StagedRow(cells[1], dict(zip(self._names, values, strict=True)))

    def _end_run(self) -> None:
        if self._last:
            self._runs.append((self._key, self._at, self._first, self._last))
            self._last = 0

    def _flush(self) -> None:
        self._db.executemany(self._insert, self._rows)
        self._db.executemany("INSERT INTO runs (key, at, first, last) VALUES (?, ?, ?, ?)", self._runs)
        self._db.executemany("INSERT INTO faults VALUES (?, ?, ?, ?, ?)", self._faults)
        self._rows.clear()
        self._runs.clear()
        self._faults.clear()


def _packed(raw: Sequence[str]) -> str:
    """Cells as one text: joined where no cell holds the separator, which is four times as fast as JSON."""
    joined = _SEPARATOR.join(raw)
    return joined if joined.count(_SEPARATOR) == len(raw) - 1 and joined[:1] != "[" else _dumps(raw)


def _unpacked(text: str) -> list[str]:
    cells: list[str] = json.loads(text) if text[:1] == "[" else text.split(_SEPARATOR)
    return cells


#: What SQLite cannot hold as it is, by kind of field.
_ENCODE: dict[str, Callable[[Any], Any]] = {
    "price": str,
    "rate": str,
    "instant": datetime.isoformat,
    "boolean": int,
}
_DECODE: dict[str, Callable[[Any], Any]] = {
    "price": Decimal,
    "rate": Decimal,
    "instant": datetime.fromisoformat,
    "boolean": bool,
}
