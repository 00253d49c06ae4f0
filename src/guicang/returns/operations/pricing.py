"""Prices of a set of requests without an order, found in sets before anything is locked.

A company that has to refer to the blue invoice takes the goods as returned of the sale that is found: its lines become
lines of that order, with all of its ceilings. Elsewhere the line keeps its price with what it goes by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from guicang.catalog import queries as catalogue
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.kernel.money import tax_within
from guicang.org import queries as org
from guicang.parties import queries as parties
from guicang.returns import pricing
from guicang.returns.models import AgreedPrice, PriceRules
from guicang.returns.operations.asking import Request, Wanted
from guicang.returns.pricing import Agreed, Price, Rules, Sale
from guicang.sales import prices
from guicang.sales import queries as sold

#: By company and group of customers: (version, what it says).
Stated = Mapping[tuple[UUID, str], tuple[int, Rules]]


def rules_of(company_ids: Iterable[UUID]) -> dict[tuple[UUID, str], tuple[int, Rules]]:
    """The version in force for each group of customers; 1 statement over what a few people stated."""
    rows = PriceRules.objects.filter(company_id__in=sorted(set(company_ids))).order_by("number")
    return {
        (company_id, tier): (number, Rules.of(said))
        for company_id, tier, number, said in rows.values_list("company_id", "tier", "number", "rules")
    }


class _Asked(NamedTuple):
    """Where a request without an order stands: whose, in which money, on which day, by which rules."""

    customer_id: UUID
    currency: str
    day: date
    number: int
    rules: Rules
    known: bool


@dataclass(slots=True)
class _Found:
    """What was read for all of a set. `free`: units of shipment lines that can still come back, counted down."""

    sales: Mapping[UUID, list[tuple[UUID, str, Sale]]]
    agreed: Mapping[tuple[UUID, UUID, str], list[Agreed]]
    skus: Mapping[UUID, catalogue.SkuInfo]
    free: dict[UUID, list[tuple[UUID, int]]] = field(default_factory=dict)


def priced(chunk: Sequence[Request], context: Context) -> list[Request]:
    """The requests with what their lines without an order pay. None for a set without such lines, else 5 statements,
    and 1 for prices agreed, 2 for sales to the customers, 2 for sales to anybody, 1 for what is still free of them.
    """
    blind = [item for item in chunk if any(_is_blind(line) for line in item.lines)]
    if not blind or context.origin != Origin.LIVE:
        return list(chunk)
    asked = _look(blind, context)
    wanted = {id(item): {line.sku_id for line in item.lines if _is_blind(line)} for item in blind if id(item) in asked}
    found = _find(asked, wanted, context)
    return [_priced(item, asked[id(item)], found, context) if id(item) in asked else item for item in chunk]


def _is_blind(line: Wanted) -> bool:
    return line.order_line_id == NIL and line.sku_id != NIL and not line.money_kind and line.quantity > 0


def _look(blind: Sequence[Request], context: Context) -> dict[int, _Asked]:
    shops = org.shops({item.shop_id for item in blind})
    customers = parties.customers({item.customer_id for item in blind})
    stated = rules_of({shop.company_id for shop in shops.values()})
    found = {}
    for item in blind:
        shop, customer = shops.get(item.shop_id), customers.get(item.customer_id)
        if shop is None or customer is None or customer.shop_id != shop.id:
            continue
        key = (shop.company_id, customer.tier)
        number, rules = stated.get(key) or stated.get((shop.company_id, "")) or (0, Rules())
        day = (item.occurred_at or context.now).date()
        found[id(item)] = _Asked(
            customer.id, item.currency or shop.currency, day, number, rules, bool(customer.external_id)
        )
    return found


def _find(asked: Mapping[int, _Asked], wanted: Mapping[int, set[UUID]], context: Context) -> _Found:
    skus = {sku for several in wanted.values() for sku in several}
    since = min((one.day.toordinal() - one.rules.days for one in asked.values()), default=1)
    start = datetime.fromordinal(max(1, since)).replace(tzinfo=context.now.tzinfo)
    named = {source for one in asked.values() for source in one.rules.sources}
    buyers = {one.customer_id for one in asked.values() if one.known and one.rules.own_sales}
    rows = prices.recent_sales(buyers, skus, start) if buyers else []
    rows += prices.recent_sales_of(skus, start) if "lowest_any" in named else []
    sales: dict[UUID, list[tuple[UUID, str, Sale]]] = {}
    for row in {one.order_line_id: one for one in rows}.values():
        sale = Sale(
            row.order_id,
            row.order_line_id,
            row.number,
            row.ordered_at.date(),
            row.ordered,
            row.paid_minor - row.goodwill_minor,
            row.sold_minor,
            row.tax_minor,
            row.tax_rate,
            mine=False,
        )
        sales.setdefault(row.sku_id, []).append((row.customer_id, row.currency, sale))
    found = _Found(sales, _agreed(asked.values(), skus) if "agreed" in named else {}, catalogue.skus(skus))
    if any(one.rules.refers for one in asked.values()):
        for each in sold.shipped_lines_of(one.order_line_id for one in rows if one.customer_id in buyers):
            found.free.setdefault(each.order_line_id, []).append((each.shipment_line_id, each.free))
    return found


def _agreed(asked: Iterable[_Asked], skus: Iterable[UUID]) -> dict[tuple[UUID, UUID, str], list[Agreed]]:
    rows = AgreedPrice.objects.filter(
        customer_id__among=sorted({one.customer_id for one in asked}), sku_id__among=sorted(set(skus))
    )
    found: dict[tuple[UUID, UUID, str], list[Agreed]] = {}
    for customer, sku, currency, price, since, until in rows.values_list(
        "customer_id", "sku_id", "currency", "price_minor", "since", "until"
    ):
        found.setdefault((customer, sku, currency), []).append(Agreed(price, since, until))
    return found


def _priced(item: Request, asked: _Asked, found: _Found, context: Context) -> Request:
    lines: list[Wanted] = []
    for line in item.lines:
        if not _is_blind(line):
            lines.append(line)
        elif line.recorded_minor is not None:
            lines.append(_by_hand(line, asked, found, context))
        else:
            lines.extend(_line(line, asked, found))
    return replace(item, lines=lines)


def _by_hand(line: Wanted, asked: _Asked, found: _Found, context: Context) -> Wanted:
    """What a customer says his own parcel is worth is refused later; of staff it is the price."""
    sku = found.skus.get(line.sku_id)
    if context.actor.kind == "customer" or sku is None or not line.recorded_minor or line.recorded_minor < 0:
        return line
    tax = tax_within(line.recorded_minor, sku.tax_rate)
    said = Price(pricing.PERSON, line.recorded_minor, tax, sku.tax_rate)
    return replace(line, priced=pricing.as_data(said, line.quantity, asked.rules, asked.number))


def _line(line: Wanted, asked: _Asked, found: _Found) -> list[Wanted]:
    sku = found.skus.get(line.sku_id)
    if sku is None:
        return [line]
    sales = _sales(line.sku_id, asked, found)
    if asked.rules.refers:
        return _referring(line, asked, sales, found)
    holding = [
        one
        for one in found.agreed.get((asked.customer_id, line.sku_id, asked.currency), ())
        if one.since <= asked.day <= one.until
    ]
    agreed = max(holding, key=lambda one: one.since, default=None)
    said, why = pricing.price(asked.rules, line.quantity, sales, agreed if asked.known else None, sku.tax_rate)
    data: dict[str, Any] = {"why": why}
    if said is not None:
        data = pricing.as_data(said, line.quantity, asked.rules, asked.number)
    return [replace(line, priced=data)]


def _sales(sku_id: UUID, asked: _Asked, found: _Found) -> list[Sale]:
    since = date.fromordinal(max(1, asked.day.toordinal() - asked.rules.days))
    return [
        sale._replace(mine=asked.known and customer_id == asked.customer_id)
        for customer_id, currency, sale in found.sales.get(sku_id, ())
        if currency == asked.currency and since <= sale.day <= asked.day
    ]


def _referring(line: Wanted, asked: _Asked, sales: Sequence[Sale], found: _Found) -> list[Wanted]:
    """As returned of the sales that are found, as far as they have units; a person prices what is left."""
    lines, left = [], line.quantity
    for sale in pricing.ordered(asked.rules.own_sales, [one for one in sales if one.mine]):
        rows = found.free.get(sale.order_line_id, [])
        for place, (shipment_line_id, free) in enumerate(rows):
            units = min(left, free)
            if units:
                rows[place] = (shipment_line_id, free - units)
                left -= units
                one = replace(line, order_line_id=sale.order_line_id, shipment_line_id=shipment_line_id)
                lines.append(replace(one, quantity=units))
    if left:
        lines.append(replace(line, quantity=left, priced={"why": "no_sale_left"}))
    return lines
