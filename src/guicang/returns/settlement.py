"""What a settlement pays: one pure planner for estimate, preview, simulator and the step itself.

Integers of minor units throughout. The rule (HARD-CASES, Allocation): a settlement of q units
pays T(settled + q) - T(settled), where T is the prefix target of what was paid; never less the
cash already paid, so any order of partial returns, reversals and repeats ends at what was paid.
Cancelled units count from the other end, T(Q) - T(Q - c): what was shipped and what was not can
then be settled in any order and still agree with the shipment's booking to the cent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from operator import attrgetter
from typing import Any
from uuid import UUID

from guicang.kernel.ids import NIL
from guicang.kernel.money import split, target


class ShippingMode(StrEnum):
    """Which shipping a settlement gives back (HARD-CASES 3)."""

    NONE = "none"
    PROPORTIONAL = "proportional"
    LAST_UNIT = "last_unit"
    STATUTORY = "statutory"  # the standard fee once the whole order comes back, never the surcharge


@dataclass(slots=True)
class SaleLine:
    """An order line: frozen amounts and what was settled so far. `discounts`: (label, funder, minor)."""

    id: UUID
    ordered: int
    paid_minor: int
    sold_minor: int
    tax_minor: int
    funded_minor: int = 0
    settled: int = 0
    cancelled_settled: int = 0
    cancelled_minor: int = 0
    credited_minor: int = 0
    credited_tax_minor: int = 0
    credited_funded_minor: int = 0
    goodwill: tuple[tuple[Sequence[int], int], ...] = ()
    discounts: tuple[tuple[str, str, int], ...] = ()

    def price(self, units: int) -> int:
        """T(units): the buyer's share of the first units, after goodwill given so far."""
        return self._price(units, len(self.goodwill))

    def _price(self, units: int, given: int) -> int:
        """The share after the first `given` goodwills: each lowers the units that were unsettled at its time.

        Those are the span from what was settled to what was not cancelled and settled from the other end.
        Units outside keep their price, also where a settlement is taken back later.
        """
        if not given:
            return target(self.paid_minor, units, self.ordered)
        (start, end), amount = self.goodwill[given - 1]
        if units <= start:
            return self._price(units, given - 1)
        if units >= end:
            return self._price(units, given - 1) - amount
        before = self._price(start, given - 1)
        return before + target(self._price(end, given - 1) - before - amount, units - start, end - start)

    def funded(self, units: int) -> int:
        return target(self.funded_minor, units, self.ordered)

    @property
    def cancelled_funded(self) -> int:
        return self.funded_minor - self.funded(self.ordered - self.cancelled_settled)

    @property
    def buyer_room(self) -> int:
        """What can still be credited to the buyer on this line."""
        credited = self.credited_minor - self.credited_funded_minor
        return self.paid_minor - credited - (self.cancelled_minor - self.cancelled_funded)

    def progress(self) -> int:
        """Share of the paid amount that is settled, by quantity: the measure for shipping and points."""
        kept = self.ordered - self.cancelled_settled
        return (
            self.paid_minor
            - target(self.paid_minor, kept, self.ordered)
            + target(self.paid_minor, self.settled, self.ordered)
        )


@dataclass(slots=True)
class SaleTender:
    id: UUID
    captured_minor: int
    refunded_minor: int
    disputed_minor: int = 0
    promotional: bool = False

    @property
    def room(self) -> int:
        return max(0, self.captured_minor - self.refunded_minor - self.disputed_minor)


@dataclass(slots=True)
class Sale:
    """An order as settlement sees it. `lines` by id, in stored order."""

    id: UUID
    currency: str
    total_minor: int
    captured_minor: int
    refunded_minor: int
    credited_minor: int
    lines: dict[UUID, SaleLine]
    tenders: list[SaleTender] = field(default_factory=list)
    shipping_standard_minor: int = 0
    shipping_surcharge_minor: int = 0
    shipping_tax_minor: int = 0
    shipping_refunded_minor: int = 0
    points_earned: int = 0
    points_taken_back: int = 0

    def copy(self) -> Sale:
        twin = Sale(*_sale_values(self))
        twin.lines = {key: SaleLine(*_line_values(line)) for key, line in self.lines.items()}
        twin.tenders = [SaleTender(*_tender_values(tender)) for tender in self.tenders]
        return twin


