"""What each command is told, as its step wants it: one shape a command. `id` is the return's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from guicang.api.parsing import MOST_UNITS, Given, Instant, Line, Units, Word
from guicang.payments.rules import RefundTo
from guicang.policy.operations import MOST_FIELDS
from guicang.policy.rules import MOST_STAGES
from guicang.policy.rules.answers import TEXT_MOST
from guicang.policy.rules.terms import REQUIREMENTS, Fault, Requirement
from guicang.returns.deadlines import PlatformThen
from guicang.returns.lifecycle import Disposition, Type
from guicang.returns.operations.asking import Instead
from guicang.returns.operations.money_only import MoneyKind
from guicang.returns.settlement import ShippingMode
from guicang.returns.steps.request import Declaration, Request, Wanted
from guicang.sales.queries import OrderHead

#: Lines of one item; a return has fewer.
MOST_LINES = 500
#: A code of GET /reasons of the company, or one of your own: it goes into the trail, so no words of people.
Reason = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.:-]{0,59}$")]
NoReason = Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9_.:-]{0,59})?$")]
#: Units by line.
UnitsByLine = Annotated[dict[UUID, Units], Field(max_length=MOST_LINES)]
UnitsOrZero = Annotated[int, Field(strict=True, ge=0, le=MOST_UNITS)]
UnitsOrNone = Annotated[dict[UUID, UnitsOrZero], Field(max_length=MOST_LINES)]
Grams = Annotated[int, Field(strict=True, ge=0, le=999_999_999)]
#: Of an approval stage, from 1 on.
StageNumber = Annotated[int, Field(strict=True, ge=1, le=MOST_STAGES)]
#: Answers to the company's own fields by their code (GET /settings/fields): a text, a number, a day as 2026-05-31, the
#: code of an option, true or false.
Answers = Annotated[
    dict[Word, Annotated[Line, Field(max_length=TEXT_MOST)] | bool | int | float], Field(max_length=MOST_FIELDS)
]
Minor = Annotated[int, Field(strict=True, ge=0, le=10**15)]


class InsteadLine(Given):
    """Goods wanted in place of a line's. `unit_minor`: a price that you state; its token needs returns.override."""

    sku_id: UUID
    units: Annotated[int, Field(strict=True, ge=1, le=10**9)]
    unit_minor: Minor | None = None


class WantedLine(Given):
    """Units of an order line that are to come back, or `amount_minor` where money alone is asked for (`money_only`).

    `money_kind`: goodwill (a part of the price), compensation, freight (against its receipt), or price_match: then
    `price_minor` is what one unit costs today, and the amount follows from it; kept: what the policy offers for keeping
    `units`, and the amount follows from that. A refused_parcel needs no `reason`.

    `fields`: answers to the company's own fields that are asked for the return; what has to be answered is asked of
    all but what a platform sends.
    `instead`: what an exchange brings; empty: the same once more.
    """

    order_line_id: UUID
    units: UnitsOrZero = 0
    reason: NoReason = ""
    resolution: Type = Type.REFUND
    condition: Annotated[Word, Field(max_length=40)] = ""
    serial: Word = ""
    amount_minor: Minor | None = None
    money_kind: MoneyKind | Literal[""] = ""
    price_minor: Minor | None = None
    fields: Answers = {}
    instead: Annotated[list[InsteadLine], Field(max_length=20)] = []


class RequestItem(Given):
    """A return of an order. `source_document`: your own number of it, once per shop.

    `override`: why an exception to the policy is made; its token needs returns.override. `platform_due_at`: when the
    marketplace does by itself what `platform_then` says (逾期自动同意). `withdrawal`: the buyer
    withdraws from the contract; its lines need no `reason`, and it is acknowledged to the customer's e-mail.

    `fields`: answers to the company's own fields that are asked for the return; what has to be
    answered is asked of all but what a platform sends.
    `refund_to`: where the customer wants his money, '' as the policy says; store_credit only where he agreed to it
    (`consented`).
    """

    order_id: UUID
    lines: Annotated[list[WantedLine], Field(min_length=1, max_length=MOST_LINES)]
    entered_by: Literal["web", "phone", "mail", "counter", "platform"] = "platform"
    override: NoReason = ""
    source_document: Word = ""
    platform_due_at: Instant | None = None
    platform_then: PlatformThen = PlatformThen.NOTHING
    withdrawal: bool = False
    fields: Answers = {}
    refund_to: Literal["", "original", "store_credit"] = ""
    consented: bool = False


