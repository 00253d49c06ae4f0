"""A customer's account as programs read it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from guicang.api.parsing import Shown


class OpenItem(Shown):
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


class SetOff(Shown):
    """The credit of one order that paid what was owed for another."""

    id: UUID
    at: datetime
    from_order_id: UUID
    from_number: str
    to_order_id: UUID
    to_number: str
    currency: str
    amount_minor: int


class Quota(Shown):
    """What a customer may send back in a year, what he used of it, and what is left."""

    year: int
    currency: str
    quota_minor: int
    used_minor: int
    left_minor: int
    purchases_minor: int


class Account(Shown):
    """`balances`: what is owed less credits, by currency. `quotas`: empty where he has none."""

    customer_id: UUID
    items: list[OpenItem]
    set_offs: list[SetOff]
    balances: dict[str, int]
    quotas: list[Quota]
