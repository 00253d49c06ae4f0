"""Goods that left for known orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome
from guicang.trade.facts import OrderFacts, OrderShipment
from guicang.trade.operations.later import by_order, permit, record_items


def record_shipments(
    *,
    items: Sequence[OrderShipment],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Record shipments; one Outcome an item, with its order's id and data["result"] (updated, unchanged, refused).

    An order is one unit: a refused shipment refuses the others of its order in this set. The same number with
    more units adds the difference as a shipment of its own, with fewer it is refused. Refusals: `order_unknown`,
    `line_unknown`, `warehouse_unknown`, `shipped_over_ordered`, `shipped_would_shrink`, `below_claimed`,
    `serial_quantity`, `stock_short`. Raises Refused: NotPermitted. Statements as `record_orders`.
    """
    permit(actor)
    with transaction.atomic():
        context = commands.begin("trade.record_shipments", actor=actor, now=now, items=len(items), origin=str(origin))
        return record_items(context, items, by_order(items, now, _put), all_or_nothing=all_or_nothing)


def _put(facts: OrderFacts, item: OrderShipment) -> None:
    facts.shipments.append(item.shipment)
