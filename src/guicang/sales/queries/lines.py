"""Reading lines of orders and of shipments: what was sold of them, what is free, what was discounted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import F, Sum
from django.db.models.expressions import RawSQL

from guicang.kernel.compiled import compiled
from guicang.kernel.setwrites import chunks
from guicang.sales.models import (
    Funder,
    LineDiscount,
    LineKind,
    Order,
    OrderLine,
    Shipment,
    ShipmentLine,
)


class SoldLine(NamedTuple):
    """A shipped line that may come back. `free`: shipped and not yet claimed by a return."""

    shipment_line_id: UUID
    order_line_id: UUID
    order_id: UUID
    customer_id: UUID
    sku_id: UUID
    serial: str
    shipped_at: datetime
    delivered_at: datetime | None
    unit_price: Decimal
    ordered: int
    paid_minor: int
    shipped: int
    free: int
    warehouse_id: UUID
    weight_g: int


_SOLD = (
    "id",
    "order_line_id",
    "shipment__order_id",
    "shipment__order__customer_id",
    *("sku_id", "serial"),
    "shipment__shipped_at",
    "shipment__delivered_at",
    "order_line__unit_price",
    "order_line__ordered",
    "order_line__paid_minor",
    *("shipped", "free", "shipment__warehouse_id", "weight_g"),
)


def _sold(**filters: Any) -> Iterable[SoldLine]:
    rows = ShipmentLine.objects.annotate(free=F("shipped") - F("claimed")).filter(**filters)
    return (SoldLine(*row) for row in rows.values_list(*_SOLD))


_shipped_lines = compiled(
    lambda ids: (
        ShipmentLine.objects.annotate(free=F("shipped") - F("claimed"))
        .filter(order_line_id__among=ids)
        .values_list(*_SOLD)
    )
)


def sold_lines(pairs: Iterable[tuple[UUID, UUID]]) -> list[SoldLine]:
    """What is free of what these customers bought of these SKUs, by (customer, SKU); 1 statement per 1,000 pairs."""
    found: list[SoldLine] = []
    for batch in chunks(sorted(set(pairs))):
        found.extend(_sold(id__in=RawSQL(*_free_of(batch))))  # noqa: S611 - parameters only
    return found


def _free_of(pairs: Sequence[tuple[UUID, UUID]]) -> tuple[str, list[Any]]:
    """SQL for the shipment lines of the pairs: both lists in one parameter or two, whatever their length."""
    customers, skus = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    if connection.vendor == "postgresql":
        source = "unnest(%s::uuid[], %s::uuid[]) AS p(customer_id, sku_id)"
        parameters: list[Any] = [customers, skus]
    else:
        picked = "json_extract(value, '$[0]') AS customer_id, json_extract(value, '$[1]') AS sku_id"
        source = f"(SELECT {picked} FROM json_each(%s)) AS p"  # noqa: S608 - own text
        parameters = [json.dumps([(customer.hex, sku.hex) for customer, sku in pairs])]
    lines, shipments, orders = (model._meta.db_table for model in (ShipmentLine, Shipment, Order))
    text = (
        f"SELECT l.id FROM {source} JOIN {orders} o ON o.customer_id = p.customer_id "  # noqa: S608 - own names
        f"JOIN {shipments} s ON s.order_id = o.id "
        f"JOIN {lines} l ON l.shipment_id = s.id AND l.sku_id = p.sku_id AND l.shipped > l.claimed"
    )
    return text, parameters


def shipped_lines_of(order_line_ids: Iterable[UUID]) -> list[SoldLine]:
    """The shipment lines of order lines, oldest first; 1 statement per 1,000."""
    found: list[SoldLine] = []
    for batch in chunks(sorted(set(order_line_ids))):
        found.extend(map(SoldLine._make, _shipped_lines(batch)))
    return sorted(found, key=lambda line: (line.shipped_at, line.shipment_line_id.int))


class ShipmentTimes(NamedTuple):
    """`delivered_at` None: not delivered as far as we know."""

    shipped_at: datetime
    delivered_at: datetime | None


_times = compiled(
    lambda ids: ShipmentLine.objects.filter(id__among=ids).values_list(
        "id", "shipment__shipped_at", "shipment__delivered_at"
    )
)

_frozen = compiled(
    lambda ids: OrderLine.objects.filter(id__among=ids).values_list(
        "id", "category", "brand", "non_returnable_confirmed_at"
    )
)


def shipment_times(shipment_line_ids: Iterable[UUID]) -> dict[UUID, ShipmentTimes]:
    """When units of shipment lines left and arrived; 1 statement per 1,000."""
    found: dict[UUID, ShipmentTimes] = {}
    for batch in chunks(sorted(set(shipment_line_ids))):
        found.update({key: ShipmentTimes(left, arrived) for key, left, arrived in _times(batch)})
    return found


def frozen_lines(ids: Iterable[UUID]) -> dict[UUID, tuple[Any, ...]]:
    """(category, brand, when the buyer confirmed that it stays) of order lines; 1 statement per 1,000."""
    return {row[0]: row[1:] for batch in chunks(sorted(set(ids))) for row in _frozen(batch)}


class LineHead(NamedTuple):
    id: UUID
    order_id: UUID
    bundle_line_id: UUID
    per_bundle: int
    kind: str
    sku_id: UUID
    ordered: int
    cancelled: int
    shipped: int
    weight_g: int
    by_weight: bool
    non_returnable_confirmed_at: datetime | None
    category: str
    brand: str
    paid_minor: int
    settled: int
    goodwill_minor: int


_lines = compiled(lambda ids: OrderLine.objects.filter(id__among=ids).values_list(*LineHead._fields))


def line_heads(order_line_ids: Iterable[UUID]) -> dict[UUID, LineHead]:
    """Order lines by id, together with the component lines of the bundles among them; 2 statements per 1,000."""
    found: dict[UUID, LineHead] = {}
    for batch in chunks(sorted(set(order_line_ids))):
        found |= {row[0]: LineHead(*row) for row in _lines(batch)}
    bundles = [line.id for line in found.values() if line.kind == LineKind.BUNDLE]
    for batch in chunks(bundles):
        parts = OrderLine.objects.filter(bundle_line_id__among=batch).order_by("position")
        found |= {row[0]: LineHead(*row) for row in parts.values_list(*LineHead._fields)}
    return found


_units = compiled(
    lambda ids: (
        OrderLine.objects.filter(order_id__among=ids, kind=LineKind.GOODS)
        .order_by()
        .values_list("order_id")
        .annotate(
            sold=Sum(F("ordered") - F("cancelled") + F("cancelled_settled")),
            back=Sum(F("settled") + F("cancelled_settled")),
        )
    )
)


def units_of(order_ids: Iterable[UUID]) -> list[tuple[UUID, int, int]]:
    """(order, units sold, units returned or cancelled and settled) of goods lines; 1 statement per 1,000.

    Units cancelled without money, as the source of an order may, were never sold.
    """
    found: list[tuple[UUID, int, int]] = []
    for batch in chunks(sorted(set(order_ids))):
        found.extend((order_id, sold, back) for order_id, sold, back in _units(batch))
    return found


def sold_lines_of(order_ids: Iterable[UUID]) -> list[SoldLine]:
    """Everything these orders shipped; 1 statement per 1,000."""
    found: list[SoldLine] = []
    for batch in chunks(sorted(set(order_ids))):
        found.extend(_sold(shipment__order_id__among=batch))
    return found


def line_ids_by_key(order_ids: Iterable[UUID]) -> dict[tuple[UUID, str], UUID]:
    """Order lines by (order, line key); 1 statement per 1,000 orders."""
    found: dict[tuple[UUID, str], UUID] = {}
    for batch in chunks(sorted(set(order_ids))):
        rows = OrderLine.objects.filter(order_id__among=batch).values_list("order_id", "line_key", "id")
        found.update({(order_id, key): line_id for order_id, key, line_id in rows})
    return found


def promotion_discounts(order_ids: Iterable[UUID]) -> dict[tuple[UUID, str], dict[UUID, int]]:
    """What the shop granted by each promotion of these orders, by line; 1 statement per 1,000, none for no order.

    What a platform or somebody else granted is left out: that is theirs to reckon.
    """
    found: dict[tuple[UUID, str], dict[UUID, int]] = {}
    for batch in chunks(sorted(set(order_ids))):
        rows = LineDiscount.objects.filter(order_line__order_id__among=batch, funder=Funder.SHOP).exclude(
            promotion_id=""
        )
        for order_id, line_id, promotion, amount in rows.exclude(promotion_id="").values_list(
            "order_line__order_id", "order_line_id", "promotion_id", "amount_minor"
        ):
            by_line = found.setdefault((order_id, promotion), {})
            by_line[line_id] = by_line.get(line_id, 0) + amount
    return found
