"""The books of a settlement: receivables before cash, tax as it was invoiced, each side to the cent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from guicang.accounting import operations as accounting
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.money import convert_minor
from guicang.org.queries import CompanyInfo
from guicang.payments.rules import Method
from guicang.returns.models import Return, ReturnLine
from guicang.returns.operations.payouts import Payout
from guicang.returns.operations.saleview import Account
from guicang.returns.settlement import EARNEST, Plan, within
from guicang.sales.models import Order
from guicang.trade.rules import CLEARING, EXCHANGE

Leg = accounting.Leg
#: What a money-only line of a past document is booked as.
ROLES = {"postage": "shipping_income", "discount": "discount_expense", "fee": "fee_expense", "manual": "other_expense"}
EXPENSES = {"compensation": "goodwill_expense", "freight": "freight_expense"}


@dataclass(slots=True)
class Settling:
    """One settlement of one return for one order (or for none) while the step works on it."""

    header: Return
    plan: Plan
    account: Account | None
    company: CompanyInfo
    at: datetime
    kinds: dict[UUID, str]
    lines: dict[UUID, ReturnLine]
    reference: str = ""
    rules: Mapping[str, Any] = field(default_factory=dict)
    reverses_id: UUID = NIL
    cash_rate: Decimal | None = None
    payouts: list[Payout] = field(default_factory=list)
    #: The rate at which the order in place of the goods takes what pays it.
    moved_rate: Decimal = Decimal(1)
    id: UUID = field(default_factory=new_id)
    entry_id: UUID = NIL

    @property
    def order_id(self) -> UUID:
        return self.account.order.id if self.account else NIL

    @property
    def booked(self) -> bool:
        return self.company.books_at(self.at)

    @property
    def posted(self) -> bool:
        """Whether its entries are written here or handed to whoever keeps the books."""
        return self.booked or self.company.books == "mirrored"

    @property
    def rate(self) -> Decimal:
        """At which the books count the money."""
        return self.cash_rate or (self.account.order.fx_rate if self.account else Decimal(1))

    @property
    def buyer_minor(self) -> int:
        """Credited to the buyer of what was shipped, with shipping: never what was cancelled before."""
        plan = self.plan
        shipped = sum(line.share_minor + line.goodwill_minor for line in plan.lines if not line.unshipped)
        return shipped + (0 if self.shipping_unbilled else plan.shipping_minor)

    @property
    def shipping_unbilled(self) -> bool:
        """The fee is billed with the first shipment; before that it is part of the advance."""
        return bool(self.plan.shipping_minor and self.account and not self.account.order.shipping_booked)

    @property
    def fee_minor(self) -> int:
        """What is kept back: the buyer owes it, and it is set off at once."""
        return self.plan.total("fee_minor")

    @property
    def earnest_minor(self) -> int:
        """Of it, what is forfeited of a deposit: nothing was supplied for it, so no tax lies in it."""
        return sum(line.fees.get(EARNEST, 0) for line in self.plan.lines)


def credit(settling: Settling) -> accounting.Posting:
    """Debit returns, output tax and expenses; credit the receivables of buyer and funder (HARD-CASES 20).

    What is kept back in fees is income with a tax of its own, beside the full credit. What is forfeited of a deposit
    lies among the advances until then.
    """
    plan, header = settling.plan, settling.header
    shipped = [line for line in plan.lines if not line.unshipped]
    tax = sum(line.tax_minor for line in shipped)
    funded = sum(line.funded_minor for line in shipped)
    # Without an order the amount stands beside what is credited of sales, with its own tax.
    net = sum(line.credit_minor for line in shipped) - sum(line.tax_minor for line in shipped if not line.priced)
    shop, order = header.shop_id, settling.order_id
    fee, fee_tax = (0, 0) if settling.shipping_unbilled else (plan.shipping_minor, plan.shipping_tax_minor)
    taken, forfeited = _from_advance(settling, settling.earnest_minor)
    legs = [
        *_own(settling, net, tax + fee_tax, fee - fee_tax),
        Leg("platform_receivable", -funded, None, "shop", shop, order, shop),
        *forfeited,
        *_receivable(settling, settling.fee_minor - taken - settling.buyer_minor - plan.extra_minor),
    ]
    return _posting(settling, "return_credit", legs)


def _own(settling: Settling, net: int, tax: int, shipping: int) -> list[Leg]:
    shop, order = settling.header.shop_id, settling.order_id
    fee_tax = settling.plan.total("fee_tax_minor")
    legs = [
        Leg("sales_returns", net, order_id=order, shop_id=shop),
        Leg("output_vat", tax - fee_tax, order_id=order, shop_id=shop),
        Leg("shipping_income", shipping, order_id=order, shop_id=shop),
        Leg("fee_income", fee_tax - settling.fee_minor + settling.earnest_minor, order_id=order, shop_id=shop),
        Leg("deposit_income", -settling.earnest_minor, order_id=order, shop_id=shop),
    ]
    for line in settling.plan.lines:
        kind = settling.kinds.get(line.ref, "")
        if line.price_difference_minor:
            legs.append(Leg("price_difference", line.price_difference_minor, order_id=order, shop_id=shop))
        if line.priced:
            legs.append(Leg("sales_returns", line.unlinked_minor - line.tax_minor, order_id=order, shop_id=shop))
        elif line.unlinked_minor:
            role = ROLES.get(kind, "price_difference")
            legs.append(Leg(role, line.unlinked_minor, order_id=order, shop_id=shop))
        if line.expense_minor:
            legs.append(Leg(EXPENSES.get(kind, "goodwill_expense"), line.expense_minor, order_id=order, shop_id=shop))
    return legs


def cash(settling: Settling) -> accounting.Posting:
    """Debit the receivable (the advance for what was never shipped); credit each tender's account, or refunds to pay
    where somebody has to pay it yet."""
    plan, account, header = settling.plan, settling.account, settling.header
    if account is None:
        return _posting(settling, "refund", _without_order(settling))
    if not plan.cash_minor:
        return _posting(settling, "refund", [])
    order = account.order
    never_billed = plan.unshipped_cash_minor + (plan.shipping_minor if settling.shipping_unbilled else 0)
    from_advance, legs = _from_advance(settling, within(never_billed, plan.cash_minor))
    legs += _receivable(settling, plan.cash_minor - from_advance)
    for payout in settling.payouts:
        if payout.method == Method.EXCHANGE:
            book = convert_minor(-payout.amount_minor, order.currency, settling.moved_rate, settling.company.currency)
            legs.append(Leg(CLEARING, -payout.amount_minor, book, EXCHANGE, header.id, order.id, header.shop_id))
            continue
        role, book = _paid_from(settling, order, payout)
        legs.append(Leg(role, -payout.amount_minor, book, *payout.party, order.id, header.shop_id))
    return _posting(settling, "refund", legs)


def _from_advance(settling: Settling, wanted: int) -> tuple[int, list[Leg]]:
    """As much of `wanted` as the order's advance has, with its leg; below zero it is put back there."""
    if settling.account is None or not settling.booked:
        return 0, []
    order = settling.account.order
    taken = min(wanted, order.advance_minor)
    if not taken:
        return 0, []
    before, order.advance_minor = order.advance_minor, order.advance_minor - taken
    book = _book(settling, order, before) - _book(settling, order, order.advance_minor)
    return taken, [Leg("advance", taken, book, "customer", order.customer_id, order.id, settling.header.shop_id)]


