"""Facts about a set of orders become rows, moves and entries: the one path of imports and later events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from guicang.accounting.errors import RateMissing
from guicang.accounting.operations import Book, RateKey, lock_books
from guicang.kernel.commands import Context
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Outcome, Refusal
from guicang.org.operations import lock_shops
from guicang.parties.queries import CustomerInfo, CustomerKey, customers_by_key, tombstoned
from guicang.policy.queries import InForce, versions_in_force
from guicang.sales.kinds import DepositKind
from guicang.trade import errors
from guicang.trade.facts import OrderFacts
from guicang.trade.operations import goods, serials, writing
from guicang.trade.operations.amounts import fill
from guicang.trade.operations.books import known_rates, post_sales
from guicang.trade.operations.freezing import NewLines
from guicang.trade.operations.planning import Plan, in_words, plan, too_long
from guicang.trade.queries import Masters, OrderCopy, OrderKey, known_orders, masters

#: Units to cancel beyond what is cancelled: {order: {line key: units}}.
Cancels = Mapping[OrderKey, Mapping[str, int]]


@dataclass(slots=True)
class _Set:
    """All that is known about a set before it is compared with its facts, locked."""

    context: Context
    masters: Masters
    books: dict[UUID, Book]
    orders: dict[OrderKey, OrderCopy]
    erased: set[OrderKey]
    customers: dict[CustomerKey, CustomerInfo]
    #: Ids for customers nobody knew; written for those whose orders are.
    new_customers: dict[CustomerKey, UUID]
    policies: dict[OrderKey, InForce]
    rates: dict[RateKey, Decimal]


def record(
    context: Context,
    facts: Sequence[OrderFacts],
    *,
    known_only: bool = False,
    cancels: Cancels | None = None,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Lock, check, compute, write, record. One Outcome an order, data["result"] as in `steps.record_orders`."""
    found = _lock(context, facts)
    outcomes, plans = _check(found, facts, known_only, cancels or {})
    numbers = serials.lock(plans)
    stock = goods.stock_of(plans)
    plans = _in_stock(found, plans, outcomes, stock)
    if all_or_nothing and not all(outcome.ok for outcome in outcomes):
        return outcomes
    writing.note_changes(plans)
    cancellations = [row for item in plans for row in fill(context, item, found.books[item.order.company.id])]
    goods.issue(context, plans, stock, found.books)
    goods.let_go(plans)
    post_sales(context, plans, found.books)
    writing.write(context, plans, cancellations, found.books)
    serials.register(plans, numbers)
    writing.write_parties(context, plans, found.new_customers, found.erased)
    writing.audit(context, plans)
    return outcomes


def _lock(context: Context, facts: Sequence[OrderFacts]) -> _Set:
    known = masters(facts)
    lock_shops(known.shops)
    books = lock_books(known.companies) if known.companies else {}
    placed = [order for order in facts if order.shop_id in known.shops]
    keys = [(order.shop_id, order.number) for order in placed]
    orders = known_orders(keys, known)
    new = [order for order, key in zip(placed, keys, strict=True) if key not in orders] if orders else placed
    policies = versions_in_force([(known.shops[order.shop_id].company_id, order.ordered_at) for order in new])
    return _Set(
        context,
        known,
        books,
        orders,
        tombstoned(keys),
        customers_by_key((order.shop_id, order.customer.external_id) for order in facts),
        {},
        {(order.shop_id, order.number): version for order, version in zip(new, policies, strict=True)},
        known_rates({key for order in new if order.fx_rate is None and (key := _rate_key(order, known, books))}),
    )


def _rate_key(order: OrderFacts, known: Masters, books: Mapping[UUID, Book]) -> RateKey | None:
    """The rate an order of another currency than the books' needs, None for the books' own."""
    company = known.companies[known.shops[order.shop_id].company_id]
    if order.currency == company.currency:
        return None
    return RateKey(company.id, order.currency, books[company.id].day(order.ordered_at))


def _check(
    found: _Set, facts: Sequence[OrderFacts], known_only: bool, cancels: Cancels
) -> tuple[list[Outcome], list[Plan]]:
    outcomes: list[Outcome] = []
    plans: list[Plan] = []
    seen: set[OrderKey] = set()
    stamps = found.context.stamps
    for index, order in enumerate(facts):
        key = (order.shop_id, order.number)
        copy = found.orders.get(key)
        refusals = _order_refusals(found, order, copy, key in seen, known_only)
        seen.add(key)
        if refusals:
            outcomes.append(Outcome(index, copy.id if copy else None, refusals, {"result": "refused"}))
            continue
        if copy is not None and _is_older(order, copy):
            outcomes.append(Outcome(index, copy.id, [], {"result": "unchanged_older"}))
            continue
        copy = copy or _new(found, order)
        book_date = found.books[copy.company.id].day(copy.ordered_at)
        new = NewLines(copy, found.masters, stamps, book_date)
        made = plan(index, order, new, cancels.get(key))
        if made.refusals:
            known_id = copy.id if copy.row is None else None
            outcomes.append(Outcome(index, known_id, made.refusals, {"result": "refused"}))
            continue
        plans.append(made)
        outcomes.append(Outcome(index, copy.id, [], {"result": made.result}))
    return outcomes, plans


