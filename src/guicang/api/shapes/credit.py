"""Store credit and coupons as programs read them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from guicang.api.parsing import Reference, Shown


class CreditAccount(Shown):
    """What a company owes a customer as store credit in one currency."""

    id: UUID
    company_id: UUID
    customer_id: UUID
    currency: str
    balance_minor: int


class CreditLot(Shown):
    """`kind`: money or bonus; `expires_at`: the first instant at which it is gone, null: never."""

    kind: str
    left_minor: int
    expires_at: datetime | None


class CreditMovement(Shown):
    """`number`: of the return or order behind it."""

    id: UUID
    kind: str
    amount_minor: int
    occurred_at: datetime
    reason: str
    number: str
    return_id: Reference
    order_id: Reference


class CreditAdjustment(Shown):
    """A change by hand that waits for a second person."""

    id: UUID
    account_id: UUID
    currency: str
    amount_minor: int
    reason: str
    asked_by: Reference
    asked_at: datetime


class CreditSheet(Shown):
    account: CreditAccount
    usable_minor: int
    lots: list[CreditLot]
    movements: list[CreditMovement]
    waiting: list[CreditAdjustment]


class Spent(Shown):
    """`order_id`: the order that was paid; `left_minor`: what can be spent after it."""

    order_id: UUID
    left_minor: int


class Coupon(Shown):
    """`percent_bp`: hundredths of a percent off, else `value_minor`; `state`: issued, redeemed or expired."""

    id: UUID
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


class CouponSums(Shown):
    """`bought_minor`: what the purchases with a coupon came to."""

    currency: str
    issued: int
    redeemed: int
    expired: int
    bought_minor: int
    taken_off_minor: int


class Coupons(Shown):
    """Figures of all, and the newest 100."""

    figures: list[CouponSums]
    items: list[Coupon]


class Redeemed(Shown):
    """`taken_off_minor` of the purchase."""

    id: UUID
    currency: str
    taken_off_minor: int