class Requests(Given):
    items: Annotated[list[RequestItem], Field(min_length=1, max_length=1_000)]


def request_of(item: RequestItem, order: OrderHead) -> Request:
    return Request(
        order.shop_id,
        order.customer_id,
        wanted_of(item.lines),
        currency=order.currency,
        entered_by=item.entered_by,
        override=item.override,
        source_document=item.source_document,
        platform_due_at=item.platform_due_at,
        platform_then=item.platform_then,
        withdrawal=Declaration() if item.withdrawal else None,
        answers=typed(item.fields),
        refund_to=item.refund_to,
        consented=item.consented,
    )


def typed(said: Mapping[str, str | bool | int | float]) -> dict[str, str]:
    """Answers as forms type them."""
    words = {True: "yes", False: "no"}
    return {code: words[value] if isinstance(value, bool) else str(value) for code, value in said.items()}


def wanted_of(said: Sequence[WantedLine]) -> list[Wanted]:
    return [
        Wanted(
            line.order_line_id,
            line.units,
            line.reason,
            line.resolution,
            line.condition,
            serial=line.serial,
            money_kind=line.money_kind,
            recorded_minor=line.amount_minor,
            price_minor=line.price_minor,
            answers=typed(line.fields),
            instead=tuple(Instead(one.sku_id, one.units, one.unit_minor) for one in line.instead),
        )
        for line in said
    ]


class Item(Given):
    """A command that needs to be told nothing but the return."""


class AskItem(Item):
    """`reason`: what is missing."""

    reason: Reason


class AuthoriseItem(Item):
    """`units` granted by line, all that can still be granted where a line is not named; `reason` for granting less.

    `stage`: the approval stage that was looked at, refused where another one is open; null: whichever is open. In the
    answer `made.stage` is the stage that is open now, 0 where it is granted; without an approval flow it is not there.
    """

    units: UnitsOrNone = Field(default_factory=dict)
    reason: NoReason = ""
    expires_at: Instant | None = None
    stage: StageNumber | None = None


class DecideItem(Item):
    reason: Reason


class RejectItem(DecideItem):
    """`stage`: the approval stage that was looked at, refused where another one is open; null: whichever is open."""

    stage: StageNumber | None = None


class RetypeItem(DecideItem):
    """`type`: what it is from now on; the system set it by facts (`type_because`)."""

    type: Type


class PriceItem(DecideItem):
    """`amounts`: what each line without an order pays for all its units, tax within."""

    amounts: Annotated[dict[UUID, Minor], Field(min_length=1)]


class CancelItem(Item):
    reason: NoReason = ""


class ShipItem(Item):
    """A parcel on its way back. The same carrier and number again is the same parcel."""

    carrier: Annotated[Word, Field(max_length=40)] = ""
    tracking: Word = ""
    sent_at: Instant | None = None
    weight_g: Grams = 0


class QuoteRepairItem(Item):
    """`price_minor` with its tax; 0: the customer pays nothing, and is not asked."""

    in_warranty: bool
    price_minor: Annotated[int, Field(ge=0, le=10**12)] = 0


class AnswerQuoteItem(Item):
    """`price_minor`: of the quote, as it was read."""

    price_minor: Annotated[int, Field(ge=0, le=10**12)]


class FinishRepairItem(Item):
    """`parts`: units by SKU that leave the warehouse of the return."""

    parts: UnitsByLine = Field(default_factory=dict)
    labour_minutes: Annotated[int, Field(ge=0, le=100_000)] = 0


class PayRepairItem(Item):
    """All of the price was paid. `way`: cash, card, wechat, alipay or transfer."""

    way: Word
    reference: Annotated[Word, Field(max_length=120)] = ""


class TurnRepairItem(Item):
    """`to`: refund or exchange (for the same item new); `disposition`, `grade`: what becomes of the goods."""

    reason: Reason
    to: Literal["refund", "exchange"] = "refund"
    disposition: Disposition = Disposition.SCRAP
    grade: Word = ""


class SendOutItem(Item):
    """`units` that go to the customer by line; none: all that has to. `carrier`, or that he took them himself."""

    carrier: Annotated[Word, Field(max_length=40)]
    tracking: Word = ""
    units: UnitsByLine = Field(default_factory=dict)