def _order_refusals(
    found: _Set, order: OrderFacts, copy: OrderCopy | None, repeated: bool, known_only: bool
) -> list[Refusal]:
    if order.shop_id not in found.masters.shops:
        return [errors.ShopUnknown(shop_id=order.shop_id)]
    refusals: list[Refusal] = too_long(order)
    if repeated:
        refusals.append(errors.OrderRepeated(number=order.number))
    if copy is not None:
        return refusals + _mismatches(found, order, copy)
    if known_only:
        return [*refusals, errors.OrderUnknown(number=order.number)]
    if not order.lines:
        refusals.append(errors.OrderEmpty(number=order.number))
    refusals += _impossible(order)
    key = _rate_key(order, found.masters, found.books)
    if key is not None and order.fx_rate is None and key not in found.rates:
        refusals.append(RateMissing(currency=key.currency, on_date=key.on_date.isoformat()))
    return refusals


def _impossible(order: OrderFacts) -> list[Refusal]:
    """Amounts of the whole order that cannot be."""
    refusals: list[Refusal] = []
    if min(order.shipping_standard_minor, order.shipping_surcharge_minor, order.shipping_tax_minor) < 0 or (
        order.shipping_tax_minor > order.shipping_standard_minor + order.shipping_surcharge_minor
    ):
        refusals.append(errors.ShippingInvalid(number=order.number))
    if order.deposit_minor < 0 or order.deposit_kind not in ("", *DepositKind.values):
        refusals.append(errors.DepositInvalid(number=order.number))
    return refusals


def _mismatches(found: _Set, order: OrderFacts, copy: OrderCopy) -> list[Refusal]:
    """What makes it another order under the same number. What the facts leave empty says nothing."""
    stated: dict[str, tuple[Any, Any]] = {
        "currency": (copy.currency, order.currency or copy.currency),
        "shipping_standard_minor": (
            copy.shipping_standard_minor,
            order.shipping_standard_minor or copy.shipping_standard_minor,
        ),
        "shipping_surcharge_minor": (
            copy.shipping_surcharge_minor,
            order.shipping_surcharge_minor or copy.shipping_surcharge_minor,
        ),
    }
    external_id = order.customer.external_id
    if external_id and (copy.shop.id, copy.number) not in found.erased:
        customer = found.customers.get((copy.shop.id, external_id))
        if customer is None or customer.id != copy.customer_id:
            stated["customer"] = (_("another"), external_id)
    return [
        errors.OrderMismatch(
            number=order.number,
            column=column,
            label=errors.LABELS[column],
            known=in_words(column, before, copy.currency),
            stated=in_words(column, now, copy.currency),
        )
        for column, (before, now) in stated.items()
        if before != now
    ]


def _is_older(order: OrderFacts, copy: OrderCopy) -> bool:
    return order.facts_as_of is not None and copy.facts_as_of is not None and order.facts_as_of < copy.facts_as_of


def _new(found: _Set, order: OrderFacts) -> OrderCopy:
    shop = found.masters.shops[order.shop_id]
    company = found.masters.companies[shop.company_id]
    key = (order.shop_id, order.number)
    rate_key = _rate_key(order, found.masters, found.books)
    rate = order.fx_rate if order.fx_rate is not None else Decimal(1)
    if rate_key is None:
        rate = Decimal(1)
    elif order.fx_rate is None:
        rate = found.rates[rate_key]
    copy = OrderCopy(
        id=new_id(),
        shop=shop,
        company=company,
        number=order.number,
        customer_id=_customer(found, order, key in found.erased),
        currency=order.currency,
        fx_rate=rate,
        ordered_at=order.ordered_at,
        tax_inclusive=order.tax_inclusive,
        shipping_standard_minor=order.shipping_standard_minor,
        shipping_surcharge_minor=order.shipping_surcharge_minor,
        shipping_tax_minor=order.shipping_tax_minor,
        status=order.status,
    )
    policy = found.policies[key]
    copy.row = {"policy_version_id": policy.id, "policy_provisional": policy.provisional}
    return copy


def _customer(found: _Set, order: OrderFacts, erased: bool) -> UUID:
    key = (order.shop_id, "" if erased else order.customer.external_id)
    known = found.customers.get(key)
    return known.id if known is not None else found.new_customers.setdefault(key, new_id())


def _in_stock(found: _Set, plans: Iterable[Plan], outcomes: list[Outcome], stock: goods.Stock) -> list[Plan]:
    codes = {sku.id: sku.code for sku in found.masters.skus.values()}
    kept: list[Plan] = []
    for item in plans:
        short = goods.shortages(item, stock, codes) if stock.on_hand else []
        if short:
            known_id = item.order.id if item.order.row is None else None
            outcomes[item.index] = Outcome(item.index, known_id, list(short), {"result": "refused"})
        else:
            kept.append(item)
    return kept
