"""Prices of returns without an order as programs read them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from guicang.api.parsing import Shown


class PriceRules(Shown):
    """What a company says for a group of customers (`tier` '': all that have no rules of their own).

    `sources` in their order: agreed, last, lowest, lowest_any; none: a person prices all. `most_minor`: beyond it a
    person prices the line, 0 for no limit. `refers`: goods count as returned of the customer's own sales.
    """

    company_id: UUID
    tier: str
    number: int
    sources: list[str]
    days: int
    most_minor: int
    refers: bool
    pays: str


class AgreedPrice(Shown):
    """A price agreed with a customer for a unit, tax within; both days count, `until` null: until further notice."""

    id: UUID
    customer_id: UUID
    customer_number: str
    sku_id: UUID
    code: str
    currency: str
    price_minor: int
    since: date
    until: date | None


class AgreedPrices(Shown):
    """A page, the newest first; `more`: ask again with `after` the last id."""

    items: list[AgreedPrice]
    more: bool
