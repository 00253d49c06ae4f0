"""Store credit and coupons as staff and customers read them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, F, Q, Sum

from guicang.insights.worklist import customer_names
from guicang.kernel.actor import Scope
from guicang.kernel.ids import NIL
from guicang.kernel.money import from_minor
from guicang.org import queries as org
from guicang.parties.models import Customer
from guicang.parties.queries import nameless
from guicang.payments.models import (
    AdjustmentState,
    Coupon,
    CreditAccount,
    CreditAdjustment,
    CreditLot,
    CreditMovement,
    CreditRules,
)
from guicang.payments.queries.credit import rules_for
from guicang.payments.rules.credit import Rules
from guicang.returns.models import Return, Settlement
from guicang.returns.operations.payouts import OFFERS_CREDIT
from guicang.returns.operations.planning import Planned
from guicang.returns.operations.saleview import Account
from guicang.sales.models import Order

#: Rows of a page.
MOST = 100


@dataclass(frozen=True, slots=True)
class AccountRow:
    id: UUID
    company_id: UUID
    customer_id: UUID
    customer: str
    currency: str
    balance_minor: int


class LotRow(NamedTuple):
    kind: str
    left_minor: int
    expires_at: datetime | None

    @property
    def last(self) -> datetime | None:
        """`expires_at` is the first instant at which it is gone: this is on its last day."""
        return self.expires_at - timedelta(microseconds=1) if self.expires_at else None


class MovementRow(NamedTuple):
    """`number`: of the return or order it belongs to; `link_id` the return's id, or the order's."""

    id: UUID
    kind: str
    amount_minor: int
    occurred_at: datetime
    reason: str
    number: str
    return_id: UUID
    order_id: UUID


class AdjustmentRow(NamedTuple):
    id: UUID
    account_id: UUID
    customer: str
    currency: str
    amount_minor: int
    reason: str
    asked_by: UUID
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Sheet:
    """An account with what it is made of."""

    account: AccountRow
    usable_minor: int
    lots: list[LotRow]
    movements: list[MovementRow]
    waiting: list[AdjustmentRow]


def accounts(scope: Scope, typed: str = "") -> tuple[list[AccountRow], bool]:
    """The largest balances, or those of the customer of an order or return; and if there are more. 4 statements."""
    rows = _held(scope)
    if typed:
        of_orders = Order.objects.filter(number=typed).values_list("customer_id", flat=True)
        of_returns = Return.objects.filter(number=typed).values_list("customer_id", flat=True)
        rows = rows.filter(customer_id__in={*of_orders, *of_returns})
    found = list(rows.order_by("-balance_minor", "id")[: MOST + 1])
    return _rows(found[:MOST]), len(found) > MOST


def _held(scope: Scope) -> Any:
    rows = CreditAccount.objects.filter(**scope.exact_filters(company_id="company_id"))
    if scope.shop_id == NIL:
        return rows
    return rows.filter(customer_id__in=Customer.objects.filter(shop_id=scope.shop_id).values("id"))


def _rows(found: Iterable[CreditAccount]) -> list[AccountRow]:
    several = list(found)
    names = customer_names({row.customer_id for row in several})
    return [
        AccountRow(
            row.id,
            row.company_id,
            row.customer_id,
            names.get(row.customer_id, ""),
            row.currency,
            row.balance_minor,
        )
        for row in several
    ]


def account(scope: Scope, pk: UUID, now: datetime) -> Sheet | None:
    """An account in the reader's scope; None where there is none. At most 9 statements."""
    row = _held(scope).filter(id=pk).first()
    if row is None:
        return None
    (head,) = _rows([row])
    lots = _lots(pk)
    usable = sum(lot.left_minor for lot in lots if lot.expires_at is None or now < lot.expires_at)
    return Sheet(head, usable, lots, _movements(pk), waiting(scope, pk))


def _lots(account_id: UUID) -> list[LotRow]:
    rows = CreditLot.objects.filter(account_id=account_id, left_minor__gt=0)
    rows = rows.order_by(F("expires_at").asc(nulls_last=True), "id")
    return [LotRow(*row) for row in rows.values_list("kind", "left_minor", "expires_at")]