def _values(shape: type[Any]) -> Callable[[Any], tuple[Any, ...]]:
    """All fields of such a dataclass in their order: what `copy.copy` does eight times as slowly."""
    found: Callable[[Any], tuple[Any, ...]] = attrgetter(*(one.name for one in fields(shape)))
    return found


_sale_values, _line_values, _tender_values = map(_values, (Sale, SaleLine, SaleTender))


@dataclass(frozen=True, slots=True)
class Ask:
    """Settle `quantity` units (negative: undo) of an order line, or give goodwill or an expense.

    `recorded_minor`: what a past document paid, instead of the target. `expense_minor`:
    compensation or freight, no part of the price.
    """

    ref: UUID
    order_line_id: UUID = NIL
    quantity: int = 0
    unshipped: bool = False
    recorded_minor: int | None = None
    goodwill_minor: int = 0
    expense_minor: int = 0


@dataclass(slots=True)
class PlanLine:
    ref: UUID
    order_line_id: UUID
    quantity: int
    unshipped: bool = False
    target_minor: int = 0
    credit_minor: int = 0
    tax_minor: int = 0
    funded_minor: int = 0
    goodwill_minor: int = 0
    price_difference_minor: int = 0
    unlinked_minor: int = 0
    expense_minor: int = 0

    @property
    def paid_minor(self) -> int:
        """All that this line pays."""
        sale = self.target_minor + self.goodwill_minor + self.price_difference_minor
        return sale + self.unlinked_minor + self.expense_minor


@dataclass(slots=True)
class Plan:
    """What the step writes. `sale` is the order afterwards; `blocked` names what stands in the way."""

    sale: Sale
    lines: list[PlanLine]
    shipping_minor: int = 0
    shipping_tax_minor: int = 0
    points: int = 0
    cash_minor: int = 0
    unshipped_cash_minor: int = 0
    unapplied_minor: int = 0
    tenders: list[tuple[UUID, int]] = field(default_factory=list)
    explanation: list[dict[str, Any]] = field(default_factory=list)
    blocked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def total(self, column: str) -> int:
        return sum(getattr(line, column) for line in self.lines)


def plan_settlement(sale: Sale, asks: Sequence[Ask], *, shipping: str = ShippingMode.NONE) -> Plan:
    """The settlement of `asks` against `sale`, which is left as it was. O(lines), no I/O."""
    after = sale.copy()
    plan = Plan(after, [_plan_line(after, ask) for ask in asks])
    _block_excess(plan)
    _shipping(plan, sale, shipping)
    _points(plan)
    buyer = plan.total("target_minor") + plan.total("goodwill_minor") + plan.shipping_minor
    after.credited_minor += buyer
    extra = plan.total("price_difference_minor") + plan.total("unlinked_minor") + plan.total("expense_minor")
    if not plan.blocked:
        _cash(plan, buyer, extra)
    _explain(plan, shipping)
    return plan


def _plan_line(sale: Sale, ask: Ask) -> PlanLine:
    planned = PlanLine(ask.ref, ask.order_line_id, ask.quantity, ask.unshipped, expense_minor=ask.expense_minor)
    line = sale.lines.get(ask.order_line_id)
    if line is None:
        planned.unlinked_minor = ask.recorded_minor or 0
        return planned
    if ask.unshipped:
        _cancelled_share(line, planned)
    elif ask.quantity:
        _returned_share(line, planned, ask.recorded_minor)
    if ask.goodwill_minor:
        planned.goodwill_minor = ask.goodwill_minor
        planned.credit_minor += ask.goodwill_minor
        line.credited_minor += ask.goodwill_minor
        span = (line.settled, line.ordered - line.cancelled_settled)
        line.goodwill = (*line.goodwill, (span, ask.goodwill_minor))
    if planned.credit_minor and not ask.unshipped:
        reached = target(line.tax_minor, max(0, min(line.credited_minor, line.sold_minor)), line.sold_minor)
        planned.tax_minor = reached - line.credited_tax_minor
        line.credited_tax_minor = reached
    return planned


