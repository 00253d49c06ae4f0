"""Orders as programs read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.api.parsing import Reference, Shown, show
from guicang.insights.orders import Row, Sheet
from guicang.returns.lifecycle import State, Type


class OrderRow(Shown):
    """`return_label`: how much of it came back."""

    id: UUID
    number: str
    shop: str
    customer: str
    currency: str
    ordered_at: datetime
    total_minor: int
    refunded_minor: int
    return_label: str
    status: str


class OrderLine(Shown):
    """`free`: units that were shipped and no return holds; `unshipped`: units that can only be cancelled."""

    id: UUID
    code: str
    name: str
    unit: str
    kind: str
    ordered: int
    cancelled: int
    shipped: int
    claimed: int
    free: int
    unshipped: int
    paid_minor: int
    settled_minor: int


class Shipment(Shown):
    id: UUID
    carrier: str
    tracking: str
    shipped_at: datetime
    delivered_at: datetime | None


class Tender(Shown):
    id: UUID
    kind: str
    currency: str
    captured_minor: int
    refunded_minor: int
    disputed_minor: int


class OrderReturn(Shown):
    id: UUID
    number: str
    type: Type
    state: State
    requested_at: datetime
    refund_minor: int


class Verdict(Shown):
    """What the policies frozen with the order say of a return asked for now, without a reason or a condition.

    `reasons`: code, what it alone leads to, the policy that says so, and its figures. `lines`: by order line.
    """

    answer: str
    automatic: bool
    keeps: bool
    version: int
    reasons: list[dict[str, Any]]
    deadline: datetime | None
    terms: dict[str, Any]
    said_by: dict[str, str]
    lines: dict[str, dict[str, Any]]


class OrderSheet(Shown):
    id: UUID
    company_id: UUID
    shop_id: UUID
    shop: str
    market_id: Reference
    customer_id: UUID
    customer: str
    number: str
    currency: str
    ordered_at: datetime
    status: str
    return_label: str
    total_minor: int
    captured_minor: int
    refunded_minor: int
    credited_minor: int
    shipping_standard_minor: int
    shipping_surcharge_minor: int
    deposit_minor: int
    deposit_kind: str
    lines: list[OrderLine]
    shipments: list[Shipment]
    tenders: list[Tender]
    returns: list[OrderReturn]
    verdict: Verdict | None


def row(found: Row) -> OrderRow:
    return show(OrderRow, found)


def sheet(found: Sheet) -> OrderSheet:
    return show(
        OrderSheet,
        found,
        found.order,
        lines=[show(OrderLine, one) for one in found.lines],
        shipments=[show(Shipment, one) for one in found.shipments],
        tenders=[show(Tender, one) for one in found.tenders],
        returns=[show(OrderReturn, one) for one in found.returns],
        verdict=found.verdict,
    )
