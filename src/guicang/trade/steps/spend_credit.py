"""A later order paid by store credit: the balance is looked at under its lock, the payment recorded with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from guicang.audit.operations import record, together
from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.money import from_minor
from guicang.kernel.refusal import Outcome, Refused
from guicang.org import queries as org
from guicang.org.operations import lock_shops
from guicang.parties.queries import nameless
from guicang.payments.errors import CreditNeedsCustomer
from guicang.payments.operations import credit
from guicang.payments.operations.credit import AccountKey, Balance, Cause
from guicang.sales import operations as sales
from guicang.sales import queries as sold
from guicang.sales.models import Order
from guicang.trade import errors
from guicang.trade.facts import OrderFacts, OrderPayment, PaymentFacts
from guicang.trade.operations.later import by_order, permit, record_items

KIND = "store_credit"
#: Of a key.
LONGEST = 80


@dataclass(frozen=True, slots=True)
class Spending:
    """`amount_minor` of the buyer's store credit, in the order's currency, pays order `number`.

    The same `key` again is the same spending: it answers the same and moves nothing.
    """

    shop_id: UUID
    number: str
    amount_minor: int
    key: str


def spend_credit(*, spendings: Sequence[Spending], actor: Actor, now: datetime) -> list[Outcome]:
    """Spend in sets; one Outcome an item, data["left_minor"] what the balance then holds. About 35 statements.

    Locks the shops, books, orders with lines and tenders, credit accounts, audit heads. Refusals an item:
    `order_unknown`, `payment_invalid`, `credit_too_much`, `credit_short`, `idempotency_key_reused`.
    Raises Refused: NotPermitted; whatever the recording of payments refuses takes the whole set along.
    """
    permit(actor)
    with transaction.atomic(), together():
        context = commands.begin("trade.spend_credit", actor=actor, now=now, items=len(spendings))
        lock_shops(item.shop_id for item in spendings)
        orders = _orders(spendings)
        keys = {order.id: AccountKey(order.company_id, order.customer_id, order.currency) for order in orders.values()}
        companies = org.companies({key.company_id for key in keys.values()})
        causes = [_cause(item, orders.get((item.shop_id, item.number)), companies, now) for item in spendings]
        balances = credit.open_balances(keys.values(), causes=[cause.key for cause in causes])
        outcomes, paid = [], []
        for index, (item, cause) in enumerate(zip(spendings, causes, strict=True)):
            order = orders.get((item.shop_id, item.number))
            order_id = order.id if order else None
            try:
                balance = _spend(item, order, balances, cause)
            except Refused as refused:
                outcomes.append(Outcome(index, order_id, refused.refusals))
                continue
            paid += [_payment(item, balance, now)] if balance.moves and balance.moves[-1].cause is cause else []
            outcomes.append(Outcome(index, order_id, [], {"left_minor": balance.usable(now)}))
        _record(context, paid)
        record(context, credit.write(context, balances.values()))
    return outcomes


def _cause(item: Spending, order: Order | None, companies: Mapping[UUID, org.CompanyInfo], now: datetime) -> Cause:
    booked = order is not None and companies[order.company_id].books_at(now)
    order_id = order.id if order else NIL
    return Cause(f"spent:{order_id.hex}:{item.key}", now, booked, order_id=order_id)


def _orders(spendings: Sequence[Spending]) -> Mapping[tuple[UUID, str], Order]:
    """The orders by shop and number, with their lines and tenders locked."""
    numbers: dict[UUID, set[str]] = {}
    for item in spendings:
        numbers.setdefault(item.shop_id, set()).add(item.number)
    heads = [head for shop_id, wanted in numbers.items() for head in sold.orders_by_number(shop_id, wanted).values()]
    locked = sales.lock_orders((head.id for head in heads), tenders=True).orders
    return {(order.shop_id, order.number): order for order in locked.values()}


def _spend(item: Spending, order: Order | None, balances: Mapping[AccountKey, Balance], cause: Cause) -> Balance:
    """Raises Refused."""
    if order is None:
        raise Refused([errors.OrderUnknown(number=item.number)])
    balance = balances[AccountKey(order.company_id, order.customer_id, order.currency)]
    if item.amount_minor < 1:
        said = str(from_minor(item.amount_minor, order.currency))
        raise Refused([errors.PaymentInvalid(payment_key=item.key, amount=said)])
    if len(item.key) > LONGEST:
        raise Refused([errors.TextTooLong(column="payment_key", longest=LONGEST)])
    if nameless([order.customer_id]):
        raise Refused([CreditNeedsCustomer()])
    open_minor = order.total_minor - order.captured_minor
    if cause.key not in balance.done and item.amount_minor > open_minor:
        most = f"{from_minor(max(0, open_minor), order.currency)} {order.currency}"
        raise Refused([errors.CreditTooMuch(number=item.number, most=most)])
    before = balance.spent_on(order.id)
    balance.spend(item.amount_minor, cause)
    order.captured_minor += balance.spent_on(order.id) - before
    return balance


def _payment(item: Spending, balance: Balance, now: datetime) -> OrderPayment:
    return OrderPayment(
        item.shop_id,
        item.number,
        PaymentFacts(
            payment_key=f"credit:{item.key}",
            tender_kind=KIND,
            amount_minor=item.amount_minor,
            paid_at=now,
            reference=str(balance.id),
            credit_account_id=balance.id,
        ),
    )


def _record(context: Context, paid: Sequence[OrderPayment]) -> None:
    """The payments by the path of all payments. Raises Refused, which undoes all of it."""
    if not paid:
        return
    refused = [item for item in record_items(context, paid, by_order(paid, context.now, _put)) if not item.ok]
    if refused:
        raise Refused(refused[0].refusals)


def _put(facts: OrderFacts, item: OrderPayment) -> None:
    facts.payments.append(item.payment)
