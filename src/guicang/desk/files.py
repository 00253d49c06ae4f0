"""Lists as CSV and XLSX files: written row by row, in bounded memory, with nothing in them that a sheet would run.

CSV is UTF-8 with a byte order mark, or Excel guesses another encoding. A text that begins like a formula gets an
apostrophe before it (CWE-1236); in XLSX each cell has a type, and texts are written as texts.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils import timezone

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
#: What makes a spreadsheet take a text for a formula or a command; the wide ones are typed by Chinese keyboards.
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: The longest text of a cell of XLSX.
LONGEST = 32_767


@dataclass(frozen=True, slots=True)
class Column:
    """`take`: the cell of a row. Money: a Decimal in the currency's units; `None` is an empty cell."""

    title: Any
    take: Callable[[Any], Any]
    kind: Literal["text", "number", "money", "time", "day"] = "text"


def csv_text(columns: Sequence[Column], pages: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The file in pieces, one a page of rows."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BOM)
    writer.writerow([str(column.title) for column in columns])
    for rows in pages:
        writer.writerows([[_plain(column, column.take(row)) for column in columns] for row in rows])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue().encode()


def _plain(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.kind == "time":
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if column.kind in ("number", "money", "day"):
        return str(value)
    return safe(str(value))


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(RISKY) else text


def xlsx(title: str, columns: Sequence[Column], pages: Iterable[Sequence[Any]]) -> Any:
    """An open temporary file at its beginning; rows leave memory as they are written. The caller closes it."""
    import xlsxwriter  # here: slow to import, and few ask for it

    file = tempfile.TemporaryFile()  # noqa: SIM115 # the answer closes it
    # Rows go to a file of their own at once; texts stay texts, whatever they look like.
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    )
    sheet = book.add_worksheet(title[:31])
    formats = {
        "money": book.add_format({"num_format": "#,##0.00"}),
        "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    bold = book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(columns):
        sheet.set_column(at, at, 18)
        sheet.write_string(0, at, str(column.title), bold)
    number = 1
    for rows in pages:
        for row in rows:
            for at, column in enumerate(columns):
                _write(sheet, number, at, column, column.take(row), formats.get(column.kind))
            number += 1
    book.close()
    file.seek(0)
    return file


def _write(sheet: Any, row: int, at: int, column: Column, value: Any, shape: Any) -> None:
    if value is None:
        return
    if column.kind in ("number", "money"):
        sheet.write_number(row, at, value, shape)
    elif column.kind == "time":
        sheet.write_datetime(row, at, timezone.localtime(value).replace(tzinfo=None), shape)
    elif column.kind == "day":
        sheet.write_datetime(row, at, value, shape)
    else:
        sheet.write_string(row, at, str(value)[:LONGEST])
