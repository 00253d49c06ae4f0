"""Reading runs, rows set aside, and what became of past return documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from guicang.intake.models import ImportRun, ReturnSourceLine
from guicang.kernel.setwrites import chunks


class Run(NamedTuple):
    id: UUID
    kind: str
    profile: str
    file_name: str
    state: str
    rows: int
    counters: dict[str, Any]
    started_at: datetime
    ended_at: datetime | None


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


def runs(kind: str = "", *, limit: int = 50) -> list[Run]:
    """The newest runs, of one kind if asked; 1 statement."""
    rows = ImportRun.objects.filter(kind=kind) if kind else ImportRun.objects.all()
    return [Run(*row) for row in rows.order_by("-started_at", "-id").values_list(*Run._fields)[:limit]]


def run(run_id: UUID) -> Run | None:
    row = ImportRun.objects.filter(id=run_id).values_list(*Run._fields).first()
    return Run(*row) if row else None


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
