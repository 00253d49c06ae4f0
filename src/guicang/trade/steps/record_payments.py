"""Money that came in for known orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome
from guicang.trade.facts import OrderFacts, OrderPayment
from guicang.trade.operations.later import by_order, permit, record_items


def record_payments(
    *,
    items: Sequence[OrderPayment],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Record payments; one Outcome an item, with its order's id and data["result"] (updated, unchanged, refused).

    An order is one unit: a refused payment refuses the others of its order in this set. The same key with a
    larger amount adds the difference, with a smaller one it is refused. Refusals: `order_unknown`,
    `order_mismatch` (currency), `payment_invalid`, `paid_would_shrink`, `below_refunded`.
    Raises Refused: NotPermitted. Statements as `record_orders`.
    """
    permit(actor)
    with transaction.atomic():
        context = commands.begin("trade.record_payments", actor=actor, now=now, items=len(items), origin=str(origin))
        return record_items(context, items, by_order(items, now, _put), all_or_nothing=all_or_nothing)


def _put(facts: OrderFacts, item: OrderPayment) -> None:
    facts.payments.append(item.payment)
    facts.currency = facts.currency or item.currency
