"""Files that came in, as the desk shows them: who, when, what became of their rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings

from guicang.intake import asides, errors, words
from guicang.intake import queries as intake
from guicang.intake.files import STILL, path_of
from guicang.intake.preview import Preview, look
from guicang.intake.profiles import FIELDS, KINDS, shipped_for, shipped_text
from guicang.intake.queries import Run
from guicang.intake.tables import FileFault
from guicang.intake.verdicts import RESULTS
from guicang.kernel.actor import Scope
from guicang.kernel.ids import NIL
from guicang.org import queries as org
from guicang.staff import queries as staff

#: Runs of a page, and rows set aside of a page.
PAGE, ROWS = 30, 50
#: Longer than a worker leaves a file lying.
LATE = timedelta(seconds=20)


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
    code: str


class Why(NamedTuple):
    code: str
    label: str
    rows: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """`file` is the uploaded one, None from the command line."""

    entry: Entry
    file: intake.File | None
    reasons: list[Why]
    faults: list[Fault]
    more: bool

    @property
    def moving(self) -> bool:
        """The page is to be looked at again soon."""
        return self.entry.run.state == "running"


def history(scope: Scope, kind: str = "", after: UUID | None = None, *, size: int = PAGE) -> tuple[list[Entry], bool]:
    """Runs of a scope, newest first, and whether there are older ones; at most 4 statements."""
    found = intake.runs(kind, scope=scope, after=after, limit=size + 1)
    return _dressed(found[:size]), len(found) > size


def sheet(run_id: UUID, scope: Scope, code: str = "", after: int = 0, *, size: int = ROWS) -> Sheet | None:
    """A run with a page of its rows set aside, of one reason if asked; None where it is not seen. 4 statements."""
    run = intake.run(run_id, scope)
    if run is None:
        return None
    rows = intake.aside(run.id, code=code, after=after, limit=size + 1)
    counted = sorted(run.counters["codes"].items(), key=lambda item: (-item[1], item[0]))
    reasons = [Why(known, words.reason(known, with_code=False), count) for known, count in counted]
    file = intake.file(run.file_id, scope) if run.file_id != NIL else None
    return Sheet(_dressed([run])[0], file, reasons, [_fault(run, row) for row in rows[:size]], len(rows) > size)


def aside_file(run_id: UUID, scope: Scope) -> tuple[str, Iterator[str]] | None:
    """Name and text of the file of a run's rows set aside; None where it is not seen or holds none."""
    run = intake.run(run_id, scope)
    if run is None or not run.counters["rows"].get("set_aside"):
        return None
    return asides.name(run.file_name, "set-aside", run.id), asides.lines(run.headers, run.id)


@dataclass(frozen=True, slots=True)
class FileSheet:
    """A file on its way in. `preview` None: it was started, or its content is gone. `run_id`: what it became so far.

    `twin`: an earlier run of the same content. `late`: it waits so long that no worker seems to be at work.
    """

    file: intake.File
    company: str
    fault: str
    preview: Preview | None
    trouble: str
    profiles: list[str]
    shipped: list[str]
    places: dict[str, list[tuple[str, str]]]
    run_id: UUID | None
    twin: UUID | None
    late: bool

    @property
    def percent(self) -> int:
        return self.file.read_done * 100 // self.file.read_total if self.file.read_total else 0


def file_sheet(file_id: UUID, scope: Scope, now: datetime) -> FileSheet | None:
    """A file and, while it waits for a person, what it would become; None where it is not seen. 7 statements."""
    file = intake.file(file_id, scope)
    if file is None:
        return None
    look = file.content and file.state in STILL
    seen, trouble = _seen(file, now) if look else (None, "")
    company = org.companies([file.company_id]).get(file.company_id)
    return FileSheet(
        file=file,
        company=company.name if company else "",
        fault=_told(file),
        preview=seen,
        trouble=trouble,
        profiles=intake.saved_profiles(file.company_id, file.kind) if look else [],
        shipped=shipped_for(file.kind) if look else [],
        places=_places(file.company_id, seen.raw.get("place", {}) if seen else {}) if look else {},
        run_id=intake.run_of_file(file.id),
        twin=intake.run_of_digest(file.id, file.digest, scope) if look else None,
        late=file.state == "queued" and file.queued_at is not None and now - file.queued_at > LATE,
    )


