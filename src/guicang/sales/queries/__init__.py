"""Reading what was sold, as returns and imports need it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, F, Q, Sum

from guicang.kernel.compiled import compiled
from guicang.kernel.ids import NIL
from guicang.kernel.latest import latest
from guicang.kernel.setwrites import chunks
from guicang.sales.models import (
    Invoice,
    LineKind,
    Order,
    OrderLine,
    ReturnLabel,
    Shipment,
    ShipmentLine,
    Tender,
)
from guicang.sales.queries.lines import *  # noqa: F403

#: What an order's return label says: (Chinese, English, tone of the badge).
RETURN_LABELS: dict[str, tuple[str, str, str]] = {
    ReturnLabel.NONE: ("未退", "Not returned", "neutral"),
    ReturnLabel.IN_PROGRESS: ("退货处理中", "Return in progress", "info"),
    ReturnLabel.PART: ("部分退货", "Partly returned", "warning"),
    ReturnLabel.FULL: ("已退货", "Returned", "success"),
}


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
    deposit_kind: str


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


def invoiced_orders(order_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the orders that an invoice was issued for; 1 statement."""
    rows = Invoice.objects.filter(order_id__among=sorted(set(order_ids)))
    return set(rows.values_list("order_id", flat=True))


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
