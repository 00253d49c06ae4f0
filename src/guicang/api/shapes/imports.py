"""Files that come in as programs read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.api.parsing import Reference, Shown, show
from guicang.insights import imports as reading
from guicang.intake.preview import Preview


class FileField(Shown):
    """What a column may mean; `header` is what our own template calls it. Levels: whose value it is."""

    name: str
    header: str
    kind: str
    level: str


class FileKind(Shown):
    """A kind of file; `needed`: fields without which no row of it says anything."""

    kind: str
    needed: list[str]
    fields: list[FileField]


class Profile(Shown):
    """How files are read, as TOML. `own`: a company keeps it (`company_id` null: for rows of several); else shipped."""

    id: UUID | None
    kind: str
    name: str
    own: bool
    company_id: Reference
    toml: str


class ImportFile(Shown):
    """A file that was sent: draft, queued, running, done, failed, stopped or gone; bytes read of all of them."""

    id: UUID
    company_id: Reference
    kind: str
    file_name: str
    size: int
    digest: str
    profile_name: str
    state: str
    created_at: datetime
    queued_at: datetime | None
    read_done: int
    read_total: int


class Column(Shown):
    """`field` is what it means, '' nothing that is taken."""

    index: int
    header: str
    field: str
    samples: list[str]


class CellFault(Shown):
    index: int
    sentence: str


class SeenRow(Shown):
    """`whole`: what is wrong with the row, or why it is left alone."""

    number: int
    cells: list[str]
    faults: list[CellFault]
    whole: str


class AsideReason(Shown):
    label: str
    rows: int


class Look(Shown):
    """What the file would become: `bad` of the first `checked` rows would be set aside. `settings`: of its profile."""

    encoding: str
    delimiter: str
    sheet: str
    other_sheets: list[str]
    settings: dict[str, Any]
    columns: list[Column]
    rows: list[SeenRow]
    needed: list[str]
    missing: list[str]
    checked: int
    bad: int
    reasons: list[AsideReason]
    ready: bool


class ImportFileSheet(ImportFile):
    """`fault`: why it failed; `trouble`: why it cannot be read as described. `preview` null: it was started or erased.

    `run_id`: what it became so far; `twin_id`: an earlier run of the same content; `late`: no worker seems to be at
    work. `profiles` and `shipped` may be used for it; `shops` and `warehouses` are codes for rows that name none.
    """

    toml: str
    fault: str
    trouble: str
    run_id: UUID | None
    twin_id: UUID | None
    late: bool
    profiles: list[str]
    shipped: list[str]
    shops: list[str]
    warehouses: list[str]
    preview: Look | None


class Run(Shown):
    """What became of a file; `actor` '' is the command line. `counters`: rows by outcome and by reason.

    `done` of `rows` are decided, `set_aside` of them were not taken. `file_id` null: from the command line.
    """

    id: UUID
    company_id: Reference
    file_id: Reference
    actor: str
    kind: str
    profile: str
    file_name: str
    state: str
    rows: int
    done: int
    set_aside: int
    counters: dict[str, Any]
    headers: list[str]
    started_at: datetime
    ended_at: datetime | None


class Cell(Shown):
    header: str
    text: str


class AsideRow(Shown):
    """A row that was not taken, by its number in the file: the column and what stood there, why, and all its cells."""

    row_number: int
    code: str
    column: str
    text: str
    sentence: str
    cells: list[Cell]


def run(entry: reading.Entry) -> Run:
    return show(Run, entry.run, actor=entry.who, done=entry.done, set_aside=entry.set_aside)


def aside(fault: reading.Fault) -> AsideRow:
    cells = [Cell(header=header, text=text) for header, text in fault.cells]
    return show(AsideRow, fault, sentence=fault.why, cells=cells)


def sheet(found: reading.FileSheet) -> ImportFileSheet:
    return show(
        ImportFileSheet,
        found.file,
        found,
        toml=found.file.profile,
        fault=found.fault,
        twin_id=found.twin,
        shops=[code for code, _ in found.places.get("shop", ())],
        warehouses=[code for code, _ in found.places.get("warehouse", ())],
        preview=_look(found.preview) if found.preview else None,
    )


def _look(found: Preview) -> Look:
    settings = {name: value for name, value in found.raw.items() if name not in ("columns", "required", "kind")}
    rows = [
        show(SeenRow, row, faults=[CellFault(index=at, sentence=text) for at, text in sorted(row.faults.items())])
        for row in found.rows
    ]
    return show(
        Look,
        found,
        found.peek,
        settings=settings,
        columns=[show(Column, column) for column in found.columns],
        rows=rows,
        other_sheets=list(found.peek.other_sheets),
        needed=list(found.needed),
        reasons=[AsideReason(label=label, rows=rows) for label, rows in found.reasons],
    )
