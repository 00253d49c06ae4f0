"""Orders in place of returned goods: made, paid with what the goods gave back, and collected where they cost more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from guicang.catalog import queries as catalogue
from guicang.catalog.queries import SkuInfo
from guicang.inventory import operations as inventory
from guicang.kernel.commands import Context
from guicang.kernel.money import from_minor
from guicang.kernel.refusal import raise_first
from guicang.kernel.setwrites import chunks
from guicang.org import operations as org
from guicang.parties import queries as parties
from guicang.returns.models import Return
from guicang.returns.operations import swaps
from guicang.returns.operations.saleview import Account
from guicang.returns.settlement.exchanging import Priced, Pricing
from guicang.sales.models import Funder, OrderLine
from guicang.trade import queries as traded
from guicang.trade.facts import CustomerFacts, DiscountFacts, LineFacts, OrderFacts, PaymentFacts
from guicang.trade.operations.recording import record

#: What the number of a return gets for the order in its place, and the key of money by where it came from.
SUFFIX = "-X"
#: Digits of a unit price, which informs and computes nothing.
_DIGITS = Decimal("0.000001")


class Money(NamedTuple):
    """What one tender of an order that was given back pays of the order in its place."""

    account: Account
    settlement_id: UUID
    tender_id: UUID
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Placing:
    """`goods` with their prices and what they take the place of; `sold`: the orders those were of; `there`: the order
    in place of them, where it was made before.
    """

    header: Return
    at: datetime
    goods: Sequence[swaps.Good]
    sold: Sequence[Account]
    money: Sequence[Money]
    there: Account | None = None


def lock_shops(return_ids: Iterable[UUID]) -> None:
    """Hold the shops of these returns: an order is going to be made, or a known one moves on. 2 statements."""
    found: set[UUID] = set()
    for batch in chunks(sorted(set(return_ids))):
        found.update(Return.objects.filter(id__among=batch).values_list("shop_id", flat=True))
    org.lock_shops(found)


def place(context: Context, wanted: Sequence[Placing]) -> dict[UUID, UUID]:
    """Make the orders that are not there and pay them as far as money moves; answers them by return.

    Nothing for returns of which all goods were turned down. About 35 statements a thousand, none for none.
    """
    wanted = [one for one in wanted if one.there is not None or one.goods]
    if not wanted:
        return {}
    people = parties.customers(one.header.customer_id for one in wanted)
    skus = catalogue.skus(good.sku_id for one in wanted for good in one.goods)
    lines = {key: line for one in wanted for account in one.sold for key, line in account.lines.items()}
    funders = traded.funders(good.order_line_id for one in wanted for good in one.goods if good.priced.funded_minor)
    facts = []
    for one in wanted:
        made = _facts(one, people[one.header.customer_id].external_id)
        if one.there is None:
            made.lines = [
                _line(place, good, skus[good.sku_id], lines[good.order_line_id], made, funders)
                for place, good in enumerate(one.goods, 1)
            ]
        facts.append(made)
    # Before the trail of the new orders, which stands behind goods in the order of locks.
    kept = inventory.held([one.header.id for one in wanted if one.there is None])
    outcomes = record(context, facts)
    raise_first(outcomes)
    orders: dict[UUID, UUID] = {}
    for one, outcome in zip(wanted, outcomes, strict=True):
        if outcome.id is not None:
            orders[one.header.id] = outcome.id
            if one.there is None:
                swaps.keep_for_order(one.header.id, outcome.id, _units(one), kept.get(one.header.id, {}))
    return orders


def _units(one: Placing) -> dict[UUID, int]:
    units: dict[UUID, int] = {}
    for good in one.goods:
        units[good.sku_id] = units.get(good.sku_id, 0) + good.priced.units
    return units


def _facts(one: Placing, external_id: str) -> OrderFacts:
    """An order as any other, of the same customer and shop and under the same rules of tax as the first given back."""
    header = one.header
    order = (one.there or one.sold[0]).order
    return OrderFacts(
        header.shop_id,
        order.number if one.there else header.number + SUFFIX,
        one.at,
        header.currency,
        [],
        CustomerFacts(external_id),
        tax_inclusive=order.tax_inclusive,
        payments=[_payment(money, one) for money in one.money],
        customer_tier=order.customer_tier,
        sold_by=order.sold_by,
        shipped_by=order.shipped_by,
        withdrawal_informed=order.withdrawal_informed,
        market_id=order.market_id,
        fx_rate=order.fx_rate,
        return_id=header.id,
    )


def _payment(money: Money, one: Placing) -> PaymentFacts:
    tender = next(each for each in money.account.sale.tenders if each.id == money.tender_id)
    return PaymentFacts(
        f"exchange:{money.settlement_id.hex}:{money.tender_id.hex}",
        tender.kind,
        money.amount_minor,
        one.at,
        money.account.references.get(tender.id, ""),
        tender.promotional,
        one.header.id,
    )


def _line(
    place: int, good: swaps.Good, sku: SkuInfo, old: OrderLine, order: OrderFacts, funders: Mapping[UUID, str]
) -> LineFacts:
    priced: Priced = good.priced
    stated = priced.paid_minor + priced.funded_minor - (0 if order.tax_inclusive else priced.tax_minor)
    funder = funders.get(good.order_line_id, Funder.PLATFORM)
    return LineFacts(
        str(place),
        sku.code,
        priced.units,
        (from_minor(stated, order.currency) / priced.units).quantize(_DIGITS),
        stated,
        name=sku.name,
        discounts=[DiscountFacts(str(funder), priced.funded_minor)] if priced.funded_minor else [],
        tax_rate=old.tax_rate if good.pricing == Pricing.SAME else sku.tax_rate,
        tax_minor=priced.tax_minor,
        list_price_minor=sku.list_price_minor,
    )
