"""What the planner is asked, under which rules, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from guicang.kernel.ids import NIL
from guicang.returns.settlement.fees import Fee
from guicang.returns.settlement.sale import Sale


class ShippingMode(StrEnum):
    """Which shipping a settlement gives back (HARD-CASES 3)."""

    NONE = "none"
    PROPORTIONAL = "proportional"
    LAST_UNIT = "last_unit"
    STATUTORY = "statutory"  # the standard fee once the whole order comes back, never the surcharge


@dataclass(frozen=True, slots=True)
class Ask:
    """Settle `quantity` units (negative: undo) of an order line, or give goodwill or an expense.

    `recorded_minor`: what a past document paid, instead of the target; without an order, what it was `priced` at, with
    the tax in it (`recorded_tax_minor`). `expense_minor`: compensation or freight, no
    part of the price. For fees: `graded`, the units of the return line that were accepted, by grade in the order of
    their inspection; `settled` and `share_minor`, what of the return line was settled before and the buyer's share of
    it; `charged`, what was kept back of it before, by fee. `deduction_minor`: what somebody keeps back beyond the fees.

    `weight_g`: of goods sold by weight, what the units weighed when they were sold; `measure`: what is taken back.
    """

    ref: UUID
    order_line_id: UUID = NIL
    quantity: int = 0
    unshipped: bool = False
    recorded_minor: int | None = None
    recorded_tax_minor: int = 0
    priced: Mapping[str, Any] = field(default_factory=dict)
    goodwill_minor: int = 0
    expense_minor: int = 0
    fees: tuple[Fee, ...] = ()
    graded: tuple[tuple[str, int], ...] = ()
    settled: int = 0
    share_minor: int = 0
    charged: Mapping[str, int] = field(default_factory=dict)
    deduction_minor: int = 0
    weight_g: int = 0
    measure: int = 0
    #: Of the units, those that the same takes the place of.
    exchanged: int = 0
    #: Who cancels them forfeits their part of an earnest deposit.
    forfeits: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """What the policy frozen onto the order says about settling it.

    `discounts` and `gifts` hold where the promotion itself says nothing. `lost_shipping`: no, charge, or give_back
    once nothing is kept. `sellers_fault`: what the buyer keeps is then never held against him. `tenders`: kinds that
    are refunded first, in this order; the rest in proportion. `once_charged`: what was kept back of the return's lines
    that are not asked about, by fee that is per return. `gave`: what each tender gave for the
    settlement that is undone, `gave_shipping` what of it was shipping.
    """

    shipping: str = ShippingMode.NONE
    discounts: str = "keep"
    gifts: str = "keep"
    lost_shipping: str = "no"
    sellers_fault: bool = False
    tenders: tuple[str, ...] = ()
    once_charged: Mapping[str, int] = field(default_factory=dict)
    gave: Mapping[UUID, int] = field(default_factory=dict)
    gave_shipping: int = 0
    #: Nothing goes out: what is overpaid stays a credit of the order, to be set off against others.
    on_account: bool = False
    #: Without an order: what is credited is paid out, where it else stays a credit of the customer.
    pay_out: bool = False
    #: Of that, what moves his account instead: he owes it of an earlier payout; undone, it was paid already.
    stays_minor: int = 0


@dataclass(slots=True)
class PlanLine:
    """`target_minor`: the buyer's share by the allocation rule, before what is withheld and before fees.

    `settled_before`: units of the order line that were settled before these.
    """

    ref: UUID
    order_line_id: UUID
    quantity: int
    unshipped: bool = False
    settled_before: int = 0
    measure_before: int = 0
    target_minor: int = 0
    withheld_minor: int = 0
    credit_minor: int = 0
    tax_minor: int = 0
    funded_minor: int = 0
    goodwill_minor: int = 0
    price_difference_minor: int = 0
    unlinked_minor: int = 0
    expense_minor: int = 0
    fee_minor: int = 0
    fee_tax_minor: int = 0
    #: Of goods sold by weight: what it settles, in grams times what was ordered.
    measure: int = 0
    #: Without an order: which rule priced it, and what that went by (`returns.pricing`).
    priced: Mapping[str, Any] = field(default_factory=dict)
    #: Changes of what is kept back, by fee.
    fees: dict[str, int] = field(default_factory=dict)
    #: More units than there are.
    excess: bool = False
    #: Of an order line that nobody asked about: only what is withheld on it changes.
    aside: bool = False

    @property
    def share_minor(self) -> int:
        """What the goods of this line give back, before fees."""
        return self.target_minor - self.withheld_minor

    @property
    def paid_minor(self) -> int:
        """All that this line pays."""
        sale = self.share_minor + self.goodwill_minor + self.price_difference_minor - self.fee_minor
        return sale + self.unlinked_minor + self.expense_minor


@dataclass(slots=True)
class Plan:
    """What the step writes. `sale` is the order afterwards; `blocked` names what stands in the way."""

    sale: Sale
    lines: list[PlanLine]
    rules: Rules = field(default_factory=Rules)
    shipping_minor: int = 0
    shipping_tax_minor: int = 0
    points: int = 0
    cash_minor: int = 0
    unshipped_cash_minor: int = 0
    unapplied_minor: int = 0
    #: Of what was overpaid, what stays on the customer's account.
    kept_minor: int = 0
    tenders: list[tuple[UUID, int]] = field(default_factory=list)
    explanation: list[dict[str, Any]] = field(default_factory=list)
    blocked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def total(self, column: str) -> int:
        return sum(getattr(line, column) for line in self.lines)

    @property
    def undone(self) -> bool:
        return any(line.quantity < 0 or line.expense_minor < 0 for line in self.lines)

    @property
    def buyer_minor(self) -> int:
        """What is credited to the buyer: his share, goodwill and shipping."""
        return self.total("share_minor") + self.total("goodwill_minor") + self.shipping_minor

    @property
    def extra_minor(self) -> int:
        """What is paid besides the price of the goods."""
        return self.total("price_difference_minor") + self.total("unlinked_minor") + self.total("expense_minor")


def within(part: int, whole: int) -> int:
    """As much of `part` as lies between nothing and `whole`, whichever sign that has."""
    return max(0, min(part, whole)) if whole >= 0 else min(0, max(part, whole))
