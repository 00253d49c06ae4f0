"""Writing what was sold: orders, shipments, payments and what later exports change about them.

`trade` decides; this is the only place that writes these facts. The counters that returns and refunds
change are `sales.operations`'.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.kernel import setwrites
from guicang.sales.models import (
    Cancellation,
    LineDiscount,
    Order,
    OrderLine,
    OrderRevision,
    Payment,
    Shipment,
    ShipmentLine,
    Tender,
)

Rows = list[dict[str, Any]]
#: What a later statement may move on; everything else is frozen.
ORDER_CHANGES = (
    "status",
    "facts_as_of",
    "revision",
    "total_minor",
    "captured_minor",
    "receivable_minor",
    "advance_minor",
    "shipping_booked",
)
SHIPMENT_CHANGES = ["carrier", "tracking", "delivered_at"]


@dataclass(slots=True)
class SalesRows:
    """Rows as dicts of attnames. Changed rows carry `id` and every column of what they may change:
    orders `ORDER_CHANGES`, lines shipped and cancelled, tenders captured_minor, shipments `SHIPMENT_CHANGES`.
    """

    orders: Rows = field(default_factory=list)
    lines: Rows = field(default_factory=list)
    discounts: Rows = field(default_factory=list)
    cancellations: Rows = field(default_factory=list)
    shipments: Rows = field(default_factory=list)
    shipment_lines: Rows = field(default_factory=list)
    tenders: Rows = field(default_factory=list)
    payments: Rows = field(default_factory=list)
    revisions: Rows = field(default_factory=list)
    changed_orders: Rows = field(default_factory=list)
    changed_lines: Rows = field(default_factory=list)
    changed_tenders: Rows = field(default_factory=list)
    changed_shipments: Rows = field(default_factory=list)


def write(rows: SalesRows) -> None:
    """Insert what is new, change what moved on. ceil(n / 1000) statements for each kind that has rows.

    The caller holds the locks of what it changes, and has checked: the tables' CHECKs refuse the rest.
    """
    setwrites.insert(Order, rows.orders)
    setwrites.insert(OrderLine, rows.lines)
    setwrites.insert(LineDiscount, rows.discounts)
    setwrites.update(OrderLine, rows.changed_lines, assign=["shipped", "cancelled"])
    setwrites.insert(Cancellation, rows.cancellations)
    setwrites.insert(Shipment, rows.shipments)
    setwrites.insert(ShipmentLine, rows.shipment_lines)
    setwrites.update(Shipment, rows.changed_shipments, assign=SHIPMENT_CHANGES)
    setwrites.insert(Tender, rows.tenders)
    setwrites.update(Tender, rows.changed_tenders, assign=["captured_minor"])
    setwrites.insert(Payment, rows.payments)
    setwrites.insert(OrderRevision, rows.revisions)
    setwrites.update(Order, rows.changed_orders, assign=ORDER_CHANGES)


def shipped_at(shipment_line_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """When the shipments of these lines left. 1 statement a thousand."""
    found: dict[UUID, datetime] = {}
    for batch in setwrites.chunks(sorted(set(shipment_line_ids))):
        found.update(ShipmentLine.objects.filter(id__among=batch).values_list("id", "shipment__shipped_at"))
    return found
