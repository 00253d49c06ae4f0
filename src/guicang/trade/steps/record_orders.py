"""Orders as a source states them: new ones, and what moved on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome
from guicang.trade.facts import OrderFacts
from guicang.trade.operations.later import permit
from guicang.trade.operations.recording import record


def record_orders(
    *,
    orders: Sequence[OrderFacts],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Record each order once and follow what later facts change; one transaction, one Outcome an order.

    data["result"] is imported, updated, unchanged, unchanged_older or refused. A new order is frozen (amounts,
    composition of bundles, policy in force), moved and booked by ownership and cut-over (DESIGN 3). For a known
    one status, parcels, shipped, paid and cancelled follow; facts as of an earlier instant than the known ones
    are unchanged_older. What left, what came in and what was cancelled never shrinks: `shipped_would_shrink`,
    `below_claimed`, `paid_would_shrink`, `below_refunded`, `cancelled_would_shrink`. Other quantities, prices or
    discounts of a line: `line_mismatch`; another customer, currency or shipping fee: `order_mismatch`. Owned
    goods that are not there: `stock_short`. A refused order writes nothing, and nothing at all is written
    where one is refused and `all_or_nothing` is set. A line, shipment or payment that is absent is left alone.
    Raises Refused: NotPermitted.

    Statements for n orders (their lines, shipments and payments counted like orders): about 40 + 30 * ceil(n / 1000)
    at most, of which most only where such rows are there; asserted in tests/unit/trade/test_statements.py.
    """
    permit(actor)
    with transaction.atomic():
        context = commands.begin("trade.record_orders", actor=actor, now=now, items=len(orders), origin=str(origin))
        return record(context, orders, all_or_nothing=all_or_nothing)
