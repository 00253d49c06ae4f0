"""Records of delimited text with the number of their first physical line, and no row lost to a stray quote."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator

#: A quoted cell may run over this many lines; beyond it the quote is taken for a stray one.
MAX_RECORD_LINES = 200
#: Narrower tables give too few delimiters to tell a swallowed row from a text of several lines.
_MIN_WIDTH = 3
#: number, cells, faults by index (-1: the whole row)
Record = tuple[int, list[str], dict[int, tuple[str, str]] | None]
BAD_QUOTING = {-1: ("bad_quoting", "")}


class _RecordTooLong(Exception):
    """A quote was opened and not closed within MAX_RECORD_LINES."""


class _Physical:
    """Physical lines, counted, with those of the present record kept so that they can be read again."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self.record: list[str] = []
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.number += 1
        self.record.append(line)
        if len(self.record) > MAX_RECORD_LINES:
            raise _RecordTooLong
        return line

    def give_back(self) -> str:
        """The record's first line; all after it will be read again."""
        first, *rest = self.record
        self._again.extendleft(reversed(rest))
        self.number -= len(rest)
        return first


def _sound(cells: list[str], delimiter: str, width: int) -> bool:
    """False where a quoted cell of several lines swallowed rows: two stray quotes in the same column.

    Such a cell holds exactly the rest of its own row and the start of the row of the second quote.
    """
    for index, cell in enumerate(cells):
        first, feed, rest = cell.partition("\n")
        if feed and width >= _MIN_WIDTH:
            last = rest.rpartition("\n")[2]
            if first.count(delimiter) == width - 1 - index and last.count(delimiter) == index:
                return False
    return len(cells) == width


def records(lines: Iterable[str], delimiter: str, width: int = 0) -> Iterator[Record]:
    """Every record of `lines`. A line whose quotes do not close, or whose quoted cell swallowed other
    rows (several lines and not `width` cells), comes back alone as `bad_quoting`; the next is read anew.
    """
    physical = _Physical(iter(lines))
    # strict: text after a closing quote is a fault to report, not something to glue together
    reader = csv.reader(physical, delimiter=delimiter, strict=True)
    kept = physical.record
    while True:
        kept.clear()
        number = physical.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _RecordTooLong):
            cells = None
        if cells is not None and (len(kept) == 1 or not width or _sound(cells, delimiter, width)):
            yield number, cells, None
        else:
            yield number, physical.give_back().rstrip("\r\n").split(delimiter), BAD_QUOTING
