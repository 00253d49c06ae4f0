"""The file of rows set aside: the original header and texts, why, and nothing a spreadsheet would execute.

Correct the cells, leave the columns at the end as they are, and import it again: they are ignored.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from guicang.intake.errors import sentence
from guicang.intake.models import SetAsideRow

#: Columns added at the end; no profile maps them.
ADDED = ("set-aside row", "set-aside column", "set-aside code", "set-aside reason")
_FORMULA = re.compile(r"[\s'\"]*[=+\-@|%]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?[\d.,\s]*\d[\d.,\s]*%?")
#: `="00123"`: how exports keep Excel from rounding; a text, no formula.
_EXCEL_TEXT = re.compile(r'="[^"]*"')

#: The random end of a run's id.
_RUN_DIGITS = 10
_OWN = re.compile(rf"\.(set-aside|results)\.[0-9a-f]{{{_RUN_DIGITS}}}$")


def safe(cell: str) -> str:
    """A cell that a spreadsheet shows as text: an apostrophe before what it would compute."""
    if not cell or not _FORMULA.match(cell) or _NUMBER.fullmatch(cell) or _EXCEL_TEXT.fullmatch(cell):
        return cell
    return f"'{cell}"


def name(file_name: str, what: str, run_id: UUID) -> str:
    """`<name>.<what>.<run>.csv`, which no other run's file is called.

    A file that is itself such a file keeps its name: `<name>` is that of the first file.
    """
    stem = re.sub(r"\.(csv|txt|tsv|xlsx|xlsm)$", "", re.sub(r"\.(gz|xz)$", "", file_name, flags=re.I), flags=re.I)
    stem = _OWN.sub("", stem) or stem
    return f"{stem}.{what}.{run_id.hex[-_RUN_DIGITS:]}.csv"


def target(path: Path, out: Path | None, what: str, run_id: UUID) -> Path:
    """The file of that name under `out`, else under GUICANG_HOME/asides."""
    folder = out or settings.HOME / "asides"
    folder.mkdir(parents=True, exist_ok=True)
    return Path(folder / name(path.name, what, run_id))


def write(file: Path, headers: Sequence[str], run_id: UUID) -> Path:
    """Write the rows a run set aside, in file order; 1 statement, flat memory."""
    names, rows = _table(headers, run_id)
    write_table(file, names, rows)
    return file


def lines(headers: Sequence[str], run_id: UUID) -> Iterator[str]:
    """The same as text, for a download; 1 statement, flat memory."""
    names, rows = _table(headers, run_id)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([safe(header) for header in names])
    yield "\ufeff" + text.getvalue()
    for row in rows:
        text.seek(0)
        text.truncate()
        writer.writerow([safe(str(cell)) for cell in row])
        yield text.getvalue()


def _table(headers: Sequence[str], run_id: UUID) -> tuple[list[str], Iterator[list[Any]]]:
    kept = [index for index, header in enumerate(headers) if header.strip("\ufeff ") not in ADDED]
    rows = (
        [*(row["raw"][index] if index < len(row["raw"]) else "" for index in kept), *_why(row)] for row in _rows(run_id)
    )
    return [*(headers[index].strip("\ufeff") for index in kept), *ADDED], rows


def write_table(file: Path, headers: Sequence[str], rows: Iterator[list[Any]]) -> None:
    """A CSV that Excel opens as UTF-8; it appears under its name only when it is whole."""
    draft = file.with_name(f".{file.name}.part")
    with draft.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([safe(header) for header in headers])
        writer.writerows([safe(str(cell)) for cell in row] for row in rows)
    draft.replace(file)


def _rows(run_id: UUID) -> Iterator[dict[str, Any]]:
    rows = SetAsideRow.objects.filter(run_id=run_id).order_by("row_number")
    for row in rows.values("row_number", "column", "code", "data", "raw").iterator(chunk_size=1_000):
        yield dict(row)


def _why(row: dict[str, Any]) -> list[Any]:
    return [row["row_number"], row["column"], row["code"], sentence(row["code"], row["data"])]
