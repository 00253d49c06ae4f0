"""Settlement without rows: whatever is sold, promised, paid, returned, given up, taken back, in whatever order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from hypothesis import given, note, settings
from hypothesis import strategies as st

from guicang.kernel.ids import new_id
from guicang.returns.operations import planning
from guicang.returns.operations.planning import Inspected, count_shares, plan_orders, summed
from guicang.returns.operations.stated import Stated, stated
from guicang.returns.settlement import Ask, Fee, Plan, Sale, SaleLine, ShippingMode
from tests.properties.sales import DEEP, GRADES, Basket, baskets, holds, rounded, terms

#: What is done, and four numbers that say with what; taken modulo what there is.
ACTS = ("back", "back", "both", "rest", "unshipped", "goodwill", "expense", "undo", "undo")
WALKS = st.lists(st.tuples(st.sampled_from(ACTS), *[st.integers(0, 99)] * 4), max_size=10)


@dataclass(slots=True)
class Line:
    """A line of a return, as far as its money needs it."""

    order_id: UUID
    order_line_id: UUID
    requested: int
    kind: str = "goods"
    money_kind: str = ""
    recorded_minor: int | None = None
    #: The seller's fault: no fee, and nothing is held against the buyer.
    fault: bool = False
    graded: tuple[tuple[str, int], ...] = ()
    id: UUID = field(default_factory=new_id)
    resolution: str = "refund"
    settled: int = 0
    share_minor: int = 0
    fees: dict[str, int] = field(default_factory=dict)
    unit_weight_g: int = 0
    by_weight: bool = False
    priced: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Done:
    lines: list[Line]
    plan: Plan


class Till:
    """Settles one order by one plan after the other, and looks at each."""

    def __init__(self, basket: Basket, said: Mapping[str, Any]) -> None:
        self.said, self.sale = said, basket.sale()
        self.paid = self.sale.captured_minor
        self.lines: list[Line] = []
        self.done: list[Done] = []

    def walk(self, acts: list[tuple[str, int, int, int, int]]) -> None:
        for act, *numbers in acts:
            getattr(self, act)(*numbers)
            holds(self.sale)

    def back(self, place: int, units: int, grade: int, fault: int) -> None:
        """Some units of a line come back, in one grade or two, and some of them are settled."""
        if free := self._with_buyer():
            line = self._come_back(free[place % len(free)], units, grade, fault)
            self._settle((line, 1 + (units + fault) % line.requested))

    def both(self, place: int, units: int, grade: int, fault: int) -> None:
        """Units of two lines in one return, some of the second perhaps cancelled before they left."""
        if free := self._with_buyer():
            first = self._come_back(free[place % len(free)], units, grade, fault)
            parts = [(first, first.requested)]
            if free := self._with_buyer():
                sold = free[grade % len(free)]
                second = self._come_back(sold, fault, units, fault, "goods" if units % 3 else "unshipped")
                parts.append((second, second.requested))
            self._settle(*parts)

    def rest(self, place: int, units: int, _grade: int, _fault: int) -> None:
        if due := [line for line in self.lines if line.requested > line.settled and line.kind != "money"]:
            line = due[place % len(due)]
            self._settle((line, 1 + units % (line.requested - line.settled)))

    def unshipped(self, place: int, units: int, grade: int, fault: int) -> None:
        if free := self._with_buyer():
            line = self._come_back(free[place % len(free)], units, grade, fault, "unshipped")
            self._settle((line, line.requested))

    def goodwill(self, place: int, part: int, _grade: int, _fault: int) -> None:
        sold = list(self.sale.lines.values())[place % len(self.sale.lines)]
        kept = sold.price(sold.until) - sold.price(sold.done)
        if amount := kept * part // 200:
            line = Line(self.sale.id, sold.id, 0, kind="money", money_kind="goodwill", recorded_minor=amount)
            self._settle((line, 1))

    def expense(self, place: int, part: int, _grade: int, _fault: int) -> None:
        sold = list(self.sale.lines)[place % len(self.sale.lines)]
        line = Line(self.sale.id, sold, 0, kind="money", money_kind="compensation", recorded_minor=1 + part * 7)
        self._settle((line, 1))

    def undo(self, place: int, *_numbers: int) -> None:
        """Take back a settlement that stands, as the step does: what was withheld elsewhere follows by itself."""
        able = [each for each in self.done if not each.plan.total("goodwill_minor")]
        if not able:
            return
        it = able[place % len(able)]
        self.done.remove(it)
        known = {line.id: line for line in it.lines}
        asks: Any = [
            (
                known[row.ref],
                Ask(row.ref, row.order_line_id, -row.quantity, row.unshipped, expense_minor=-row.expense_minor),
            )
            for row in it.plan.lines
            if not row.aside
        ]
        borne = summed(line.fees for line in self._return_of(it.lines[0]) if line.id not in known)
        gave: Any = {"gave": dict(it.plan.tenders), "gave_shipping": it.plan.shipping_minor}
        rules = replace(it.plan.rules, once_charged=borne, **gave)
        plan = planning.undo(self.sale, asks, self._stated(it.lines), self._found(it.lines), rules)
        assert not plan.blocked
        if not any(row.quantity for row in it.plan.lines):
            assert -plan.shipping_minor == min(it.plan.shipping_minor, self.sale.shipping_refunded_minor)
        self._take(it.lines, plan, -1)

    def everything(self) -> None:
        """All that is left with the buyer comes back, gifts last."""
        for _ in range(sum(line.ordered for line in self.sale.lines.values())):
            self.rest(0, 98, 0, 0)
        for key in list(self.sale.lines):
            if units := self._free(self.sale.lines[key]):
                line = self._come_back(self.sale.lines[key], units - 1, 0, 1)
                self._settle((line, units))
                holds(self.sale)

    def _with_buyer(self) -> list[SaleLine]:
        return [line for line in self.sale.lines.values() if self._free(line)]

    def _free(self, line: SaleLine) -> int:
        waiting = [each for each in self.lines if each.order_line_id == line.id and each.kind != "money"]
        return line.kept - sum(each.requested - each.settled for each in waiting)

    def _come_back(self, sold: SaleLine, units: int, grade: int, fault: int, kind: str = "goods") -> Line:
        count = 1 + units % self._free(sold)
        first = 1 + grade % count
        graded = ((GRADES[grade % 3], first), (GRADES[fault % 3], count - first))
        line = Line(self.sale.id, sold.id, count, kind, fault=not fault % 5, graded=graded)
        self.lines.append(line)
        return line

    def _return_of(self, line: Line) -> list[Line]:
        """Every line is a return of its own, but for those of one settlement."""
        return next((each.lines for each in self.done if line in each.lines), [line])

    def _stated(self, lines: list[Line]) -> Stated:
        charged = [line for line in lines if line.kind == "goods" and not line.fault]
        fees = dict.fromkeys([line.id for line in charged], tuple(map(Fee.of, self.said["fees"])))
        # Now and then somebody says which shipping goes back, as a settlement may.
        mode = ("", "", *ShippingMode)[lines[0].requested * len(self.lines) % 6]
        rules = stated({"terms": self.said}, mode).rules
        return Stated(rules, fees, frozenset(line.id for line in lines if line.fault))

    def _found(self, lines: list[Line]) -> Inspected:
        return Inspected({line.id: line.graded for line in lines})

    def _settle(self, *parts: tuple[Line, int]) -> None:
        lines = [line for line, _ in parts]
        accounts: Any = {self.sale.id: SimpleNamespace(sale=self.sale)}
        before = self.sale.copy()
        ways: Any = (list(parts), accounts, self._stated(lines), self._found(lines), self._return_of(lines[0]) + lines)
        (planned,) = plan_orders("CNY", *ways)
        (again,) = plan_orders("CNY", *ways)
        assert (self.sale, again.plan) == (before, planned.plan), "planning changes nothing and says the same again"
        assert not planned.plan.blocked, planned.plan.blocked
        self.done.append(Done(lines, planned.plan))
        self._take(lines, planned.plan, 1)

    def _take(self, lines: list[Line], plan: Plan, sign: int) -> None:
        signs(plan, sign)
        adds_up(self.sale, plan)
        self.sale = plan.sale
        known: Any = {line.id: line for line in lines}
        for row in plan.lines:
            if not row.aside:
                known[row.ref].settled += row.quantity
                count_shares(known[row.ref], row)
        for line in lines:
            assert all(amount > 0 for amount in line.fees.values())


def signs(plan: Plan, sign: int) -> None:
    """No share, no tender and no sum runs against the way of the settlement."""
    shares = [row.target_minor for row in plan.lines] + [row.funded_minor for row in plan.lines]
    whole = [plan.cash_minor, plan.shipping_minor, plan.shipping_tax_minor, plan.points]
    net = plan.total("share_minor") - plan.total("fee_minor")
    ways = [minor for _, minor in plan.tenders]
    assert all(sign * amount >= 0 for amount in [*shares, *whole, net, *ways]), (shares, whole, net, ways)
    assert sum(minor for _, minor in plan.tenders) == plan.cash_minor
    assert all(0 <= sign * row.fee_tax_minor <= sign * row.fee_minor for row in plan.lines if sign * row.fee_minor > 0)


def adds_up(before: Sale, plan: Plan) -> None:
    """What the lines of the plan say is what the counters moved by: what `verify` asks of the rows."""
    after = plan.sale
    for key, line in after.lines.items():
        rows = [row for row in plan.lines if row.order_line_id == key]
        shipped = [row for row in rows if not row.unshipped]
        was = before.lines[key]
        assert sum(row.credit_minor for row in shipped) == line.credited_minor - was.credited_minor
        assert sum(row.tax_minor for row in shipped) == line.credited_tax_minor - was.credited_tax_minor
        assert sum(row.withheld_minor for row in rows) == line.withheld_minor - was.withheld_minor
        for row in rows:
            parts = row.target_minor - row.withheld_minor + row.funded_minor + row.goodwill_minor
            assert row.credit_minor == parts
    assert plan.total("fee_minor") == after.fees_minor - before.fees_minor
    assert plan.buyer_minor == after.credited_minor - before.credited_minor
    assert plan.cash_minor == after.refunded_minor - before.refunded_minor
    assert plan.extra_minor - plan.unapplied_minor == after.extra_minor - before.extra_minor
    told = sum(part["amount_minor"] for part in plan.explanation if part["label"] == "cash")
    assert told == plan.cash_minor


@settings(max_examples=10_000 if DEEP else 1_000, deadline=None)
@given(basket=baskets(), said=terms(), walk=WALKS)
def test_refunded_and_kept_and_fees_are_what_was_paid(basket: Basket, said: dict[str, Any], walk: list[Any]) -> None:
    note(f"{basket} {said} {walk}")
    till = Till(basket, said)
    till.walk(walk)
    till.everything()
    sale = till.sale
    assert all(line.kept == 0 for line in sale.lines.values())
    # Freight that was waived is all that can still be held against who sent everything back.
    freight = sum(promotion.shipping_minor for promotion in sale.promotions) if said["lost_shipping"] == "charge" else 0
    assert sum(sale.withheld.values()) <= freight
    if not sum(sale.withheld.values()):
        for line in sale.lines.values():
            assert line.credited_minor + line.cancelled_minor == line.sold_minor


@settings(max_examples=5_000 if DEEP else 500, deadline=None)
@given(basket=baskets(), said=terms(), walk=WALKS)
def test_reckoned_anew_it_is_what_was_paid_less_what_the_kept_goods_cost(
    basket: Basket, said: dict[str, Any], walk: list[Any]
) -> None:
    """HARD-CASES 4: paid - price of what is kept - already refunded, never below 0, whatever the path."""
    basket.shipping_minor = basket.surcharge_minor = 0
    basket.__post_init__()
    till = Till(basket, {**said, "fees": []})
    refunded = 0
    for _, place, units, grade, _fault in walk:
        till.back(place, units, grade, 1)
        refunded = max(refunded, till.paid - price_of_kept(till.sale, said))
        assert till.sale.refunded_minor == refunded


def price_of_kept(sale: Sale, said: Mapping[str, Any]) -> int:
    """What the buyer owes for what he keeps, reckoned from the sale alone."""

    def share(amount: int, line: SaleLine) -> int:
        return amount - rounded(amount, line.settled, line.ordered)

    price = sum(share(line.paid_minor, line) for line in sale.lines.values())
    for promotion in sale.promotions:
        members = [sale.lines[key] for key in promotion.members]
        listed = {line.id: line.paid_minor + promotion.discounts.get(line.id, 0) for line in members}
        kept = sum(share(listed[line.id], line) for line in members)
        units = sum(line.kept for line in members)
        if not any(line.settled for line in members):
            continue
        if units and kept >= min(promotion.threshold_minor, sum(listed.values())):
            continue
        if (promotion.mode or said["discount_mode"]) == "reprice":
            price += sum(share(promotion.discounts.get(line.id, 0), line) for line in members)
        if said["gifts"] == "charge":
            price += sum(value * sale.lines[key].kept for key, value in promotion.gifts)
        if said["lost_shipping"] == "charge" or (said["lost_shipping"] == "give_back" and kept):
            price += promotion.shipping_minor
    return price