def _returned_share(line: SaleLine, planned: PlanLine, recorded: int | None) -> None:
    settled = line.settled + planned.quantity
    if not 0 <= settled <= line.ordered - line.cancelled_settled:
        planned.target_minor = line.buyer_room + 1  # reported by _block_excess
        return
    due = line.price(settled) - line.price(line.settled) if recorded is None else recorded
    planned.target_minor = min(due, line.buyer_room)
    planned.price_difference_minor = due - planned.target_minor if recorded is not None else 0
    planned.funded_minor = line.funded(settled) - line.funded(line.settled)
    planned.credit_minor = planned.target_minor + planned.funded_minor
    line.settled = settled
    line.credited_minor += planned.credit_minor
    line.credited_funded_minor += planned.funded_minor


def _cancelled_share(line: SaleLine, planned: PlanLine) -> None:
    before, kept = line.ordered - line.cancelled_settled, line.ordered - line.cancelled_settled - planned.quantity
    if not line.settled <= kept <= line.ordered:
        planned.target_minor = line.buyer_room + 1
        return
    planned.target_minor = line.price(before) - line.price(kept)
    planned.funded_minor = line.funded(before) - line.funded(kept)
    planned.credit_minor = planned.target_minor + planned.funded_minor
    line.cancelled_settled += planned.quantity
    line.cancelled_minor += planned.credit_minor


def _block_excess(plan: Plan) -> None:
    """Ceilings of the sale: no line is credited beyond what was sold (HARD-CASES 7)."""
    for planned in plan.lines:
        line = plan.sale.lines.get(planned.order_line_id)
        if line is None:
            continue
        uncounted = planned.target_minor and not planned.credit_minor
        if uncounted or line.credited_minor + line.cancelled_minor > line.sold_minor or line.buyer_room < 0:
            plan.blocked.append(("credit_ceiling", {"line": planned.ref, "room_minor": max(0, line.buyer_room)}))


def _shipping(plan: Plan, before: Sale, mode: str) -> None:
    """Shipping comes back once, whatever the path; cumulative, so a fourth claim gets nothing."""
    sale = plan.sale
    fee = sale.shipping_standard_minor + sale.shipping_surcharge_minor
    if not fee or mode == ShippingMode.NONE:
        return
    whole = sum(line.paid_minor for line in sale.lines.values())
    done = sum(line.progress() for line in sale.lines.values())
    complete = all(line.settled + line.cancelled_settled == line.ordered for line in sale.lines.values())
    if mode == ShippingMode.PROPORTIONAL and whole:
        # Where nothing was paid for the goods themselves, shipping comes back with the last of them.
        reached = target(fee, done, whole)
    elif mode == ShippingMode.STATUTORY:
        reached = sale.shipping_standard_minor if complete else 0
    else:
        reached = fee if complete else 0
    undo = any(line.quantity < 0 for line in plan.lines)
    # Other settlements may have run under another mode: what is undone never pays, what is done never takes.
    change = reached - before.shipping_refunded_minor
    plan.shipping_minor = min(0, change) if undo else max(0, change)
    sale.shipping_refunded_minor += plan.shipping_minor
    plan.shipping_tax_minor = target(sale.shipping_tax_minor, sale.shipping_refunded_minor, fee) - target(
        sale.shipping_tax_minor, before.shipping_refunded_minor, fee
    )


def _points(plan: Plan) -> None:
    """Points earned with what came back are taken back, once (HARD-CASES 9)."""
    sale = plan.sale
    whole = sum(line.paid_minor for line in sale.lines.values())
    if not sale.points_earned or not whole:
        return
    reached = target(sale.points_earned, sum(line.progress() for line in sale.lines.values()), whole)
    plan.points = reached - sale.points_taken_back
    sale.points_taken_back = reached


