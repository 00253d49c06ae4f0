"""Shifts of cash drawers: the list, and one with its movements."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router

from guicang.api import errors
from guicang.api.bearer import actor_of
from guicang.api.paging import Page, Paging, cursor, place_id
from guicang.api.parsing import Instant, Reference, Shown, show
from guicang.api.service import operation
from guicang.insights import drawers as insight
from guicang.kernel.refusal import Refused
from guicang.payments.rules.drawers import ShiftState

router = Router()
READ: dict[str, Any] = {"permission": "payments.view_drawers", "tags": "drawers"}


class ShiftFilters(Paging):
    """Nothing said: all shifts, the newest first. `since`, `until`: when they began.

    `differs`: only those whose last count was not what there should be.
    """

    drawer: UUID | None = None
    state: ShiftState | None = None
    since: Instant | None = None
    until: Instant | None = None
    differs: bool = False


class DrawerShift(Shown):
    """`expected_minor`: what there should have been at the last count, of which `counted_minor` differed by
    `difference_minor`. `decided_by`: who agreed to a difference, '' for nobody; `balance_minor`: what lies there now.
    """

    id: UUID
    number: int
    drawer_id: UUID
    drawer: str
    shop: str
    currency: str
    person_id: UUID
    person: str
    state: ShiftState
    opened_at: datetime
    closed_at: datetime | None
    float_minor: int
    expected_minor: int
    counted_minor: int
    difference_minor: int
    decided_by: str
    balance_minor: int


class CashMovement(Shown):
    """`balance_minor`: what lay there after it."""

    number: int
    at: datetime
    kind: str
    reason: str
    amount_minor: int
    balance_minor: int
    return_id: Reference
    return_number: str
    by: str


class CashSum(Shown):
    kind: str
    count: int
    amount_minor: int


class DrawerShiftSheet(DrawerShift):
    """`before_minor`: what lay there before its first movement; `should_be_minor`: what there should be by them all."""

    before_minor: int
    should_be_minor: int
    sums: list[CashSum]
    moves: list[CashMovement]


@operation(router, "GET", "/shifts", answer=Page[DrawerShift], **READ)
def list_shifts(request: HttpRequest, filters: Query[ShiftFilters]) -> Page[DrawerShift]:
    """A page of shifts, the newest first. At most 4 statements."""
    after = place_id("shifts", filters.cursor)
    wanted = insight.Filters(filters.drawer, filters.state or "", filters.since, filters.until, filters.differs, after)
    rows, more = insight.listed(actor_of(request).scope, wanted, filters.limit)
    following = cursor("shifts", rows[-1].id) if more else None
    return Page[DrawerShift](items=[show(DrawerShift, row) for row in rows], next=following)


@operation(router, "GET", "/shifts/{pk}", answer=DrawerShiftSheet, **READ)
def read_shift(request: HttpRequest, pk: UUID) -> DrawerShiftSheet:
    """A shift with its movements, and what they come to by kind. At most 6 statements."""
    sheet = insight.sheet(actor_of(request).scope, pk)
    if sheet is None:
        raise Refused([errors.NotThere()])
    sums = [CashSum(kind=kind, count=count, amount_minor=minor) for kind, count, minor in sheet.sums]
    moves = [show(CashMovement, move) for move in sheet.moves]
    return show(DrawerShiftSheet, sheet, sheet.shift, sums=sums, moves=moves)
