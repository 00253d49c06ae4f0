"""What a request says, and what is wrong with its words whatever the order may be."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Refusal
from guicang.returns import errors
from guicang.returns.deadlines import PlatformThen
from guicang.returns.lifecycle import Type
from guicang.returns.models import Return, ReturnLine
from guicang.returns.operations import inputs


@dataclass(frozen=True, slots=True)
class Instead:
    """Goods wanted in place of a line's. `unit_minor`: the price that staff state, None for the rule's."""

    sku_id: UUID
    units: int
    unit_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line of a request. A bundle's line stands for all its components.

    `shipment_line_id` NIL: the oldest units that can still come back. `recorded_minor`: the amount of a
    money-only line, or what a past document paid. Without an order: `sku_id`, quantity and nothing else.
    """

    order_line_id: UUID = NIL
    quantity: int = 0
    reason: str = ""
    resolution: str = Type.REFUND
    condition: str = ""
    shipment_line_id: UUID = NIL
    serial: str = ""
    sku_id: UUID = NIL
    money_kind: str = ""
    recorded_minor: int | None = None
    #: What one unit costs today, for price protection; its amount follows from it.
    price_minor: int | None = None
    #: To the company's own fields that are asked for every line, by code.
    answers: Mapping[str, str] = field(default_factory=dict)
    #: Without an order: how it was priced (`returns.pricing.as_data`). The step finds it; nobody says it.
    priced: Mapping[str, Any] = field(default_factory=dict)
    #: What an exchange brings; empty: the same once more.
    instead: tuple[Instead, ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """A withdrawal from the contract (2011/83/EU art. 11a): who declares it, and the e-mail that is told it arrived.

    Personal data, for the vault alone. `language`: in which it is acknowledged, '' for the installation's.
    """

    name: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    language: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """`override`: why an exception to the policy is made, a code; needs returns.override.

    `words`: what the buyer says in his own words; personal data, so it goes to the vault and nowhere else.
    """

    shop_id: UUID
    customer_id: UUID
    lines: Sequence[Wanted]
    currency: str = ""
    entered_by: str = "web"
    warehouse_id: UUID = NIL
    occurred_at: datetime | None = None
    override: str = ""
    source_document: str = ""
    linked_id: UUID = NIL
    link_kind: str = ""
    words: str = ""
    #: When the platform that sold it does something by itself (逾期自动同意), and what.
    platform_due_at: datetime | None = None
    platform_then: str = PlatformThen.NOTHING
    #: How many pictures come with it; None: nobody counts them here.
    pictures: int | None = None
    #: The buyer withdraws from the contract: no reason is asked for.
    withdrawal: Declaration | None = None
    #: Likewise of documents (PDF).
    documents: int | None = None
    #: To the company's own fields that are asked for the return, by code.
    answers: Mapping[str, str] = field(default_factory=dict)
    #: Where the money shall go ('': as the policy says), and that the buyer agreed to store credit.
    refund_to: str = ""
    consented: bool = False
    #: Whoever was given it asks; only `steps/return_gift.py` says so.
    gift: bool = False


def wrong_words(item: Request, context: Context, shops: Collection[UUID]) -> list[Refusal]:
    """Findings on the request itself: shop, texts, choices, quantities, amounts."""
    refusals: list[Refusal] = [] if item.shop_id in shops else [errors.ShopUnknown()]
    texts = {"entered_by": item.entered_by, "source_document": item.source_document, "link_kind": item.link_kind}
    refusals += inputs.too_long(Return, texts)
    if item.platform_due_at is not None and context.actor.kind == "customer":
        refusals.append(errors.BadChoice(column="platform_due_at", value=item.platform_due_at.isoformat()))
    refusals += inputs.unknown("platform_then", item.platform_then, PlatformThen)
    if not item.lines:
        refusals.append(errors.Nothing())
    refusals += inputs.reason(item.override, needed=False)
    refusals += inputs.too_many_words(item.words)
    asked = [line for line in item.lines if line.resolution != Type.REFUSED_PARCEL]
    if context.origin == Origin.LIVE and item.withdrawal is None and any(not line.reason for line in asked):
        refusals.append(errors.ReasonMissing())
    for line in item.lines:
        refusals += _wrong_line(line, context)
    return refusals


def _wrong_line(line: Wanted, context: Context) -> list[Refusal]:
    texts = {name: getattr(line, name) for name in ("reason", "condition", "serial", "money_kind")}
    refusals = inputs.too_long(ReturnLine, texts)
    refusals += inputs.unknown("resolution", line.resolution, Type)
    live, without_order = context.origin == Origin.LIVE, line.order_line_id == NIL and not line.money_kind
    if without_order and line.quantity < 1:
        refusals.append(errors.BadQuantity(quantity=line.quantity, most="-"))
    if without_order and live and line.sku_id == NIL:
        refusals.append(errors.LineNotFound())
    if line.recorded_minor is not None:
        # What was sold has its price: only a past document says what was paid instead. And nobody prices
        # their own parcel without an order.
        priced = line.resolution != Type.MONEY_ONLY and not line.money_kind
        own = priced and (not without_order or context.actor.kind == "customer")
        if line.recorded_minor < 0 or (live and own):
            refusals.append(errors.BadAmount(amount_minor=line.recorded_minor))
    return refusals