class ArrivedLine(Given):
    """Units of a line that came; instead of `line_id` a `sku_id` for goods that no line expects."""

    line_id: UUID | None = None
    sku_id: UUID | None = None
    units: Units
    weight_g: Grams = 0
    lot: Annotated[Word, Field(max_length=60)] = ""


class ReceiveItem(Item):
    """What one parcel brought; no `lines`: everything that is awaited. The same `key` again counts once.

    `weight_g`: what the goods weigh together; lines that say their own keep it.
    """

    lines: Annotated[list[ArrivedLine], Field(max_length=MOST_LINES)] = Field(default_factory=list)
    key: Word = ""
    weight_g: Grams = 0


class InspectedPart(Given):
    """Units of a line with one verdict: taken, with a disposition, or rejected. `grade` '' follows from that.

    `worth_minor`: what they are worth together in that grade; null: the grade's share of their cost. `missing`: what
    they came without, of what the policy wants (`requires` in the terms of the line's verdict). `found_fault`: on
    whose side it lies, as found; who pays the way back and the fees follow it.
    """

    line_id: UUID
    units: Units
    accepted: bool = True
    disposition: Disposition = Disposition.RESTOCK
    grade: Annotated[Word, Field(max_length=12)] = ""
    worth_minor: Minor | None = None
    found_condition: Annotated[Word, Field(max_length=40)] = ""
    found_serial: Word = ""
    missing: Annotated[list[Requirement], Field(max_length=len(REQUIREMENTS))] = Field(default_factory=list)
    found_fault: Fault | Literal[""] = ""


class InspectItem(Item):
    parts: Annotated[list[InspectedPart], Field(min_length=1, max_length=MOST_LINES)]


class RedisposeItem(Item):
    inspection_id: UUID
    units: Units
    disposition: Disposition
    reason: Reason
    grade: Annotated[Word, Field(max_length=12)] = ""
    worth_minor: Minor | None = None


class ShortCloseItem(Item):
    """`units` given up by line, no line named: all that is awaited. `lost`: they were sent and did not arrive."""

    units: UnitsByLine = Field(default_factory=dict)
    reason: Reason
    lost: bool = False


class ReleaseItem(Item):
    """`accept`: the held goods may be taken, else they are to be rejected. No `line_ids`: every held line."""

    accept: bool
    reason: Reason
    line_ids: Annotated[list[UUID], Field(max_length=MOST_LINES)] = Field(default_factory=list)


class ClearRiskItem(Item):
    reason: Reason


class SettleItem(Item):
    """`units` by line, none named: all that is due. `ahead`: before the goods came back.

    `shipping`: which shipping goes back with it. `refund_to`: how the money goes, '' as the policy says; store credit
    only where the customer agreed to it (`consented`). Points and coupons go back to where they came from.
    `deductions`: minor units kept back by hand beyond the policy's fees,
    by line, with `reason`; who gives one needs the right to make exceptions.
    `on_account`: nothing is paid out, it stays the customer's credit. `goodwill_minor`: given beyond the policy, as
    compensation, likewise with `reason` and that right.
    """

    units: UnitsByLine = Field(default_factory=dict)
    shipping: ShippingMode | Literal[""] = ""
    ahead: bool = False
    deductions: dict[UUID, Annotated[Minor, Field(ge=1)]] = Field(default_factory=dict)
    reason: NoReason = ""
    reference: Word = ""
    refund_to: RefundTo | Literal[""] = ""
    consented: bool = False
    on_account: bool = False
    goodwill_minor: Minor = 0


class ReverseItem(Item):
    settlement_id: UUID
    reason: Reason


class OfferItem(Item):
    """A part refund for keeping the goods. `reason`: why staff go beyond the room of the policy."""

    amount_minor: Annotated[Minor, Field(ge=1)]
    reason: NoReason = ""


class DeclineOfferItem(Item):
    """`number` of the offer that was read; one's own is withdrawn by it."""

    number: Annotated[int, Field(strict=True, ge=1, le=32_767)]


class AcceptOfferItem(DeclineOfferItem):
    """`number` of the offer that was read. `reason`: why staff go beyond the room of the policy."""

    reason: NoReason = ""
