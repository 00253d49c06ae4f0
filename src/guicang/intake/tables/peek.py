"""The first rows of a file whose columns nobody has named yet: enough for a person to say what they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from guicang.intake.profiles.schema import N_
from guicang.intake.tables.csvrows import records
from guicang.intake.tables.encoding import TextLines, detect_encoding, read_sample
from guicang.intake.tables.errors import file_fault
from guicang.intake.tables.open import ByteStream, Limits, sniff
from guicang.intake.tables.xlsx import open_sheet

#: Rows looked at.
ROWS = 60
_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Peek:
    """`rows` are (number, cells) of the top of the file; what does not apply to a file is ''."""

    encoding: str
    delimiter: str
    sheet: str
    other_sheets: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def peek(path: Path, limits: Limits, *, encoding: str = "auto", delimiter: str = "auto", sheet: str = "") -> Peek:
    """Look at the top of a file, by its content and not by its name. Raises FileFault for what is no table.

    A sheet is laid out whole, bounded by `limits.max_cells`.
    """
    container = sniff(path, limits)
    if container == "zip":
        book = open_sheet(path, limits, sheet)
        rows = tuple((number, tuple(cells)) for number, cells, _ in islice(book.read(), ROWS))
        return Peek("", "", book.name, book.others, rows)
    with ByteStream(path, container, limits) as stream:
        sample = read_sample(stream)
        following = stream.read()
        codec = detect_encoding(sample, encoding, whole=not following)
        lines = TextLines(stream, sample, codec, following, automatic=encoding == "auto").sample()
    found = {mark: _rows(lines, mark) for mark in (_DELIMITERS if delimiter == "auto" else (delimiter,))}
    chosen = max(found, key=lambda mark: _likeness(found[mark]))
    if _likeness(found[chosen])[1] < 2 and delimiter == "auto":  # noqa: PLR2004 - one column is no table
        raise file_fault("not_a_table", reason=N_("no comma, semicolon, tab or bar separates columns"))
    return Peek(codec, chosen, "", (), found[chosen])


def _rows(lines: Sequence[str], mark: str) -> tuple[tuple[int, tuple[str, ...]], ...]:
    return tuple((number, tuple(cells)) for number, cells, _ in islice(records(lines, mark), ROWS))


def _likeness(rows: Sequence[tuple[int, Sequence[str]]]) -> tuple[int, int]:
    """How much like a table a reading is: rows of its commonest width above 1, and that width."""
    widths = Counter(len(cells) for _, cells in rows if len(cells) > 1)
    if not widths:
        return 0, 1
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return count, width
