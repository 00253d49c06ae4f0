"""Reading runs, rows set aside, and what became of past return documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from guicang.intake.models import ImportFile, ImportRun, ReturnSourceLine, SavedProfile, SetAsideRow
from guicang.kernel.actor import EVERYTHING, Scope
from guicang.kernel.ids import NIL
from guicang.kernel.setwrites import chunks


class Run(NamedTuple):
    """`company_id` NIL: unknown, or several. `headers` are the file's own."""

    id: UUID
    company_id: UUID
    file_id: UUID
    actor_kind: str
    actor_id: UUID
    kind: str
    profile: str
    file_name: str
    state: str
    rows: int
    counters: dict[str, Any]
    headers: list[str]
    started_at: datetime
    ended_at: datetime | None


class Aside(NamedTuple):
    """A row that was set aside; `raw` are its cells as they came: personal data."""

    row_number: int
    column: str
    code: str
    data: dict[str, Any]
    raw: list[str]


class File(NamedTuple):
    """A file somebody sent; `content` is where it lies, `profile` how it is read, `fault` why it was not."""

    id: UUID
    company_id: UUID
    actor_id: UUID
    kind: str
    file_name: str
    content: str
    size: int
    digest: str
    profile_name: str
    profile: str
    state: str
    fault: dict[str, Any]
    created_at: datetime
    queued_at: datetime | None
    read_done: int
    read_total: int
    stop_wanted: bool


class KeptProfile(NamedTuple):
    """A profile that a company keeps, as TOML; `company_id` NIL: for files that hold rows of several."""

    id: UUID
    company_id: UUID
    kind: str
    name: str
    profile: str
    changed_at: datetime


class SourceLine(NamedTuple):
    """A line of a past return document, or the part of one that came from one sale."""

    shop_id: UUID
    document: str
    row_number: int
    part: int
    kind: str
    bucket: str
    reason: str
    units: int
    value: str
    currency: str
    recorded_minor: int
    sale_share_minor: int
    price_difference_minor: int
    return_id: UUID
    return_line_id: UUID
    order_line_id: UUID


_Owned = TypeVar("_Owned", ImportRun, ImportFile, SavedProfile)
#: Lines a statement hands over at a time.
_PIECE = 2_000


def runs(kind: str = "", *, scope: Scope = EVERYTHING, after: UUID | None = None, limit: int = 50) -> list[Run]:
    """The newest runs of a scope, of one kind if asked, older than `after`; at most 2 statements."""
    rows = _seen(scope).filter(kind=kind) if kind else _seen(scope)
    last = _seen(scope).filter(id=after).values_list("started_at", "id").first() if after else None
    if last:
        rows = rows.filter(Q(started_at__lt=last[0]) | Q(started_at=last[0], id__lt=last[1]))
    return [Run(*row) for row in rows.order_by("-started_at", "-id").values_list(*Run._fields)[:limit]]


def run(run_id: UUID, scope: Scope = EVERYTHING) -> Run | None:
    row = _seen(scope).filter(id=run_id).values_list(*Run._fields).first()
    return Run(*row) if row else None


def _seen(scope: Scope) -> QuerySet[ImportRun]:
    return seen_by(ImportRun.objects.all(), scope)


def seen_by(rows: QuerySet[_Owned], scope: Scope) -> QuerySet[_Owned]:
    """A file holds rows of a whole company: who is bound to a shop or a warehouse sees none of it, and what may
    hold several companies is for those who see them all.
    """
    if scope.shop_id != NIL or scope.warehouse_id != NIL:
        return rows.none()
    return rows if scope.company_id == NIL else rows.filter(company_id=scope.company_id)


def file(file_id: UUID, scope: Scope) -> File | None:
    """1 statement."""
    row = seen_by(ImportFile.objects.all(), scope).filter(id=file_id).values_list(*File._fields).first()
    return File(*row) if row else None


def open_files(scope: Scope, *, after: UUID | None = None, limit: int = 30) -> list[File]:
    """Files that have not become a run, newest first, older than `after`; at most 2 statements."""
    rows = seen_by(ImportFile.objects.all(), scope)
    last = rows.filter(id=after).values_list("created_at", "id").first() if after else None
    if last:
        rows = rows.filter(Q(created_at__lt=last[0]) | Q(created_at=last[0], id__lt=last[1]))
    rows = rows.filter(state__in=("draft", "queued", "running", "failed", "stopped"))
    return [File(*row) for row in rows.order_by("-created_at", "-id").values_list(*File._fields)[:limit]]


def run_of_file(file_id: UUID) -> UUID | None:
    """The run that a file became; 1 statement."""
    return ImportRun.objects.filter(file_id=file_id).order_by("-started_at").values_list("id", flat=True).first()


def run_of_digest(file_id: UUID, digest: str, scope: Scope) -> UUID | None:
    """The last run of another file with the same content; 1 statement."""
    twins = seen_by(ImportFile.objects.all(), scope).filter(digest=digest).exclude(id=file_id)
    runs = _seen(scope).filter(file_id__in=twins.values("id"))
    return runs.order_by("-started_at").values_list("id", flat=True).first()


def saved_profiles(company_id: UUID, kind: str) -> list[str]:
    """Names of the profiles a company keeps for a kind of file; 1 statement."""
    rows = SavedProfile.objects.filter(company_id=company_id, kind=kind)
    return list(rows.order_by("name").values_list("name", flat=True))


def kept_profiles(kind: str, scope: Scope) -> list[KeptProfile]:
    """The profiles that companies of a scope keep, of one kind if asked, by kind and name; 1 statement."""
    rows = seen_by(SavedProfile.objects.all(), scope)
    rows = rows.filter(kind=kind) if kind else rows
    found = rows.order_by("kind", "name", "company_id").values_list(*KeptProfile._fields)
    return [KeptProfile(*row) for row in found]


def aside(run_id: UUID, *, code: str = "", after: int = 0, limit: int = 50) -> list[Aside]:
    """Rows a run set aside, in file order, behind row `after`, of one code if asked; 1 statement."""
    rows = SetAsideRow.objects.filter(run_id=run_id, row_number__gt=after, **({"code": code} if code else {}))
    return [Aside(*row) for row in rows.order_by("row_number").values_list(*Aside._fields)[:limit]]


def source_lines(run_id: UUID) -> Iterator[SourceLine]:
    """Every line and part of a run of past returns, document by document in file order; flat memory."""
    rows = ReturnSourceLine.objects.filter(run_id=run_id).order_by("shop_id", "document", "row_number", "part")
    for row in rows.values_list(*SourceLine._fields).iterator(chunk_size=_PIECE):
        yield SourceLine(*row)


def known_documents(shop_id: UUID, numbers: Iterable[str]) -> dict[str, list[SourceLine]]:
    """What became of these documents in the latest run that took them; documents set aside are not known.

    1 statement per 1,000.
    """
    latest: dict[str, tuple[datetime, UUID]] = {}
    found: dict[str, list[SourceLine]] = {}
    for batch in chunks(sorted(set(numbers))):
        rows = ReturnSourceLine.objects.filter(shop_id=shop_id, document__among=batch).exclude(bucket="set_aside")
        rows = rows.order_by("document", "row_number", "part")
        for started_at, run_id, *columns in rows.values_list("run__started_at", "run_id", *SourceLine._fields):
            line = SourceLine(*columns)
            if (started_at, run_id) > latest.get(line.document, (started_at, UUID(int=0))):
                latest[line.document] = (started_at, run_id)
                found[line.document] = []
            if latest[line.document] == (started_at, run_id):
                found[line.document].append(line)
    return found