def _without_order(settling: Settling) -> list[Leg]:
    """What is paid out of a credit that belongs to no order, or, undone, not to be paid after all."""
    legs: list[Leg] = []
    for payout in settling.payouts:
        if payout.method != Method.CREDITED:
            payout.book_minor = convert_minor(
                payout.amount_minor, settling.header.currency, settling.rate, settling.company.currency
            )
            payout.posted = payout.owed
        role = "refunds_payable" if payout.owed else accounting.role_of_tender(payout.method)
        (receivable,) = _receivable(settling, payout.amount_minor)
        legs.append(receivable._replace(book_minor=payout.book_minor))
        legs.append(Leg(role, -payout.amount_minor, -payout.book_minor, shop_id=settling.header.shop_id))
    return legs


def _paid_from(settling: Settling, order: Order, payout: Payout) -> tuple[str, int]:
    """The role of the account that a payout lowers, and the change in book currency."""
    if not payout.owed:
        return accounting.role_of_tender(payout.method or payout.kind), _cash_book(
            settling, order, -payout.amount_minor
        )
    if payout.method != Method.CREDITED:
        # Owed as the sale was booked; the day's rate counts once it is paid.
        payout.posted, payout.book_minor = True, _book(settling, order, payout.amount_minor)
    return "refunds_payable", -payout.book_minor


def _receivable(settling: Settling, change: int) -> list[Leg]:
    """A change of what the buyer owes; in book currency by the cumulative amount, so that nothing remains."""
    header, account = settling.header, settling.account
    if account is None:
        return [Leg("receivable", change, None, "customer", header.customer_id, NIL, header.shop_id)]
    order = account.order
    if not settling.booked:
        # Mirrored books, or before ours began: the ERP keeps this balance.
        return [Leg("receivable", change, None, "customer", order.customer_id, order.id, header.shop_id)]
    before, order.receivable_minor = order.receivable_minor, order.receivable_minor + change
    book = _book(settling, order, order.receivable_minor) - _book(settling, order, before)
    return [Leg("receivable", change, book, "customer", order.customer_id, order.id, header.shop_id)]


def _book(settling: Settling, order: Order, minor: int) -> int:
    return convert_minor(minor, order.currency, order.fx_rate, settling.company.currency)


def _cash_book(settling: Settling, order: Order, minor: int) -> int:
    """Cash moves at the day's rate where it is known, else at the sale's (HARD-CASES 16)."""
    return convert_minor(minor, order.currency, settling.cash_rate or order.fx_rate, settling.company.currency)


def _posting(settling: Settling, event: str, legs: list[Leg]) -> accounting.Posting:
    header = settling.header
    rate = settling.account.order.fx_rate if settling.account else Decimal(1)
    if legs and header.currency != settling.company.currency and settling.account:
        legs = _closed_in_book(settling, settling.account.order, event, legs)
    return accounting.Posting(
        company_id=header.company_id,
        event=event,
        source_kind="settlement",
        source_id=settling.id,
        occurred_at=settling.at,
        currency=header.currency,
        legs=[leg for leg in legs if leg.amount_minor or leg.book_minor],
        rate=rate,
    )


def _closed_in_book(settling: Settling, order: Order, event: str, legs: list[Leg]) -> list[Leg]:
    """Book amounts of all legs; the difference is an exchange gain or loss of cash, else rounding."""
    fixed = [
        leg if leg.book_minor is not None else leg._replace(book_minor=_book(settling, order, leg.amount_minor))
        for leg in legs
    ]
    difference = -sum(leg.book_minor or 0 for leg in fixed)
    return [*fixed, Leg("fx_difference" if event == "refund" else "rounding", 0, difference)]
