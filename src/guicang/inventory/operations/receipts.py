"""Goods that come in with a cost: opening stock, purchases, what a count found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from guicang.inventory import queries
from guicang.inventory.models import GRADE_A, LocationKind
from guicang.inventory.operations.moves import Move, move
from guicang.inventory.operations.values import ValueChange, value
from guicang.kernel import commands


@dataclass(slots=True, eq=False, kw_only=True)
class StockReceipt:
    """`quantity` units for `cost_minor` together (book minor units); None: average, else standard, else zero."""

    company_id: UUID
    owner_id: UUID
    warehouse_id: UUID
    sku_id: UUID
    quantity: int
    cost_minor: int | None
    event: str
    source_kind: str
    source_id: UUID
    occurred_at: datetime
    book_date: date
    from_kind: LocationKind = LocationKind.ADJUSTMENT
    to_kind: LocationKind = LocationKind.SELLABLE
    grade: str = GRADE_A
    lot: str = ""
    serial: str = ""
    weight_g: int = 0


class Received(NamedTuple):
    """What the caller posts: debit stock by `cost_minor`. `cost_source`: stated, average, standard or zero."""

    move_id: UUID
    cost_minor: int
    cost_source: str


def receive_stock(context: commands.Context, items: Sequence[StockReceipt]) -> list[Received]:
    """Move the goods in and value them; one result an item, in order.

    An unknown cost is that of the grade A pool before this set. Statements: those of `places`, `move`,
    `value` and, with unknown costs, `fallback_cost`. Raises ValueError for a warehouse without places.
    """
    if not items:
        return []
    places = queries.places({item.warehouse_id for item in items})
    unknown = queries.fallback_cost((item.sku_id, item.owner_id) for item in items if item.cost_minor is None)
    moves = [_move(item, places[item.warehouse_id]) for item in items]
    received = []
    for item, made in zip(items, moves, strict=True):
        if item.cost_minor is not None:
            received.append(Received(made.id, item.cost_minor, queries.STATED))
            continue
        fallback = unknown[item.sku_id, item.owner_id]
        received.append(Received(made.id, fallback.of(item.quantity), fallback.source))
    move(context, moves)
    value(context, [_change(item, result) for item, result in zip(items, received, strict=True)])
    return received


def _move(item: StockReceipt, places: dict[LocationKind, UUID]) -> Move:
    return Move(
        company_id=item.company_id,
        owner_id=item.owner_id,
        sku_id=item.sku_id,
        quantity=item.quantity,
        from_location_id=places[item.from_kind],
        from_grade=item.grade,
        to_location_id=places[item.to_kind],
        to_grade=item.grade,
        event=item.event,
        source_kind=item.source_kind,
        source_id=item.source_id,
        occurred_at=item.occurred_at,
        book_date=item.book_date,
        lot=item.lot,
        serial=item.serial,
        weight_g=item.weight_g,
    )


def _change(item: StockReceipt, received: Received) -> ValueChange:
    return ValueChange(
        kind="receive",
        company_id=item.company_id,
        owner_id=item.owner_id,
        sku_id=item.sku_id,
        grade=item.grade,
        source_kind=item.source_kind,
        source_id=item.source_id,
        occurred_at=item.occurred_at,
        book_date=item.book_date,
        quantity=item.quantity,
        amount_minor=received.cost_minor,
        cost_source=received.cost_source,
        move_id=received.move_id,
    )
