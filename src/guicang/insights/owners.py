"""Whose returns are: what is the reader's, what is nobody's, and what he may do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from guicang.kernel.actor import Actor, Scope
from guicang.kernel.ids import NIL
from guicang.returns.departments import Department
from guicang.returns.models import Return
from guicang.returns.steps.assign import ASSIGN, REASSIGN
from guicang.staff import queries as staff


@dataclass(slots=True)
class Counts:
    """How many open returns stand with each department, how many of all are the reader's, and how many nobody's."""

    departments: dict[str, int] = field(default_factory=lambda: {str(one): 0 for one in Department})
    mine: int = 0
    nobodys: int = 0


def counts(rows: QuerySet[Return], actor: Actor) -> Counts:
    """1 statement inside the index of what is not over. `rows`: what the reader sees."""
    found = Counts()
    grouped = rows.exclude(department="").order_by().values_list("department")
    sums = grouped.annotate(
        n=Count("*"),
        mine=Count("department", filter=Q(owner_id=actor.id)),
        nobodys=Count("department", filter=Q(owner_id=NIL)),
    )
    for department, n, mine, nobodys in sums:
        found.departments[department] = n
        found.mine += mine
        found.nobodys += nobodys
    return found


class Colleague(NamedTuple):
    id: UUID
    name: str


def colleagues(actor: Actor, place: Scope) -> list[Colleague]:
    """Whom the actor can give a return to that lies there, himself left out; 1 statement, none for who may not."""
    if not actor.may(ASSIGN):
        return []
    return [Colleague(*one) for one in staff.colleagues(ASSIGN, place) if one[0] != actor.id]


@dataclass(frozen=True, slots=True)
class Ownership:
    """Where a return stands and whose it is; `acts`: what the reader may do about that, of take, give, put_back."""

    department: str
    owner_id: UUID
    name: str
    acts: list[str]
    colleagues: list[Colleague]


def ownership(header: Return, actor: Actor) -> Ownership:
    """At most 2 statements."""
    free = header.owner_id in (NIL, actor.id) or actor.may(REASSIGN)
    acts = []
    if header.department and actor.may(ASSIGN) and free:
        acts = [
            *(["take"] if header.owner_id != actor.id else []),
            "give",
            *(["put_back"] if header.owner_id != NIL else []),
        ]
    place = Scope(header.company_id, header.shop_id, header.warehouse_id)
    return Ownership(
        header.department,
        header.owner_id,
        names({header.owner_id}).get(header.owner_id, ""),
        acts,
        colleagues(actor, place) if acts else [],
    )


def names(owner_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What to call owners; 1 statement, none where there are none."""
    wanted = sorted(set(owner_ids) - {NIL})
    return staff.names(wanted) if wanted else {}
