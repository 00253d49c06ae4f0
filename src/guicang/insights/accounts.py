"""A customer's account: what he owes for which order, what is his credit, and what was set off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from guicang.insights.orders import scoped
from guicang.insights.quotas import Left, of_customer
from guicang.insights.worklist import customer_names
from guicang.kernel.actor import Scope
from guicang.sales.models import Order, SetOff

#: Set-offs that a page shows, the newest first.
SHOWN = 200


class Item(NamedTuple):
    """An order with something open: `open_minor` above zero is owed, below it a credit."""

    order_id: UUID
    number: str
    ordered_at: datetime
    currency: str
    total_minor: int
    captured_minor: int
    credited_minor: int
    refunded_minor: int
    set_off_minor: int
    open_minor: int


class Moved(NamedTuple):
    id: UUID
    at: datetime
    from_order_id: UUID
    from_number: str
    to_order_id: UUID
    to_number: str
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Statement:
    customer_id: UUID
    name: str
    items: list[Item]
    set_offs: list[Moved]
    #: What he owes less his credits, by currency.
    balances: dict[str, int]
    #: What is left of his yearly return quota; none where he has no quota.
    quotas: list[Left]

    @property
    def owed(self) -> list[Item]:
        return [one for one in self.items if one.open_minor > 0]

    @property
    def credits(self) -> list[Item]:
        return [one for one in self.items if one.open_minor < 0]


def statement(customer_id: UUID, scope: Scope, now: datetime) -> Statement | None:
    """Open items, oldest first, set-offs, quotas; None where `scope` holds no order of the customer. 10 statements."""
    orders = scoped(scope).filter(customer_id=customer_id)
    if not orders.exists():
        return None
    open_ones = orders.exclude(receivable_minor=0).order_by("ordered_at", "id")
    items = [_item(order) for order in open_ones]
    found = SetOff.objects.filter(customer_id=customer_id, from_order__in=orders).select_related(
        "from_order", "to_order"
    )
    balances: dict[str, int] = {}
    for item in items:
        balances[item.currency] = balances.get(item.currency, 0) + item.open_minor
    moved = [
        Moved(
            one.id,
            one.occurred_at,
            one.from_order_id,
            one.from_order.number,
            one.to_order_id,
            one.to_order.number,
            one.currency,
            one.amount_minor,
        )
        for one in found.order_by("-recorded_at", "-id")[:SHOWN]
    ]
    return Statement(
        customer_id,
        customer_names([customer_id]).get(customer_id, ""),
        items,
        moved,
        balances,
        of_customer(customer_id, now),
    )


def _item(order: Order) -> Item:
    return Item(
        order.id,
        order.number,
        order.ordered_at,
        order.currency,
        order.total_minor,
        order.captured_minor,
        order.credited_minor,
        order.refunded_minor,
        order.set_off_minor,
        order.receivable_minor,
    )
