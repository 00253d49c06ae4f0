"""Goods bought from suppliers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome
from guicang.trade.facts import StockFacts
from guicang.trade.operations.later import permit
from guicang.trade.operations.stock import PURCHASE, receive


def record_purchases(
    *,
    items: Sequence[StockFacts],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Receive goods with their cost; one Outcome an item, data["result"] imported, unchanged or refused.

    Debit stock, credit payable to the supplier; input tax is the purchase invoice's, not the receipt's.
    Owned warehouses only. Refusals: `warehouse_unknown`, `sku_unknown`, `goods_mirrored`, `stock_invalid`,
    `stock_repeated`, `stock_mismatch`. Raises Refused: NotPermitted. Statements for n items: those of
    `inventory.operations.receive_stock` and `accounting.operations.post`, about 10 more and 3 * ceil(n / 1000).
    """
    permit(actor)
    with transaction.atomic():
        context = commands.begin("trade.record_purchases", actor=actor, now=now, items=len(items), origin=str(origin))
        return receive(context, items, PURCHASE, all_or_nothing=all_or_nothing)
