"""What is kept back of a refund: fees by fault, grade and scope, each with a cumulative of its own (HARD-CASES 15).

A fee of a percentage is one of what was given back of the return line so far; a fixed one counts once per unit, line
or return. What was kept back before is taken off, so that any number of receipts and settlements pays it once. Of one
settlement never more is kept back than it gives back for the goods: the rest waits for the next. Its tax is that of
the goods it is kept back from, in the same proportion.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from guicang.kernel.money import target

if TYPE_CHECKING:
    from guicang.returns.settlement.plans import Ask, Plan, PlanLine

#: A whole, in hundredths of a percent.
WHOLE_BP = 10_000
#: The name of what somebody keeps back by hand.
DEDUCTION = "deduction"
#: The name of what is forfeited of an earnest deposit (定金). No tax lies in it: nothing was supplied.
EARNEST = "deposit:earnest"


@dataclass(frozen=True, slots=True)
class Fee:
    """`value`: hundredths of a percent, or minor units; `per` unit, line or return; `grades` empty: any.

    `lifted`: inspection found that it is not the buyer's to bear; what was kept back before is given back.
    """

    kind: str
    value: int
    per: str = "line"
    grades: tuple[str, ...] = ()
    taxed: bool = True
    what: str = "restocking"
    lifted: bool = False

    @property
    def key(self) -> str:
        """Its name among what was kept back: the same fee of two lines has the same."""
        return ":".join([self.what, self.kind, str(self.value), self.per, "+".join(self.grades)])

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Fee:
        """A fee as a verdict keeps it."""
        return cls(
            kind=data["kind"],
            value=int(data["value"]),
            per=data.get("per", "line"),
            grades=tuple(data.get("grades", ())),
            taxed=data.get("taxed", True),
            what=data.get("what", "restocking"),
        )


#: At most so much of the price counts as earnest (民法典 586); what was paid beyond it goes back as an advance does.
EARNEST_BP = 2_000


def earnest_of(deposit_minor: int, price_minor: int) -> int:
    return min(deposit_minor, price_minor * EARNEST_BP // WHOLE_BP)


def keep_back(plan: Plan, asks: Sequence[Ask]) -> None:
    """Put the fees onto the lines of `plan`; those of past documents and without an order have none."""
    once: dict[str, tuple[Fee, int]] = {}
    rooms: list[tuple[PlanLine, Ask]] = []
    for planned, ask in zip(plan.lines, asks, strict=False):
        if (
            ask.recorded_minor is not None
            or not ask.quantity
            or ask.unshipped
            or planned.order_line_id not in plan.sale.lines
        ):
            continue
        rooms.append((planned, ask))
        for fee in ask.fees:
            if fee.per == "return":
                once[fee.key] = (fee, once.get(fee.key, (fee, 0))[1] + _units(fee, ask))
            else:
                _keep(plan, planned, ask, fee.key, _wanted(fee, planned, ask) - ask.charged.get(fee.key, 0), fee.taxed)
        _by_hand(plan, planned, ask)
    for fee, units in once.values():
        _keep_once(plan, fee, units, rooms)
    for planned, ask in rooms:
        _fit(plan, planned, ask)
    _keep_earnest(plan, asks)


def _keep_earnest(plan: Plan, asks: Sequence[Ask]) -> None:
    """Of units that are cancelled, their part of the deposit by price: T(cancelled) less T(cancelled before).

    Fees lie on goods that were shipped, and a deposit is forfeited only before: so what was kept back of the order so
    far is all of this kind, and never more is kept than is due for all that is cancelled.
    """
    lines, earnest = plan.sale.lines, plan.sale.earnest_minor
    rows = [
        (planned, ask)
        for planned, ask in zip(plan.lines, asks, strict=False)
        if ask.unshipped and ask.recorded_minor is None and planned.order_line_id in lines
    ]
    whole = sum(line.price(line.whole) for line in lines.values())
    cancelled = whole - sum(line.price(line.until) for line in lines.values())
    cancelled -= sum(planned.target_minor for planned, _ in rows)
    for planned, ask in rows:
        before, cancelled = cancelled, cancelled + planned.target_minor
        held = ask.charged.get(EARNEST, 0)
        if ask.quantity < 0:
            # Undone: its own part is given back, whatever was cancelled since.
            _keep(plan, planned, ask, EARNEST, target(held, ask.settled + ask.quantity, ask.settled) - held, False)
        elif ask.forfeits and earnest and whole:
            due = target(earnest, cancelled, whole)
            most = max(0, due - plan.sale.fees_minor)
            _keep(plan, planned, ask, EARNEST, min(due - target(earnest, before, whole), most), False)


def _units(fee: Fee, ask: Ask) -> int:
    """Units of the return line that the fee is for, of all that are settled afterwards."""
    settled = ask.settled + ask.quantity
    if not fee.grades:
        return settled
    # Units are settled in the order of their inspection.
    found = passed = 0
    for grade, units in ask.graded:
        part = max(0, min(units, settled - passed))
        passed += units
        if grade in fee.grades:
            found += part
    return found


def _wanted(fee: Fee, planned: PlanLine, ask: Ask) -> int:
    """What the fee comes to for all that is settled afterwards."""
    units, settled = _units(fee, ask), ask.settled + ask.quantity
    if not units or fee.lifted:
        return 0
    if fee.kind == "percent":
        share = target(max(0, ask.share_minor + planned.share_minor), units, settled)
        return target(share, min(fee.value, WHOLE_BP), WHOLE_BP)
    return fee.value * (units if fee.per == "unit" else 1)


def _by_hand(plan: Plan, planned: PlanLine, ask: Ask) -> None:
    """What somebody keeps back goes with the units it was kept back from."""
    before = ask.charged.get(DEDUCTION, 0)
    if ask.quantity > 0:
        _keep(plan, planned, ask, DEDUCTION, ask.deduction_minor, taxed=True)
    elif before:
        stays = target(before, ask.settled + ask.quantity, ask.settled)
        _keep(plan, planned, ask, DEDUCTION, stays - before, taxed=True)


def _keep_once(plan: Plan, fee: Fee, units: int, rooms: Sequence[tuple[PlanLine, Ask]]) -> None:
    """A fee that is per return: once for all its lines and orders, on the first lines that have room for it.

    Once nothing of the line that bears it is settled any more it is given back, and the next settlement bears it.
    """
    if plan.undone:
        for planned, ask in rooms:
            if not ask.settled + ask.quantity:
                _keep(plan, planned, ask, fee.key, -ask.charged.get(fee.key, 0), fee.taxed)
        return
    charged = plan.rules.once_charged.get(fee.key, 0) + sum(ask.charged.get(fee.key, 0) for _, ask in rooms)
    change = (fee.value if units and not fee.lifted else 0) - charged
    for planned, ask in rooms:
        change -= _keep(plan, planned, ask, fee.key, change, fee.taxed)


def _fit(plan: Plan, planned: PlanLine, ask: Ask) -> None:
    """Of a line that was taken back in part, no more stays kept back than it still gives back."""
    share = max(0, ask.share_minor + planned.share_minor)
    taxed = {fee.key: fee.taxed for fee in ask.fees}
    for key in [*ask.charged, *planned.fees]:
        kept = {name: planned.fees.get(name, 0) + ask.charged.get(name, 0) for name in {*ask.charged, *planned.fees}}
        excess = sum(kept.values()) - share
        if ask.quantity < 0 < excess:
            _keep(plan, planned, ask, key, -min(excess, kept[key]), taxed.get(key, True))


def _keep(plan: Plan, planned: PlanLine, ask: Ask, key: str, change: int, taxed: bool) -> int:
    """Keep back `change` as far as the line allows; answers how much that was."""
    room = planned.share_minor - planned.fee_minor
    before = ask.charged.get(key, 0)
    if ask.quantity > 0:
        # Of all the settlement gives back too: it may withhold on other lines.
        whole = plan.total("share_minor") - plan.total("fee_minor")
        change = max(-before, min(change, max(0, min(room, whole))))
    else:
        # Undone: only what was kept back is given back, never more than is taken.
        change = max(-before, min(0, change), min(0, room))
    if not change:
        return 0
    line = plan.sale.lines[planned.order_line_id]
    planned.fees[key] = planned.fees.get(key, 0) + change
    planned.fee_minor += change
    if taxed:
        planned.fee_tax_minor += line.tax_within(before + change) - line.tax_within(before)
    plan.sale.fees_minor += change
    return change
