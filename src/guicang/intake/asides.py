"""The file of rows set aside: the original header and texts, why, and nothing a spreadsheet would execute.

Correct the cells, leave the columns at the end as they are, and import it again: they are ignored.
"""

from __future__ import annotations

import csv
import os
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


def safe(cell: str) -> str:
    """A cell that a spreadsheet shows as text: an apostrophe before what it would compute."""
    if not cell or not _FORMULA.match(cell) or _NUMBER.fullmatch(cell) or _EXCEL_TEXT.fullmatch(cell):
        return cell
    return f"'{cell}"


def target(path: Path, out: Path | None, what: str) -> Path:
    """`<name>.<what>.csv` under `out`, beside the input, or under GUICANG_HOME where that cannot be written.

    A file that is itself such a file is never written over: `<name>.<what>.2.csv`.
    """
    stem = re.sub(r"\.(csv|txt|tsv|xlsx|xlsm)$", "", re.sub(r"\.(gz|xz)$", "", path.name, flags=re.I), flags=re.I)
    again = re.fullmatch(rf"(.+\.{re.escape(what)})(?:\.(\d+))?", stem)
    name = f"{again[1]}.{int(again[2] or 1) + 1}.csv" if again else f"{stem}.{what}.csv"
    folder = out or path.resolve().parent
    if out is None and not os.access(folder, os.W_OK):
        folder = settings.HOME / what
    folder.mkdir(parents=True, exist_ok=True)
    return Path(folder / name)


def write(file: Path, headers: Sequence[str], run_id: UUID) -> Path:
    """Write the rows a run set aside, in file order; 1 statement, flat memory."""
    kept = [index for index, header in enumerate(headers) if header.strip("\ufeff ") not in ADDED]
    rows = (
        [*(row["raw"][index] if index < len(row["raw"]) else "" for index in kept), *_why(row)] for row in _rows(run_id)
    )
    write_table(file, [*(headers[index].strip("\ufeff") for index in kept), *ADDED], rows)
    return file


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
