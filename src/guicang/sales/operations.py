"""The counters that CHECKs compare, changed in sets. The only way in for returns and payments.

Every function runs inside the caller's transaction, after the rows were locked in the fixed
order: orders, their lines, shipment lines, tenders.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import new_id
from guicang.sales.models import Cancellation, Order, OrderLine, SetOff, ShipmentLine, Tender


@dataclass(slots=True)
class LockedSales:
    """Orders with their lines and tenders by id, each list in stored order."""

    orders: dict[UUID, Order]
    lines: dict[UUID, list[OrderLine]]
    tenders: dict[UUID, list[Tender]]


def lock_orders(order_ids: Iterable[UUID], *, tenders: bool = False, lock: bool = True) -> LockedSales:
    """Orders and all their lines, locked (`lock` False: only read, for a preview); 2 statements per 1,000 orders
    (3 with tenders).
    """
    wanted = set(order_ids)
    orders = {order.id: order for order in setwrites.fetch(Order, wanted, lock=lock)}
    found = LockedSales(orders, {key: [] for key in orders}, {key: [] for key in orders})
    for line in setwrites.fetch(OrderLine, wanted, lock=lock, key="order_id"):
        found.lines[line.order_id].append(line)
    if tenders:
        for tender in setwrites.fetch(Tender, wanted, lock=lock, key="order_id"):
            found.tenders[tender.order_id].append(tender)
    for lines in found.lines.values():
        lines.sort(key=lambda line: line.position)
    for ways in found.tenders.values():
        ways.sort(key=lambda tender: tender.position)
    return found


def hold_orders(order_ids: Iterable[UUID]) -> None:
    """Lock the rows of orders alone, before anything of theirs: whoever will write a label or a sum takes them first.

    1 statement per 1,000 on PostgreSQL; on SQLite the transaction is the lock.
    """
    if connection.vendor == "postgresql":
        setwrites.fetch(Order, order_ids, lock=True, only=("id",))


def restate_policy(order_ids: Iterable[UUID], version_id: UUID) -> int:
    """Put orders under a stated policy that were made under the plain default; answers how many it moved.

    1 statement a thousand. The orders are held; one that stands under a stated version stays there.
    """
    moved = 0
    for batch in setwrites.chunks(sorted(order_ids)):
        rows = Order.objects.filter(id__among=batch, policy_provisional=True)
        moved += rows.update(policy_version_id=version_id, policy_provisional=False)
    return moved


def lock_shipment_lines(ids: Iterable[UUID], *, lock: bool = True) -> dict[UUID, ShipmentLine]:
    """Shipment lines by id, locked in primary key order (`lock` False: only read); 1 statement per 1,000."""
    return {line.id: line for line in setwrites.fetch(ShipmentLine, ids, lock=lock)}


def claim(deltas: Mapping[UUID, int]) -> None:
    """Add to `claimed` of shipment lines (negative releases). CHECK claimed <= shipped is the backstop."""
    rows = [{"id": key, "claimed": units} for key, units in deltas.items() if units]
    setwrites.update(ShipmentLine, rows, add=["claimed"])


def take_back(deltas: Mapping[UUID, tuple[int, int]]) -> None:
    """Add (units, cost in book minor units) that came back into a value pool to shipment lines."""
    rows = [{"id": key, "returned": units, "returned_cost_minor": cost} for key, (units, cost) in deltas.items()]
    setwrites.update(ShipmentLine, rows, add=["returned", "returned_cost_minor"])


def cancel(
    context: Context,
    units: Mapping[UUID, int],
    *,
    occurred_at: Mapping[UUID, datetime],
    book_dates: Mapping[UUID, date],
) -> None:
    """Cancel units that were not shipped; 2 statements per 1,000 lines. When and for which day: by line."""
    wanted = {key: count for key, count in units.items() if count}
    rows = [
        {
            "id": new_id(),
            "order_line_id": key,
            "quantity": count,
            "occurred_at": occurred_at[key],
            "book_date": book_dates[key],
            **context.stamps,
        }
        for key, count in wanted.items()
    ]
    setwrites.insert(Cancellation, rows)
    setwrites.update(OrderLine, [{"id": key, "cancelled": count} for key, count in wanted.items()], add=["cancelled"])


#: Columns of an order line and an order that a settlement moves on.
LINE_COLUMNS = (
    "settled",
    "settled_minor",
    "settled_measure",
    "cancelled_settled",
    "cancelled_minor",
    "credited_minor",
    "credited_tax_minor",
    "credited_funded_minor",
    "withheld_minor",
    "goodwill_minor",
    "goodwill",
)
ORDER_COLUMNS = (
    "refunded_minor",
    "credited_minor",
    "fees_minor",
    "extra_minor",
    "withheld",
    "shipping_refunded_minor",
    "points_taken_back",
    "receivable_minor",
    "advance_minor",
)


def store_settled_lines(rows: Sequence[Mapping[str, Any]]) -> None:
    """Write `LINE_COLUMNS` of locked order lines (each with its id); 1 statement per 1,000."""
    setwrites.update(OrderLine, rows, assign=LINE_COLUMNS)


def store_settled_orders(rows: Sequence[Mapping[str, Any]]) -> None:
    """Write `ORDER_COLUMNS` of locked orders; 1 statement per 1,000."""
    setwrites.update(Order, rows, assign=ORDER_COLUMNS)


def open_orders_beside(order_id: UUID) -> list[UUID]:
    """Other orders of the same customer and company that he owes something for, in its currency; 2 statements."""
    row = Order.objects.filter(id=order_id).values("company_id", "customer_id", "currency").first()
    found = Order.objects.filter(**row, receivable_minor__gt=0).exclude(id=order_id) if row else Order.objects.none()
    return list(found.values_list("id", flat=True))


def set_off(rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert set-offs between locked orders and move both sides of each; 1 + 1 statements per 1,000."""
    moved: dict[UUID, int] = {}
    for row in rows:
        moved[row["from_order_id"]] = moved.get(row["from_order_id"], 0) - row["amount_minor"]
        moved[row["to_order_id"]] = moved.get(row["to_order_id"], 0) + row["amount_minor"]
    setwrites.insert(SetOff, rows)
    changed = [{"id": key, "set_off_minor": by, "receivable_minor": -by} for key, by in moved.items() if by]
    setwrites.update(Order, changed, add=["set_off_minor", "receivable_minor"])


def refund_tenders(deltas: Mapping[UUID, int]) -> None:
    """Add to `refunded` of locked tenders. CHECK refunded <= captured is the backstop."""
    rows = [{"id": key, "refunded_minor": amount} for key, amount in deltas.items() if amount]
    setwrites.update(Tender, rows, add=["refunded_minor"])


def dispute_tenders(deltas: Mapping[UUID, int]) -> None:
    """Add to `disputed` of locked tenders (negative when a dispute ends)."""
    rows = [{"id": key, "disputed_minor": amount} for key, amount in deltas.items() if amount]
    setwrites.update(Tender, rows, add=["disputed_minor"])


def label_orders(labels: Mapping[UUID, str]) -> None:
    """Store 未退 / 退货处理中 / 部分退货 / 已退货."""
    setwrites.update(
        Order, [{"id": key, "return_label": label} for key, label in labels.items()], assign=["return_label"]
    )
