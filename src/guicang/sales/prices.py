"""At what SKUs were sold lately: what a price without an order goes by. Reads a bounded part of the sales."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, QuerySet, Sum

from guicang.kernel.latest import latest
from guicang.kernel.setwrites import chunks
from guicang.sales.models import LineKind, Order, OrderLine, ShipmentLine

#: The newest orders of a customer and the newest lines of a SKU that are looked through.
MOST_ORDERS, MOST_LINES = 400, 1_000


class RecentSale(NamedTuple):
    """A line of goods that was shipped, no gift."""

    order_id: UUID
    order_line_id: UUID
    sku_id: UUID
    customer_id: UUID
    number: str
    currency: str
    ordered_at: datetime
    ordered: int
    paid_minor: int
    goodwill_minor: int
    sold_minor: int
    tax_minor: int
    tax_rate: Decimal


_COLUMNS = (
    *("order_id", "id", "sku_id", "order__customer_id", "order__number", "order__currency", "order__ordered_at"),
    *("ordered", "paid_minor", "goodwill_minor", "sold_minor", "tax_minor", "tax_rate"),
)


def recent_sales(customer_ids: Iterable[UUID], sku_ids: Iterable[UUID], since: datetime) -> list[RecentSale]:
    """What these customers bought of these SKUs, among the newest `MOST_ORDERS` of each; 1 statement a thousand of
    those orders, and 1.
    """
    skus, found = sorted(set(sku_ids)), []
    for batch in chunks(sorted(latest(Order, "customer_id", customer_ids, "ordered_at", MOST_ORDERS))):
        rows = OrderLine.objects.filter(order_id__among=batch, sku_id__among=skus, order__ordered_at__gte=since)
        found += _sold(rows)
    return found


def recent_sales_of(sku_ids: Iterable[UUID], since: datetime) -> list[RecentSale]:
    """What anybody bought of these SKUs, among the newest `MOST_LINES` of each; 1 statement a thousand, and 1."""
    found = []
    for batch in chunks(sorted(latest(OrderLine, "sku_id", sku_ids, "id", MOST_LINES))):
        found += _sold(OrderLine.objects.filter(id__among=batch, order__ordered_at__gte=since))
    return found


def _sold(rows: QuerySet[OrderLine]) -> list[RecentSale]:
    kept = rows.filter(kind=LineKind.GOODS, is_gift=False, shipped__gt=0)
    return [RecentSale(*row) for row in kept.values_list(*_COLUMNS)]


def issued_at(order_line_ids: Iterable[UUID]) -> dict[UUID, tuple[int, int]]:
    """(cost, units) that order lines were issued at, where all of them are known; 1 statement, none for no line."""
    wanted = sorted(set(order_line_ids))
    rows = (
        ShipmentLine.objects.filter(order_line_id__among=wanted).order_by() if wanted else ShipmentLine.objects.none()
    )
    known = rows.values_list("order_line_id").annotate(
        cost=Sum("issue_cost_minor"), units=Sum("shipped"), unknown=Count("id", filter=Q(issue_cost_minor=None))
    )
    return {key: (cost, units) for key, cost, units, unknown in known if not unknown}


def purchases(customer_ids: Iterable[UUID], since: datetime, until: datetime) -> dict[tuple[UUID, str], int]:
    """What customers ordered from `since` until before `until`, by customer and currency; 1 statement a thousand."""
    found: dict[tuple[UUID, str], int] = {}
    for batch in chunks(sorted(set(customer_ids))):
        rows = Order.objects.filter(customer_id__among=batch, ordered_at__gte=since, ordered_at__lt=until).order_by()
        sums = rows.values_list("customer_id", "currency").annotate(total=Sum("total_minor"))
        found.update({(customer, currency): int(total) for customer, currency, total in sums})
    return found


def days(since: date, until: date, zone: str) -> tuple[datetime, datetime]:
    """The instants of these days there: from the first of `since` until before that of the day after `until`."""
    there = ZoneInfo(zone)
    return datetime.combine(since, time(), there), datetime.combine(until + timedelta(days=1), time(), there)


def turnovers(customer_ids: Iterable[UUID], since: datetime, until: datetime) -> dict[tuple[UUID, str], int]:
    """What customers ordered from `since` until before `until` less what was credited of it, whenever that was; by
    customer and currency. 1 statement a thousand.
    """
    found: dict[tuple[UUID, str], int] = {}
    for batch in chunks(sorted(set(customer_ids))):
        rows = Order.objects.filter(customer_id__among=batch, ordered_at__gte=since, ordered_at__lt=until).order_by()
        sums = rows.values_list("customer_id", "currency").annotate(total=Sum(F("total_minor") - F("credited_minor")))
        found.update({(customer, currency): int(total) for customer, currency, total in sums})
    return found
