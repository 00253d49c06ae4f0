"""What a return would pay before its goods are there: all of it, and by the grade that they might be found in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from guicang.inventory.queries import grades_of
from guicang.kernel.actor import Actor
from guicang.returns import lifecycle
from guicang.returns.models import Return, ReturnLine
from guicang.returns.operations.saleview import Account
from guicang.returns.operations.stated import stated
from guicang.returns.settlement import Plan
from guicang.returns.steps import settle

UNDECIDED = ("requested", "info_needed")
_AWAITED = (*UNDECIDED, "authorised", "in_transit")


class Grading(NamedTuple):
    """What all of it would pay if every unit that nobody has inspected yet were found in this grade."""

    grade: str
    cash_minor: int
    kept_back_minor: int


def _awaited_units(header: Return, rows: Sequence[ReturnLine]) -> dict[UUID, int]:
    """What is still to be settled if all that was asked for, or granted, comes and is accepted."""
    asked = header.state in UNDECIDED
    units = {
        row.id: (row.requested if asked else row.authorised) - row.settled - row.rejected - row.lost - row.short_closed
        for row in rows
        if row.resolution not in lifecycle.WITHOUT_REFUND
    }
    return {line: count for line, count in units.items() if count > 0}


def estimate(
    header: Return,
    rows: Sequence[ReturnLine],
    actor: Actor,
    now: datetime,
    accounts: Mapping[UUID, Account] | None = None,
) -> list[Plan]:
    """What settling pays if all that was asked for, or granted, comes and is accepted; nothing once goods are there."""
    if header.state not in _AWAITED or any(map(lifecycle.unsettled, rows)):
        return []
    wanted = _awaited_units(header, rows)
    return settle.preview(settle.Settlement(header.id, wanted), actor, now, accounts) if wanted else []


def gradings(header: Return, rows: Sequence[ReturnLine], actor: Actor, now: datetime) -> list[Grading]:
    """A row a grade of the company, by the settlement's own path, where an amount depends on the grade and goods are
    still to be inspected; 9 statements then, else none.
    """
    wanted = _awaited_units(header, rows)
    uninspected = any(wanted.get(row.id, 0) > row.accepted - row.settled for row in rows)
    if header.ending or not uninspected or not stated(header.verdict).graded:
        return []
    grades = sorted(grades_of([header.company_id])[header.company_id])
    item = settle.Settlement(header.id, wanted)
    supposed = settle.suppose(header.id, [settle.Supposition(item, grade) for grade in grades], actor, now)
    return [
        Grading(
            grade,
            sum(plan.cash_minor for plan in each.plans),
            sum(plan.total("fee_minor") for plan in each.plans),
        )
        for grade, each in zip(grades, supposed, strict=True)
    ]
