"""Sales in the money ledger: an entry a shipment, an entry a payment; receivable and advance follow.

Shipment: debit receivable by what the buyer pays, platform receivable by what others fund; credit sales
net, output VAT, shipping income; the advance is applied; owned goods debit cost of sales, credit stock.
Payment: debit where the money is; credit the receivable as far as it is open, the rest is an advance 合同负债.
In another currency receivable and advance are book(after) - book(before) at the order's frozen rate, cash is
at the day's rate, and the difference is an exchange gain or loss (HARD-CASES 16).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from guicang.accounting.operations import Book, Leg, Posting, RateKey, post, rates, role_of_tender
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.money import convert_minor
from guicang.kernel.refusal import Refused
from guicang.payments.operations.credit import PARTY as CREDIT
from guicang.payments.rules.drawers import PARTY as DRAWER
from guicang.sales.models import LineKind
from guicang.trade.operations.amounts import events, happened
from guicang.trade.operations.planning import PaymentPlan, Plan, ShipmentPlan
from guicang.trade.queries import OrderCopy
from guicang.trade.rules import CLEARING, CUSTOMER, EXCHANGE, FUNDER

_INCOME = {LineKind.POSTAGE: "shipping_income", LineKind.FEE: "fee_income"}


def post_sales(context: Context, plans: Sequence[Plan], books: Mapping[UUID, Book]) -> None:
    """Post what is booked of these plans and put the entries' ids on its rows. Moves the working copies on.

    Statements: those of `post`, and 2 for exchange rates of payments in other currencies.
    """
    paid_at = _payment_rates(plans, books)
    postings: list[Posting] = []
    rows = []
    for plan in plans:
        for event in events(plan):
            if not event.booked:
                continue
            if isinstance(event, ShipmentPlan):
                postings.append(_shipment(plan.order, event, books[plan.order.company.id].currency))
            else:
                day = _key(plan.order, event, books)
                # What an exchange brought leaves the other order at its rate, and comes at the same.
                rate = None if event.facts.exchange_id != NIL else paid_at.get(day)
                postings.append(_payment(plan.order, event, books[plan.order.company.id].currency, rate))
            rows.append(event.row)
    for row, entry_id in zip(rows, post(context, postings), strict=True):
        row["entry_id"] = entry_id


def _shipment(order: OrderCopy, plan: ShipmentPlan, book_currency: str) -> Posting:
    before = order.receivable_minor, order.advance_minor
    value = plan.paid_minor + plan.shipping_minor
    applied = min(order.advance_minor, value)
    order.receivable_minor += value - applied
    order.advance_minor -= applied
    legs = [
        _of_customer(order, "receivable", value),
        Leg("platform_receivable", plan.funded_minor, None, FUNDER, order.shop.id, order.id, order.shop.id),
        _of_customer(order, "advance", applied),
        _of_customer(order, "receivable", -applied),
        *_income(order, plan),
        Leg("output_vat", -(plan.tax_minor + plan.shipping_tax_minor), shop_id=order.shop.id),
    ]
    if order.currency != book_currency:
        legs = _converted(order, legs, before, book_currency, None)
    expensed = plan.cost_minor - plan.provision_minor
    costs = (("cost_of_sales", expensed), ("stock_provision", plan.provision_minor), ("stock", -plan.cost_minor))
    legs += [Leg(role, minor, minor, shop_id=order.shop.id, currency=book_currency) for role, minor in costs if minor]
    shipment = plan.row["id"]
    return _posting(order, "shipment", shipment, plan, legs)


def _income(order: OrderCopy, plan: ShipmentPlan) -> list[Leg]:
    income: dict[str, int] = {}
    for kind, net in plan.net_minor.items():
        role = _INCOME.get(LineKind(kind), "sales")
        income[role] = income.get(role, 0) + net
    shipping = plan.shipping_minor - plan.shipping_tax_minor
    if shipping:
        income["shipping_income"] = income.get("shipping_income", 0) + shipping
    return [Leg(role, -net, shop_id=order.shop.id) for role, net in income.items()]


def _payment(order: OrderCopy, plan: PaymentPlan, book_currency: str, day_rate: Decimal | None) -> Posting:
    before = order.receivable_minor, order.advance_minor
    settled = min(max(order.receivable_minor, 0), plan.amount_minor)
    order.receivable_minor -= settled
    order.advance_minor += plan.amount_minor - settled
    role = role_of_tender(plan.facts.tender_kind)
    party = (FUNDER, order.shop.id, order.id) if role == "platform_receivable" else ("", NIL, NIL)
    if plan.facts.exchange_id != NIL:
        role, party = CLEARING, (EXCHANGE, plan.facts.exchange_id, order.id)
    if plan.facts.credit_account_id != NIL:
        party = (CREDIT, plan.facts.credit_account_id, order.id)
    if plan.facts.till_id != NIL:
        party = (DRAWER, plan.facts.till_id, order.id)
    legs = [
        Leg(role, plan.amount_minor, None, *party, order.shop.id),
        _of_customer(order, "receivable", -settled),
        _of_customer(order, "advance", settled - plan.amount_minor),
    ]
    if order.currency != book_currency:
        legs = _converted(order, legs, before, book_currency, day_rate)
    return _posting(order, "payment", plan.row["id"], plan, legs)


def _posting(
    order: OrderCopy, event: str, source_id: UUID, plan: ShipmentPlan | PaymentPlan, legs: Sequence[Leg]
) -> Posting:
    return Posting(
        company_id=order.company.id,
        event=event,
        source_kind=event,
        source_id=source_id,
        occurred_at=happened(plan),
        currency=order.currency,
        legs=legs,
        rate=order.fx_rate,
    )


def _of_customer(order: OrderCopy, role: str, amount_minor: int) -> Leg:
    return Leg(role, amount_minor, None, CUSTOMER, order.customer_id, order.id, order.shop.id)


def _converted(
    order: OrderCopy, legs: Sequence[Leg], before: tuple[int, int], book_currency: str, day_rate: Decimal | None
) -> list[Leg]:
    """Book amounts for legs in another currency. What rounding leaves over is `rounding`; what another day's rate
    makes of the money is `fx_difference`.
    """

    def book(minor: int, rate: Decimal = order.fx_rate) -> int:
        return convert_minor(minor, order.currency, rate, book_currency)

    moved = {
        "receivable": book(order.receivable_minor) - book(before[0]),
        "advance": book(before[1]) - book(order.advance_minor),
    }
    found: list[Leg] = []
    for leg in legs:
        if leg.role in moved:
            # The first leg of a role carries its whole change, a second one none.
            last = [other for other in legs if other.role == leg.role][-1] is leg
            rest = moved[leg.role] - sum(other.book_minor or 0 for other in found if other.role == leg.role)
            found.append(leg._replace(book_minor=rest if last else book(leg.amount_minor)))
        else:
            found.append(leg._replace(book_minor=book(leg.amount_minor)))
    at_order_rate = sum(leg.book_minor or 0 for leg in found)
    found.append(Leg("rounding", 0, -at_order_rate))
    if day_rate is not None and day_rate != order.fx_rate:
        cash = found[0]
        at_day_rate = book(cash.amount_minor, day_rate)
        difference = (cash.book_minor or 0) - at_day_rate
        found[0] = cash._replace(book_minor=at_day_rate)
        found.append(Leg("fx_difference", 0, difference))
    return found


def _key(order: OrderCopy, plan: PaymentPlan, books: Mapping[UUID, Book]) -> RateKey:
    return RateKey(order.company.id, order.currency, books[order.company.id].day(plan.facts.paid_at))


def _payment_rates(plans: Sequence[Plan], books: Mapping[UUID, Book]) -> dict[RateKey, Decimal]:
    """Rates of the days of payment. A day without one takes the order's own rate: no difference."""
    wanted = {
        _key(plan.order, payment, books)
        for plan in plans
        if plan.payments and plan.order.currency != plan.order.company.currency
        for payment in plan.payments
        if payment.booked and payment.facts.exchange_id == NIL
    }
    return known_rates(wanted)


def known_rates(wanted: set[RateKey]) -> dict[RateKey, Decimal]:
    """The rates there are among `wanted`. 2 statements a company, 4 where some are missing."""
    found: dict[RateKey, Decimal] = {}
    for company_id in sorted({key.company_id for key in wanted}):
        own = {key for key in wanted if key.company_id == company_id}
        try:
            found |= rates(own)
        except Refused as refused:
            missing = {(item.data["currency"], item.data["on_date"]) for item in refused.refusals}
            found |= rates(key for key in own if (key.currency, key.on_date.isoformat()) not in missing)
    return found
