"""Serial numbers of what left: the latest sale of a unit is the one that counts (HARD-CASES 18)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from guicang.catalog.operations import register_sales
from guicang.catalog.queries import SerialInfo, serials
from guicang.kernel.ids import NIL
from guicang.sales.recording import shipped_at
from guicang.trade.operations.planning import Plan

SerialKey = tuple[UUID, str]


def lock(plans: Sequence[Plan]) -> dict[SerialKey, SerialInfo]:
    """The serials among what is to be shipped that are known, locked. 1 statement a thousand, 0 for none."""
    return serials(
        (
            (units.line.sku_id, units.serial)
            for plan in plans
            for shipment in plan.shipments
            for units in shipment.units
            if units.serial
        ),
        lock=True,
    )


def register(plans: Sequence[Plan], known: dict[SerialKey, SerialInfo]) -> None:
    """Point each serial at its latest shipment line: by time, and an import of the past moves nothing back."""
    sold: dict[SerialKey, tuple[datetime, UUID]] = {}
    for plan in plans:
        for shipment in plan.shipments:
            for row in shipment.lines:
                key = (row["sku_id"], row["serial"])
                if row["serial"] and (key not in sold or shipment.facts.shipped_at >= sold[key][0]):
                    sold[key] = (shipment.facts.shipped_at, row["id"])
    if not sold:
        return
    latest = {key: known[key].latest_shipment_line_id for key in sold if key in known}
    left = shipped_at(line_id for line_id in latest.values() if line_id != NIL)
    moved = {
        key: line_id
        for key, (instant, line_id) in sold.items()
        if key not in latest or latest[key] not in left or instant >= left[latest[key]]
    }
    register_sales(moved, {key: info.id for key, info in known.items()})
