"""Reading policies."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from guicang.kernel.compiled import compiled
from guicang.kernel.ids import NIL
from guicang.policy.models import PolicyDraft, PolicyVersion
from guicang.policy.queries.fields import field, fields, fields_of
from guicang.policy.queries.flows import FlowInfo, flow, flow_names, flows, flows_in_use
from guicang.policy.queries.reasons import reason, reasons, reasons_of
from guicang.policy.queries.words import reason_text
from guicang.policy.rules import PLAIN, Book, Statement

__all__ = [
    "NOTHING",
    "Draft",
    "FlowInfo",
    "InForce",
    "Version",
    "books",
    "draft",
    "field",
    "fields",
    "fields_of",
    "flow",
    "flow_names",
    "flows",
    "flows_in_use",
    "reason",
    "reason_text",
    "reasons",
    "reasons_of",
    "version_in_force",
    "version_of",
    "versions",
    "versions_in_force",
]


@dataclass(frozen=True, slots=True)
class InForce:
    """A version as orders freeze it."""

    id: UUID
    provisional: bool


NOTHING = InForce(NIL, True)


def version_in_force(company_id: UUID, instants: Iterable[datetime]) -> list[InForce]:
    """The version in force at each instant, in their order: the last one effective by then. 1 statement.

    `NOTHING` (the nil id, provisional) where a company has no policy that early.
    """
    return versions_in_force([(company_id, instant) for instant in instants])


def versions_in_force(wanted: Sequence[tuple[UUID, datetime]]) -> list[InForce]:
    """As `version_in_force` for several companies. 1 statement."""
    starts: dict[UUID, list[datetime]] = {}
    versions: dict[UUID, list[InForce]] = {}
    rows = PolicyVersion.objects.filter(company_id__among=sorted({company for company, _ in wanted}))
    rows = rows.order_by("effective_from", "-provisional", "number", "id")
    for company, start, row_id, provisional in rows.values_list("company_id", "effective_from", "id", "provisional"):
        starts.setdefault(company, []).append(start)
        versions.setdefault(company, []).append(InForce(row_id, provisional))
    found = []
    for company, instant in wanted:
        place = bisect_right(starts.get(company, ()), instant)
        found.append(versions[company][place - 1] if place else NOTHING)
    return found


_versions = compiled(
    lambda ids: PolicyVersion.objects.filter(id__among=ids).values_list("id", "number", "provisional", "statement")
)
#: Versions never change, so a process keeps what it has read of them.
_books: dict[UUID, Book] = {}
_KEPT = 500


def books(version_ids: Iterable[UUID]) -> dict[UUID, Book]:
    """Versions that answer; the plain default for the nil id. 1 statement where some were not read yet."""
    wanted = set(version_ids)
    found = {key: _books[key] for key in wanted if key in _books}
    missing = wanted - found.keys() - {NIL}
    if missing:
        if len(_books) > _KEPT:
            _books.clear()
        for row_id, number, provisional, data in _versions(missing):
            found[row_id] = _books[row_id] = Book(row_id, number, Statement.from_data(data), provisional)
    if NIL in wanted:
        found[NIL] = _default()
    return found


@lru_cache(maxsize=1)
def _default() -> Book:
    return Book(NIL, 0, PLAIN, True)


@dataclass(frozen=True, slots=True)
class Version:
    """A version as pages show it. `state`: in_force, scheduled or past."""

    id: UUID
    number: int
    name: str
    effective_from: datetime
    provisional: bool
    statement: Statement
    state: str
    published_at: datetime


def version_of(version_id: UUID) -> tuple[UUID, int, str, Statement] | None:
    """(company, number, name, statement); 1 statement."""
    row = PolicyVersion.objects.filter(id=version_id).values_list("company_id", "number", "name", "statement").first()
    return (row[0], row[1], row[2], Statement.from_data(row[3])) if row else None


def versions(company_id: UUID, now: datetime) -> list[Version]:
    """All versions of a company, the newest first. 1 statement."""
    rows = list(
        PolicyVersion.objects.filter(company_id=company_id).order_by("effective_from", "-provisional", "number")
    )
    begun = [row.id for row in rows if row.effective_from <= now]
    found = []
    for row in rows:
        state = "scheduled" if row.effective_from > now else "in_force" if row.id == begun[-1] else "past"
        statement = Statement.from_data(row.statement)
        facts = (row.id, row.number, row.name, row.effective_from, row.provisional)
        found.append(Version(*facts, statement, state, row.recorded_at))
    return found[::-1]


@dataclass(frozen=True, slots=True)
class Draft:
    name: str
    statement: Statement
    revision: int
    base_id: UUID
    changed_by: UUID
    changed_at: datetime


def draft(company_id: UUID) -> Draft | None:
    """1 statement."""
    row: Any = PolicyDraft.objects.filter(company_id=company_id).first()
    if row is None:
        return None
    statement = Statement.from_data(row.statement)
    return Draft(row.name, statement, row.revision, row.base_id, row.changed_by, row.changed_at)