def _movements(account_id: UUID) -> list[MovementRow]:
    """The newest, with the number of what caused them; 4 statements."""
    rows = list(CreditMovement.objects.filter(account_id=account_id).order_by("-occurred_at", "-id")[:MOST])
    settled = {row.settlement_id for row in rows} - {NIL}
    returns = dict(Settlement.objects.filter(id__among=sorted(settled)).values_list("id", "parent_id"))
    numbers = dict(Return.objects.filter(id__among=sorted(set(returns.values()))).values_list("id", "number"))
    paid = {row.order_id for row in rows if row.settlement_id == NIL} - {NIL}
    orders = dict(Order.objects.filter(id__among=sorted(paid)).values_list("id", "number"))
    found = []
    for row in rows:
        return_id = returns.get(row.settlement_id, NIL)
        number = numbers.get(return_id, "") or orders.get(row.order_id, "")
        said = (row.id, row.kind, row.amount_minor, row.occurred_at, row.reason)
        found.append(MovementRow(*said, number, return_id, NIL if return_id != NIL else row.order_id))
    return found


def waiting(scope: Scope, account_id: UUID = NIL) -> list[AdjustmentRow]:
    """Changes by hand that wait for a second look, oldest first; 2 statements."""
    rows = CreditAdjustment.objects.filter(state=AdjustmentState.WAITING).select_related("account")
    rows = rows.filter(account__in=_held(scope)) if account_id == NIL else rows.filter(account_id=account_id)
    found = list(rows.order_by("asked_at")[:MOST])
    names = customer_names({row.account.customer_id for row in found})
    return [
        AdjustmentRow(
            row.id,
            row.account_id,
            names.get(row.account.customer_id, ""),
            row.account.currency,
            row.amount_minor,
            row.reason,
            row.asked_by,
            row.asked_at,
        )
        for row in found
    ]


def totals(scope: Scope) -> list[tuple[str, int, int]]:
    """(currency, what is owed as store credit, accounts with a balance); 1 statement."""
    rows = _held(scope).filter(balance_minor__gt=0).values("currency").order_by("currency")
    return [(row["currency"], row["owed"], row["n"]) for row in rows.annotate(owed=Sum("balance_minor"), n=Count("id"))]


def own(customer_ids: Collection[UUID], now: datetime) -> list[Sheet]:
    """The accounts of customers who proved an order, with what moved them; 7 statements an account."""
    known = Customer.objects.filter(id__among=sorted(customer_ids)).exclude(external_id="")
    rows = CreditAccount.objects.filter(customer_id__in=known.values("id")).order_by("currency", "id")
    found = []
    for row in rows:
        head = AccountRow(row.id, row.company_id, row.customer_id, "", row.currency, row.balance_minor)
        lots = _lots(row.id)
        usable = sum(lot.left_minor for lot in lots if lot.expires_at is None or now < lot.expires_at)
        found.append(Sheet(head, usable, lots, _movements(row.id), []))
    return found


@dataclass(frozen=True, slots=True)
class Stated:
    """What a company says of a currency; number 0: nothing yet."""

    company: org.CompanyInfo
    currency: str
    number: int
    rules: Rules

    def _said(self, minor: int) -> str:
        return str(from_minor(minor, self.currency))

    @property
    def bonus_percent(self) -> str:
        return percent(self.rules.bonus_bp)

    @property
    def bonus_most(self) -> str:
        return self._said(self.rules.bonus_most_minor)

    @property
    def coupon_percent(self) -> str:
        return percent(self.rules.coupon_bp)

    @property
    def coupon_amount(self) -> str:
        return self._said(self.rules.coupon_minor)

    @property
    def coupon_least(self) -> str:
        return self._said(self.rules.coupon_least_minor)

    @property
    def coupon_from(self) -> str:
        return self._said(self.rules.coupon_from_minor)


