"""Reading what was sold, as returns and imports need it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Q, Sum
from django.db.models.expressions import RawSQL

from guicang.kernel.compiled import compiled
from guicang.kernel.ids import NIL
from guicang.kernel.latest import latest
from guicang.kernel.setwrites import chunks
from guicang.sales.models import (
    Funder,
    Invoice,
    LineDiscount,
    LineKind,
    Order,
    OrderLine,
    ReturnLabel,
    Shipment,
    ShipmentLine,
    Tender,
)

#: What an order's return label says: (Chinese, English, tone of the badge).
RETURN_LABELS: dict[str, tuple[str, str, str]] = {
    ReturnLabel.NONE: ("未退", "Not returned", "neutral"),
    ReturnLabel.IN_PROGRESS: ("退货处理中", "Return in progress", "info"),
    ReturnLabel.PART: ("部分退货", "Partly returned", "warning"),
    ReturnLabel.FULL: ("已退货", "Returned", "success"),
}


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


class OrderHead(NamedTuple):
    id: UUID
    company_id: UUID
    shop_id: UUID
    channel_id: UUID
    market_id: UUID
    number: str
    customer_id: UUID
    currency: str
    ordered_at: datetime
    policy_version_id: UUID
    customer_tier: str
    sold_by: str
    withdrawal_informed: bool
    withheld: dict[str, int]


_orders = compiled(lambda ids: Order.objects.filter(id__among=ids).values_list(*OrderHead._fields))


def order_heads(order_ids: Iterable[UUID]) -> dict[UUID, OrderHead]:
    """1 statement per 1,000."""
    found: dict[UUID, OrderHead] = {}
    for batch in chunks(sorted(set(order_ids))):
        for row in _orders(batch):
            found[row[0]] = OrderHead(*row)
    return found


class Arrival(NamedTuple):
    """`last_at`: when the last goods of an order came; `more_to_come`: some have not left or not arrived."""

    last_at: datetime | None
    more_to_come: bool


def arrivals(order_ids: Iterable[UUID]) -> dict[UUID, Arrival]:
    """By order, as far as anything of it left; 2 statements per 1,000."""
    found: dict[UUID, Arrival] = {}
    for batch in chunks(sorted(set(order_ids))):
        waiting = OrderLine.objects.filter(order_id__among=batch, kind=LineKind.GOODS)
        waiting = waiting.filter(ordered__gt=F("cancelled") + F("shipped"))
        partly = set(waiting.values_list("order_id", flat=True))
        rows = Shipment.objects.filter(order_id__among=batch).values_list("order_id", "delivered_at")
        for order_id, delivered_at in rows:
            known = found.get(order_id, Arrival(delivered_at, order_id in partly))
            last = max((at for at in (known.last_at, delivered_at) if at), default=None)
            found[order_id] = Arrival(last, known.more_to_come or delivered_at is None)
    return found


def provisional_orders(company_id: UUID, after: UUID, limit: int) -> tuple[set[UUID], UUID]:
    """(orders under the plain default among the next `limit` of the company's, where to go on; NIL: nowhere).

    1 statement, along the primary key.
    """
    rows = Order.objects.filter(company_id=company_id, id__gt=after).order_by("id")
    seen = list(rows.values_list("id", "policy_provisional")[:limit])
    return {key for key, provisional in seen if provisional}, seen[-1][0] if len(seen) == limit else NIL


def payment_kinds(order_ids: Iterable[UUID]) -> dict[UUID, tuple[str, ...]]:
    """How each order was paid, in the order of its tenders; 1 statement per 1,000."""
    found: dict[UUID, tuple[str, ...]] = {}
    for batch in chunks(sorted(set(order_ids))):
        rows = Tender.objects.filter(order_id__among=batch).order_by("order_id", "position")
        for order_id, kind in rows.values_list("order_id", "kind"):
            found[order_id] = (*found.get(order_id, ()), kind)
    return found


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


def invoiced_orders(order_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the orders that an invoice was issued for; 1 statement."""
    rows = Invoice.objects.filter(order_id__among=sorted(set(order_ids)))
    return set(rows.values_list("order_id", flat=True))


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


def order_of_tender(tender_id: UUID) -> OrderHead | None:
    row = Order.objects.filter(tenders__id=tender_id).values_list(*OrderHead._fields).first()
    return OrderHead(*row) if row else None


def counts() -> dict[str, int]:
    """How much is in the database; a few index counts."""
    return {
        "orders": Order.objects.count(),
        "order_lines": OrderLine.objects.count(),
        "shipment_lines": ShipmentLine.objects.count(),
    }


def labels() -> dict[str, int]:
    """Orders by return label."""
    rows = Order.objects.values_list("return_label").annotate(n=Count("id"))
    return {str(label): count for label, count in rows}


def orders_by_number(shop_id: UUID, numbers: Iterable[str]) -> dict[str, OrderHead]:
    """Orders of a shop by their number; 1 statement per 1,000."""
    found: dict[str, OrderHead] = {}
    for batch in chunks(sorted(set(numbers))):
        for row in Order.objects.filter(shop_id=shop_id, number__among=batch).values_list(*OrderHead._fields):
            head = OrderHead(*row)
            found[head.number] = head
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


def returning(customer_ids: Iterable[UUID], most: int) -> dict[UUID, tuple[int, int]]:
    """{customer: (orders, those of them with a return)} among his `most` newest. 2 statements a thousand."""
    found: dict[UUID, tuple[int, int]] = {}
    for batch in chunks(sorted(set(customer_ids))):
        newest = latest(Order, "customer_id", batch, "ordered_at", most)
        rows = Order.objects.filter(id__among=sorted(newest)).order_by().values_list("customer_id")
        counted = rows.annotate(n=Count("*"), k=Count("id", filter=~Q(return_label=ReturnLabel.NONE)))
        found.update({key: (n, k) for key, n, k in counted})
    return found


def with_returns(order_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the orders for which a return was made. 1 statement a thousand."""
    found: set[UUID] = set()
    for batch in chunks(sorted(set(order_ids))):
        rows = Order.objects.filter(id__among=batch).exclude(return_label=ReturnLabel.NONE)
        found.update(rows.values_list("id", flat=True))
    return found


class Returning(NamedTuple):
    """A company's customers together. `squares`: sum of orders²; `milli`: sum of 1000 returned² / orders, cut off."""

    customers: int
    orders: int
    returned: int
    squares: int
    milli: int


def returning_of_all(company_id: UUID, without: Iterable[UUID]) -> Returning:
    """How the customers of a company return, but those `without`. 1 statement over all its orders."""
    rows = Order.objects.filter(company_id=company_id).exclude(customer_id__in=list(without)).order_by()
    each = rows.values("customer_id").annotate(n=Count("*"), k=Count("id", filter=~Q(return_label=ReturnLabel.NONE)))
    sums = each.aggregate(
        customers=Count("*"),
        orders=Sum("n"),
        returned=Sum("k"),
        squares=Sum(F("n") * F("n")),
        milli=Sum(F("k") * F("k") * 1000 / F("n")),
    )
    return Returning(**{name: int(value or 0) for name, value in sums.items()})


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
