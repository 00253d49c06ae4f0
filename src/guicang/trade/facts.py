"""What a source says about an order, before anything of it is written.

Frozen amounts are integers in minor units of `currency`; quantities integers of the SKU's base unit;
instants aware UTC. Empty where the source does not say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from guicang.kernel.ids import NIL
from guicang.sales.models import LineKind


@dataclass(slots=True)
class DiscountFacts:
    funder: str
    amount_minor: int
    promotion_id: str = ""


@dataclass(slots=True)
class LineFacts:
    """`line_key` identifies the line for ever (see `intake.identity`). `shipped` may be partial."""

    line_key: str
    sku_code: str
    ordered: int
    unit_price: Decimal
    gross_minor: int
    kind: str = LineKind.GOODS
    name: str = ""
    discounts: list[DiscountFacts] = field(default_factory=list)
    tax_rate: Decimal = Decimal(0)
    #: None: computed once here from rate and inclusiveness, then frozen.
    tax_minor: int | None = None
    list_price_minor: int | None = None
    #: None: the source does not say. 0 states that nothing is cancelled.
    cancelled: int | None = None
    #: The order is cancelled and nobody says how much of it: whatever has not left.
    cancels_rest: bool = False
    is_gift: bool = False
    gift_value_minor: int = 0
    promotion_id: str = ""
    non_returnable_confirmed_at: datetime | None = None
    #: Of goods sold by weight: what all units weigh together, which the amounts are for. 0: sold by the piece.
    weight_g: int = 0


@dataclass(slots=True)
class ShippedFacts:
    """Quantity 0 states that nothing of the line left by this shipment.

    `weight_g`: of all these units. A piece of goods sold by weight is a row of its own, told apart by `serial`.
    """

    line_key: str
    quantity: int
    lot: str = ""
    serial: str = ""
    weight_g: int = 0


@dataclass(slots=True)
class ShipmentFacts:
    """`number` identifies the shipment within the order ('' where the source has one state per order)."""

    number: str
    warehouse_id: UUID
    shipped_at: datetime
    lines: list[ShippedFacts]
    carrier: str = ""
    tracking: str = ""
    delivered_at: datetime | None = None


@dataclass(slots=True)
class PaymentFacts:
    """`payment_key` makes the same payment count once; amount 0 states that nothing was paid by it.

    `credit_account_id`: the store credit account of ours that it was taken from (`steps.spend_credit`).
    """

    payment_key: str
    tender_kind: str
    amount_minor: int
    paid_at: datetime
    reference: str = ""
    promotional: bool = False
    #: The return whose exchange brought this money here: it came by no till, but from the order that was given back.
    exchange_id: UUID = NIL
    credit_account_id: UUID = NIL
    #: The cash drawer of ours that it was put into.
    till_id: UUID = NIL


@dataclass(slots=True)
class CustomerFacts:
    """`external_id` is the platform's buyer id; '' means nobody knows: the shop's customer "unknown"."""

    external_id: str = ""
    tier: str = ""
    #: {kind: value} for the vault: name, phone, email, address.
    personal: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class OrderFacts:
    shop_id: UUID
    number: str
    ordered_at: datetime
    currency: str
    lines: list[LineFacts]
    customer: CustomerFacts = field(default_factory=CustomerFacts)
    status: str = ""
    facts_as_of: datetime | None = None
    tax_inclusive: bool = True
    shipments: list[ShipmentFacts] = field(default_factory=list)
    payments: list[PaymentFacts] = field(default_factory=list)
    shipping_standard_minor: int = 0
    shipping_surcharge_minor: int = 0
    shipping_tax_minor: int = 0
    points_earned: int = 0
    points_spent: int = 0
    deposit_minor: int = 0
    #: earnest (定金) or advance (订金); see `sales.kinds.DepositKind`.
    deposit_kind: str = ""
    balance_minor: int = 0
    customer_tier: str = ""
    sold_by: str = ""
    shipped_by: str = ""
    #: False: nobody told the buyer of his right of withdrawal.
    withdrawal_informed: bool = True
    market_id: UUID = NIL
    promotions: list[dict[str, Any]] = field(default_factory=list)
    fx_rate: Decimal | None = None
    #: The return whose goods it replaces.
    return_id: UUID = NIL
    #: What the source calls this order, for messages: file rows that state it.
    rows: list[int] = field(default_factory=list)


@dataclass(slots=True)
class OrderPayment:
    """A later payment of a known order; currency '' is the order's."""

    shop_id: UUID
    number: str
    payment: PaymentFacts
    currency: str = ""


@dataclass(slots=True)
class OrderShipment:
    """A later shipment of a known order."""

    shop_id: UUID
    number: str
    shipment: ShipmentFacts


@dataclass(slots=True)
class LineCancellation:
    """`quantity` units of a line that were not shipped and will not be."""

    shop_id: UUID
    number: str
    line_key: str
    quantity: int


@dataclass(slots=True)
class StockFacts:
    """Goods that come in. `cost_minor` is for all units together, without tax, in the company's currency.

    None: average, else standard, else zero. `reference` tells receipts of the same SKU, lot and serial
    apart: the same one again is no change. `supplier` is a code of the company's ('' for opening stock).
    """

    warehouse_id: UUID
    sku_code: str
    quantity: int
    cost_minor: int | None
    occurred_at: datetime
    reference: str = ""
    lot: str = ""
    serial: str = ""
    grade: str = "A"
    weight_g: int = 0
    supplier: str = ""
    #: The last day on which the lot may be sold as it is.
    best_before: date | None = None
