"""Units that will not be shipped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome
from guicang.trade.facts import LineCancellation, OrderFacts
from guicang.trade.operations.later import by_order, permit, record_items


def cancel_lines(
    *,
    items: Sequence[LineCancellation],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Cancel units before shipment; one Outcome an item, with its order's id.

    Each item takes `quantity` more units; a bundle takes its components along. What was paid for them stays an
    advance until a return of type 未发货退款 settles it. Refusals: `order_unknown`, `line_unknown`,
    `quantity_invalid`, `shipped_over_ordered`; a refused line refuses the others of its order in this set.
    Raises Refused: NotPermitted. Statements as `record_orders`.
    """
    permit(actor)
    with transaction.atomic():
        context = commands.begin("trade.cancel_lines", actor=actor, now=now, items=len(items), origin=str(origin))
        cancels: dict[tuple[UUID, str], dict[str, int]] = {}
        for item in items:
            units = cancels.setdefault((item.shop_id, item.number), {})
            units[item.line_key] = units.get(item.line_key, 0) + item.quantity
        facts = by_order(items, now, _nothing)
        return record_items(context, items, facts, cancels=cancels, all_or_nothing=all_or_nothing)


def _nothing(facts: OrderFacts, item: LineCancellation) -> None:
    """What is cancelled goes beside the facts: it is more, where facts state how much altogether."""
