"""Hand new goods over the counter: an exchange is carried out, its difference collected, and the goods leave."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.kernel.money import from_minor
from guicang.kernel.refusal import Refused, raise_first
from guicang.returns import errors
from guicang.returns.operations import saleview
from guicang.returns.steps.collect import Collecting, collect
from guicang.returns.steps.exchange import Exchanging, exchange
from guicang.trade import queries as traded
from guicang.trade.facts import OrderFacts, ShipmentFacts, ShippedFacts
from guicang.trade.operations.recording import record

#: The one parcel of an order in place of goods that a customer carries out of the shop.
PARCEL = "counter"


def hand_out(return_id: UUID, warehouse_id: UUID, way: str, reference: str, *, actor: Actor, now: datetime) -> None:
    """Inside the caller's transaction, which holds shop, order and levels. `way`: how the difference was paid.

    About 130 statements. Raises Refused: DifferenceOpen where something is to be paid and nobody said how, and what
    the steps refuse.
    """
    one: dict[str, Any] = {"actor": actor, "now": now, "all_or_nothing": True}
    exchange(exchanges=[Exchanging(return_id)], **one)
    there = traded.replacements([return_id]).get(return_id)
    if there is None:
        raise Refused([errors.NotInOneAct()])
    if there.open_minor and not way:
        amount = f"{from_minor(there.open_minor, there.currency):,} {there.currency}"
        raise Refused([errors.DifferenceOpen(amount=amount)])
    if there.open_minor:
        collect(collections=[Collecting(return_id, way, reference)], **one)
    context = commands.begin("returns.hand_out", actor=actor, now=now, items=1)
    account = saleview.accounts([there.id], lock=False)[there.id]
    lines = [ShippedFacts(line.line_key, line.ordered) for line in account.lines.values()]
    order = account.order
    parcel = ShipmentFacts(PARCEL, warehouse_id, now, lines, delivered_at=now)
    facts = OrderFacts(order.shop_id, order.number, order.ordered_at, "", [], shipments=[parcel])
    raise_first(record(context, [facts]))
