"""Owned goods that left: enough of them, moved from sellable to the customer, issued at their cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from guicang.accounting.operations import Book
from guicang.inventory.models import GRADE_A, LocationKind
from guicang.inventory.operations import (
    LevelKey,
    Move,
    ValueChange,
    ValueResult,
    available,
    held,
    move,
    places,
    spend,
    value,
)
from guicang.inventory.operations import let_go as free_kept
from guicang.kernel.commands import Context
from guicang.kernel.refusal import Refusal
from guicang.trade import errors
from guicang.trade.operations.planning import Plan, ShipmentPlan, Units
from guicang.trade.queries import OrderCopy

Places = dict[UUID, dict[LocationKind, UUID]]
#: What is kept for orders, by order and level.
Kept = dict[UUID, dict[LevelKey, int]]


class _Issue(NamedTuple):
    order: OrderCopy
    shipment: ShipmentPlan
    line: dict[str, Any]


class Stock(NamedTuple):
    """Where goods lie, how many of them are free, and what is kept for orders of the set."""

    places: Places
    on_hand: dict[LevelKey, int]
    kept: Kept


def stock_of(plans: Sequence[Plan]) -> Stock:
    """Where the goods of these plans lie and how many there are, both ends locked. None for mirrored goods.

    Statements: those of `available` for two levels a shipped line, and where orders were known before 1 more.
    """
    warehouses = {s.warehouse.id for plan in plans for s in plan.shipments if s.moved}
    found = places(warehouses) if warehouses else {}
    keys = {
        key
        for plan in plans
        for shipment, units in _goods(plan)
        for key in _ends(plan.order, units, found[shipment.warehouse.id])
    }
    on_hand = available(keys) if keys else {}
    known = {plan.order.id for plan in plans if plan.order.row is None and any(s.moved for s in plan.shipments)}
    return Stock(found, on_hand, held(known))


def shortages(plan: Plan, stock: Stock, codes: Mapping[UUID, str]) -> list[Refusal]:
    """Takes the order's goods off what is there, first what is kept for it, or nothing of them where any SKU is short.

    `codes` by SKU.
    """
    wanted, on_hand, kept = _wanted(plan, stock.places), stock.on_hand, stock.kept.get(plan.order.id, {})
    refusals: list[Refusal] = [
        errors.StockShort(
            sku_code=codes[key.sku_id],
            sku_id=key.sku_id,
            lot=key.lot,
            wanted=quantity,
            available=on_hand[key] + kept.get(key, 0),
        )
        for key, quantity in wanted.items()
        if on_hand[key] + kept.get(key, 0) < quantity
    ]
    if not refusals:
        for key, quantity in wanted.items():
            on_hand[key] -= max(0, quantity - kept.get(key, 0))
    return refusals


def _wanted(plan: Plan, found: Places) -> dict[LevelKey, int]:
    """Units that leave, by the level they lie on."""
    wanted: dict[LevelKey, int] = {}
    for shipment, units in _goods(plan):
        key, _ = _ends(plan.order, units, found[shipment.warehouse.id])
        wanted[key] = wanted.get(key, 0) + units.quantity
    return wanted


def issue(context: Context, plans: Sequence[Plan], stock: Stock, books: dict[UUID, Book]) -> None:
    """Move and value what left, in order of time over all orders; costs go onto the shipment lines and plans.

    What was kept for an order is let go as far as it leaves.
    """
    spend(
        {
            (plan.order.id, key): min(units, stock.kept[plan.order.id].get(key, 0))
            for plan in plans
            if plan.order.id in stock.kept
            for key, units in _wanted(plan, stock.places).items()
        }
    )
    issues = [
        _Issue(plan.order, shipment, line)
        for plan in plans
        for shipment in plan.shipments
        if shipment.moved
        for line in shipment.goods
    ]
    issues.sort(key=lambda item: item.shipment.facts.shipped_at)
    moves = [_move(item, stock.places, books[item.order.company.id]) for item in issues]
    move(context, moves)
    results = value(context, [_change(made) for made in moves])
    for item, result in zip(issues, results, strict=True):
        _put(item, result)


def let_go(plans: Sequence[Plan]) -> None:
    """What was kept for units that were cancelled is free again; 1 statement where any were, of known orders."""
    units: dict[tuple[UUID, UUID], int] = {}
    for plan in plans:
        for line, quantity in plan.cancelled if plan.order.row is None else ():
            units[plan.order.id, line.sku_id] = units.get((plan.order.id, line.sku_id), 0) + quantity
    if units:
        free_kept(units)


def _put(item: _Issue, result: ValueResult) -> None:
    # Units that no pool carried have an estimate as their cost, so that they can come back at it; only
    # what the pool gave is expensed.
    item.line["issue_cost_minor"] = result.cost_minor - result.provision_minor + result.short_cost_minor
    item.line["cost_source"] = result.cost_source
    item.shipment.cost_minor += result.cost_minor
    item.shipment.provision_minor += result.provision_minor


def _goods(plan: Plan) -> Iterator[tuple[ShipmentPlan, Units]]:
    for shipment in plan.shipments:
        if shipment.moved:
            for units in shipment.units:
                if units.line.is_goods:
                    yield shipment, units


def _ends(order: OrderCopy, units: Units, kinds: dict[LocationKind, UUID]) -> tuple[LevelKey, LevelKey]:
    sku, owner = units.line.sku_id, order.company.id
    return (
        LevelKey(sku, units.lot, GRADE_A, owner, kinds[LocationKind.SELLABLE]),
        LevelKey(sku, units.lot, GRADE_A, owner, kinds[LocationKind.CUSTOMER]),
    )


def _move(item: _Issue, found: Places, book: Book) -> Move:
    kinds, line, left_at = found[item.shipment.warehouse.id], item.line, item.shipment.facts.shipped_at
    return Move(
        company_id=item.order.company.id,
        owner_id=item.order.company.id,
        sku_id=line["sku_id"],
        quantity=line["shipped"],
        from_location_id=kinds[LocationKind.SELLABLE],
        from_grade=GRADE_A,
        to_location_id=kinds[LocationKind.CUSTOMER],
        to_grade=GRADE_A,
        event="shipment",
        source_kind="shipment_line",
        source_id=line["id"],
        occurred_at=left_at,
        book_date=book.day(left_at),
        lot=line["lot"],
        serial=line["serial"],
        weight_g=line["weight_g"],
    )


def _change(made: Move) -> ValueChange:
    return ValueChange(
        kind="issue",
        company_id=made.company_id,
        owner_id=made.owner_id,
        sku_id=made.sku_id,
        grade=made.from_grade,
        source_kind=made.source_kind,
        source_id=made.source_id,
        occurred_at=made.occurred_at,
        book_date=made.book_date,
        quantity=made.quantity,
        move_id=made.id,
    )