def _cash(plan: Plan, buyer: int, extra: int) -> None:
    """Cash is what was paid beyond what is still owed; open receivables shrink first (HARD-CASES 7, 20)."""
    sale = plan.sale
    overpaid = sale.captured_minor - sale.refunded_minor - (sale.total_minor - sale.credited_minor)
    if buyer + extra < 0:
        # Never more than went out: what only lowered a receivable raises it again.
        plan.cash_minor = max(buyer + extra, min(0, overpaid), -sale.refunded_minor)
        plan.unapplied_minor = extra - max(extra, min(0, plan.cash_minor - buyer))
    else:
        plan.cash_minor = max(0, min(buyer, overpaid))
        room = sum(tender.room for tender in sale.tenders)
        if plan.cash_minor > room:
            disputed = sum(tender.disputed_minor for tender in sale.tenders)
            code = "dispute_open" if disputed else "tender_ceiling"
            plan.blocked.append((code, {"room_minor": room, "cash_minor": plan.cash_minor, "disputed_minor": disputed}))
            return
        paid_extra = min(extra, room - plan.cash_minor)
        plan.unapplied_minor = extra - paid_extra
        plan.cash_minor += paid_extra
    unshipped = sum(line.target_minor for line in plan.lines if line.unshipped)
    plan.unshipped_cash_minor = within(unshipped, plan.cash_minor)
    plan.tenders = spread_over_tenders(sale.tenders, plan.cash_minor)
    for tender, (_, amount) in zip(sale.tenders, plan.tenders, strict=True):
        tender.refunded_minor += amount
    sale.refunded_minor += plan.cash_minor
    plan.tenders = [share for share in plan.tenders if share[1]]


def within(part: int, whole: int) -> int:
    """As much of `part` as lies between nothing and `whole`, whichever sign that has."""
    return max(0, min(part, whole)) if whole >= 0 else min(0, max(part, whole))


def spread_over_tenders(tenders: Sequence[SaleTender], amount: int) -> list[tuple[UUID, int]]:
    """`amount` in proportion to what each tender can still give (or, undone, to what it gave back)."""
    weights = [tender.room if amount >= 0 else tender.refunded_minor for tender in tenders]
    return [(tender.id, share) for tender, share in zip(tenders, split(amount, weights), strict=True)]


def _explain(plan: Plan, shipping: str) -> None:
    """The ordered components that customer, agent and auditor all read."""
    add = plan.explanation.append
    for planned in plan.lines:
        line = plan.sale.lines.get(planned.order_line_id)
        if line is not None and planned.quantity:
            basis = {
                "units": planned.quantity,
                "of": line.ordered,
                "settled": line.settled,
                "paid_minor": line.paid_minor,
            }
            rule = "cancelled_share" if planned.unshipped else "cumulative_share"
            add(_component("paid_share", rule, planned.target_minor, planned, basis))
        for label, amount, rule in (
            ("tax_within", planned.tax_minor, "tax_as_invoiced"),
            ("funded_by_others", planned.funded_minor, "funder_share"),
            ("goodwill", planned.goodwill_minor, "goodwill_on_price"),
            ("price_difference", planned.price_difference_minor, "beyond_the_sale"),
            ("unlinked", planned.unlinked_minor, "as_recorded"),
            ("compensation", planned.expense_minor, "expense"),
        ):
            if amount:
                add(_component(label, rule, amount, planned, {}))
    for label, amount, rule in (
        ("shipping", plan.shipping_minor, "shipping_once"),
        ("points_taken_back", plan.points, "points_once"),
        ("cash", plan.cash_minor, "overpaid"),
        ("unapplied", plan.unapplied_minor, "kept_as_credit"),
    ):
        if amount:
            add(_component(label, rule, amount, None, {"mode": str(shipping)} if label == "shipping" else {}))


def _component(
    label: str, rule: str, amount: int, planned: PlanLine | None, basis: Mapping[str, Any]
) -> dict[str, Any]:
    line = {"line": str(planned.ref)} if planned else {}
    return {"label": label, "rule": rule, "amount_minor": amount, "basis": dict(basis), **line}