def open_files(scope: Scope, after: UUID | None = None, *, size: int = PAGE) -> tuple[list[intake.File], bool]:
    """Files that were sent and have not become a run yet, newest first, and whether there are older ones.

    At most 2 statements.
    """
    found = intake.open_files(scope, after=after, limit=size + 1)
    return found[:size], len(found) > size


def profile_of(file_id: UUID, scope: Scope) -> tuple[str, str] | None:
    """Name and TOML of how a file is read."""
    file = intake.file(file_id, scope)
    return (file.profile_name or file.kind, file.profile) if file else None


class KnownProfile(NamedTuple):
    """`own`: a company keeps it (NIL: for files of several); else it comes with the program and has no id."""

    id: UUID | None
    kind: str
    name: str
    own: bool
    company_id: UUID
    toml: str


class Kept(NamedTuple):
    """`company` '' for files that hold rows of several."""

    profile: intake.KeptProfile
    company: str


def kept_profiles(scope: Scope) -> list[Kept]:
    """The profiles that companies keep, by kind and name; 2 statements."""
    found = intake.kept_profiles("", scope)
    names = org.companies({one.company_id for one in found} - {NIL})
    return [Kept(one, names[one.company_id].name if one.company_id in names else "") for one in found]


def profiles(scope: Scope, kind: str = "") -> list[KnownProfile]:
    """What files of a kind may be read by, the companies' own first; 1 statement."""
    own = [
        KnownProfile(one.id, one.kind, one.name, True, one.company_id, one.profile)
        for one in intake.kept_profiles(kind, scope)
    ]
    with_us = [
        KnownProfile(None, each, name, False, NIL, shipped_text(name))
        for each in ([kind] if kind else KINDS)
        for name in shipped_for(each)
    ]
    return [*own, *with_us]


def companies(scope: Scope) -> list[tuple[UUID, str]]:
    """Who may choose for which company a file is: nothing to choose for those who see one alone."""
    return [(one.id, one.name) for one in org.in_use(org.companies().values())] if scope.company_id == NIL else []


def most_megabytes() -> int:
    return int(settings.MAX_UPLOAD_BYTES // 1024**2)


def choices(kind: str, needed: Sequence[str]) -> list[tuple[str, Any, bool]]:
    """(field, its two names, needed) of what a column may mean, the needed ones first."""
    fields = [(field.name, field, field.name in needed) for field in FIELDS[kind].values()]
    return sorted(fields, key=lambda choice: not choice[2])


def _seen(file: intake.File, now: datetime) -> tuple[Preview | None, str]:
    try:
        found = look(path_of(file.content), file.profile, file.kind, company_id=file.company_id, now=now)
    except FileFault as fault:
        return None, errors.told(fault, file.file_name)
    if found.missing:
        return found, ""
    return found, errors.told(found.fault, file.file_name) if found.fault else ""


def _told(file: intake.File) -> str:
    """Why a run failed, in the present language."""
    if not file.fault:
        return ""
    return errors.stored(file.fault, file.file_name)


def _places(company_id: UUID, said: Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    """What rows that name no place may stand for; what the profile says already stays, also where it is archived."""

    def own(found: Mapping[UUID, Any], kind: str) -> list[tuple[str, str]]:
        mine = [one for one in found.values() if company_id in (NIL, one.company_id)]
        return [(one.code, one.name) for one in mine if one.archived_at is None or one.code == said.get(kind)]

    return {"shop": own(org.shops(), "shop"), "warehouse": own(org.warehouses(), "warehouse")}


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
    return Fault(row.row_number, row.column, text, errors.sentence(row.code, row.data), cells, row.code)
