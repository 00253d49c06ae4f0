"""Files that came in, as the desk shows them: who, when, what became of their rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from guicang.intake import asides, errors, words
from guicang.intake import queries as intake
from guicang.intake.queries import Run
from guicang.intake.verdicts import RESULTS
from guicang.kernel.actor import Scope
from guicang.org import queries as org
from guicang.staff import queries as staff

#: Runs of a page, and rows set aside of a page.
PAGE, ROWS = 30, 50


class Part(NamedTuple):
    """Rows of one outcome."""

    name: str
    label: str
    rows: int


@dataclass(frozen=True, slots=True)
class Entry:
    """`who` '' is the command line; `company` '' where there is not one alone."""

    run: Run
    company: str
    who: str

    @property
    def parts(self) -> list[Part]:
        """Outcomes with rows, in the order in which they are told; they add up to `done`."""
        counted = self.run.counters["rows"]
        return [Part(name, words.word(name), counted[name]) for name in RESULTS if counted.get(name)]

    @property
    def done(self) -> int:
        return sum(self.run.counters["rows"].values())

    @property
    def rest(self) -> int:
        return self.run.rows - self.done

    @property
    def percent(self) -> int:
        return self.done * 100 // self.run.rows if self.run.rows else 100

    @property
    def set_aside(self) -> int:
        return int(self.run.counters["rows"].get("set_aside", 0))


class Fault(NamedTuple):
    """A row set aside: its line in the file, the column and what stood there, why in words, and all its cells."""

    row_number: int
    column: str
    text: str
    why: str
    cells: list[tuple[str, str]]


class Why(NamedTuple):
    code: str
    label: str
    rows: int


@dataclass(frozen=True, slots=True)
class Sheet:
    entry: Entry
    reasons: list[Why]
    faults: list[Fault]
    more: bool


def history(scope: Scope, kind: str = "", after: UUID | None = None) -> tuple[list[Entry], bool]:
    """Runs of a scope, newest first, and whether there are older ones; at most 4 statements."""
    found = intake.runs(kind, scope=scope, after=after, limit=PAGE + 1)
    return _dressed(found[:PAGE]), len(found) > PAGE


def sheet(run_id: UUID, scope: Scope, code: str = "", after: int = 0) -> Sheet | None:
    """A run with a page of its rows set aside, of one reason if asked; None where it is not seen. 4 statements."""
    run = intake.run(run_id, scope)
    if run is None:
        return None
    rows = intake.aside(run.id, code=code, after=after, limit=ROWS + 1)
    counted = sorted(run.counters["codes"].items(), key=lambda item: (-item[1], item[0]))
    reasons = [Why(known, words.reason(known, with_code=False), count) for known, count in counted]
    return Sheet(_dressed([run])[0], reasons, [_fault(run, row) for row in rows[:ROWS]], len(rows) > ROWS)


def aside_file(run_id: UUID, scope: Scope) -> tuple[str, Iterator[str]] | None:
    """Name and text of the file of a run's rows set aside; None where it is not seen or holds none."""
    run = intake.run(run_id, scope)
    if run is None or not run.counters["rows"].get("set_aside"):
        return None
    return asides.name(run.file_name, "set-aside", run.id), asides.lines(run.headers, run.id)


def _dressed(runs: list[Run]) -> list[Entry]:
    people = staff.names([run.actor_id for run in runs if run.actor_kind == "staff"]) if runs else {}
    companies = org.companies({run.company_id for run in runs}) if runs else {}
    return [
        Entry(run, companies[run.company_id].name if run.company_id in companies else "", people.get(run.actor_id, ""))
        for run in runs
    ]


def _fault(run: Run, row: intake.Aside) -> Fault:
    headers = [header.strip("\ufeff ") for header in run.headers]
    cells = [(header, text) for header, text in zip(headers, row.raw, strict=False) if header not in asides.ADDED]
    text = next((text for header, text in cells if header == row.column), "")
    return Fault(row.row_number, row.column, text, errors.sentence(row.code, row.data), cells)
