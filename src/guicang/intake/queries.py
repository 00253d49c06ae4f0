"""Reading runs, rows set aside, and what became of past return documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from guicang.intake.models import ImportRun, ReturnSourceLine, SetAsideRow
from guicang.kernel.actor import EVERYTHING, Scope
from guicang.kernel.ids import NIL
from guicang.kernel.setwrites import chunks


class Run(NamedTuple):
    """`company_id` NIL: unknown, or several. `headers` are the file's own."""

    id: UUID
    company_id: UUID
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
    """A file holds rows of a whole company: who is bound to a shop or a warehouse sees none of it, and what may
    hold several companies is for those who see them all.
    """
    if scope.shop_id != NIL or scope.warehouse_id != NIL:
        return ImportRun.objects.none()
    return ImportRun.objects.filter(**({} if scope.company_id == NIL else {"company_id": scope.company_id}))


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