def percent(bp: int) -> str:
    """5 of 500, 3.33 of 333."""
    whole, rest = divmod(bp, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(whole)


def stated(companies: Iterable[org.CompanyInfo]) -> list[Stated]:
    """The rules of each company, for its own currency and those of its shops; 2 statements."""
    several = list(companies)
    wanted = {(one.id, one.currency): one for one in several}
    by_id = {one.id: one for one in several}
    for shop in org.shops().values():
        if shop.company_id in by_id:
            wanted[shop.company_id, shop.currency] = by_id[shop.company_id]
    rows = CreditRules.objects.filter(company_id__among=sorted(by_id)).order_by("number")
    known = {(row.company_id, row.currency): (row.number, Rules.of(row.rules)) for row in rows}
    return [Stated(company, key[1], *known.get(key, (0, Rules()))) for key, company in wanted.items()]


class Worth(NamedTuple):
    """What a refund is worth: `money_minor` of it may become store credit instead, `bonus_minor` comes on top."""

    money_minor: int
    bonus_minor: int
    bonus_days: int
    money_days: int

    @property
    def credit_minor(self) -> int:
        return self.money_minor + self.bonus_minor


def choice(
    verdict: Mapping[str, Any], plans: Sequence[Planned], accounts: Mapping[UUID, Account], *, asked: bool = True
) -> Worth | None:
    """What the buyer may choose; None where the policy offers nothing (`asked` False: whatever it says), nobody knows
    who he is, or no money goes back. 2 statements.
    """
    offered = not asked or verdict.get("terms", {}).get("refund_to") in OFFERS_CREDIT
    money = sum(amount for each in plans for amount in _money(each, accounts[each.order_id])) if offered else 0
    if money <= 0:
        return None
    order = accounts[plans[0].order_id].order
    if order.customer_id in nameless([order.customer_id]):
        return None
    rules = rules_for(order.company_id, order.currency)
    days = rules.money_days if rules.money_lawful else 0
    return Worth(money, rules.bonus(money), rules.bonus_days, days)


def _money(planned: Planned, account: Account) -> Iterable[int]:
    """What goes back by tenders that are neither promotional nor store credit."""
    stays = {tender.id for tender in account.sale.tenders if tender.promotional} | account.credit_tenders
    return (amount for tender_id, amount in planned.plan.tenders if tender_id not in stays)


class CouponRow(NamedTuple):
    id: UUID
    code: str
    customer: str
    return_id: UUID
    currency: str
    percent_bp: int
    value_minor: int
    least_minor: int
    issued_at: datetime
    expires_at: datetime
    state: str
    purchase_minor: int
    taken_off_minor: int

    @property
    def percent(self) -> str:
        return percent(self.percent_bp)

    @property
    def last(self) -> datetime:
        """`expires_at` is the first instant at which it is over: this is on its last day."""
        return self.expires_at - timedelta(microseconds=1)


class CouponSums(NamedTuple):
    """`bought_minor`: what the purchases came to that coupons brought."""

    currency: str
    issued: int
    redeemed: int
    expired: int
    bought_minor: int
    taken_off_minor: int


def coupons(scope: Scope, now: datetime) -> tuple[list[CouponSums], list[CouponRow]]:
    """Figures by currency, and the newest; 3 statements."""
    rows = Coupon.objects.filter(**scope.exact_filters(company_id="company_id"))
    if scope.shop_id != NIL:
        rows = rows.filter(customer_id__in=Customer.objects.filter(shop_id=scope.shop_id).values("id"))
    used, over = Q(redeemed_at__isnull=False), Q(redeemed_at__isnull=True, expires_at__lte=now)
    sums = rows.values("currency").order_by("currency")
    figures = sums.annotate(
        issued=Count("id"),
        redeemed=Count("id", filter=used),
        expired=Count("id", filter=over),
        bought=Sum("purchase_minor"),
        off=Sum("taken_off_minor"),
    )
    newest = list(rows.order_by("-issued_at", "-id")[:MOST])
    names = customer_names({row.customer_id for row in newest})
    return (
        [CouponSums(f["currency"], f["issued"], f["redeemed"], f["expired"], f["bought"], f["off"]) for f in figures],
        [_coupon(row, names.get(row.customer_id, ""), now) for row in newest],
    )


def _coupon(row: Coupon, customer: str, now: datetime) -> CouponRow:
    state = "redeemed" if row.redeemed_at else "expired" if row.expires_at <= now else "issued"
    return CouponRow(
        row.id,
        row.code,
        customer,
        row.return_id,
        row.currency,
        row.percent_bp,
        row.value_minor,
        row.least_minor,
        row.issued_at,
        row.expires_at,
        state,
        row.purchase_minor,
        row.taken_off_minor,
    )
