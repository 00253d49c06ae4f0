"""What is withheld because of what the buyer keeps, and what is kept back: HARD-CASES 4, 15, RULES T5-T7, E4, E5."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest

from guicang.kernel.money import split
from guicang.returns.settlement import Ask, Fee, Plan, Promotion, Rules, Sale, SaleLine, SaleTender, plan_settlement


class Buyer:
    """Whoever sends goods back: one return after the other, each with what it pays."""

    def __init__(self, *lines: SaleLine, promotions: tuple[Promotion, ...] = (), **more: Any) -> None:
        shipping = more.get("shipping_standard_minor", 0) + more.get("shipping_surcharge_minor", 0)
        total = sum(line.paid_minor for line in lines) + shipping
        self.sale = Sale(
            uuid4(),
            "CNY",
            total,
            total,
            0,
            0,
            {line.id: line for line in lines},
            [SaleTender(uuid4(), total, 0)],
            promotions=promotions,
            **more,
        )
        self.charged: dict[UUID, dict[str, int]] = {}
        self.shares: dict[UUID, int] = {}

    def give(self, line: SaleLine, units: int = 1, *, fees: tuple[Fee, ...] = (), **more: Any) -> Plan:
        rules = more.pop("rules", Rules())
        ref = line.id
        done = self.sale.lines[ref].settled
        ask = Ask(
            ref,
            ref,
            units,
            fees=fees,
            settled=done,
            share_minor=self.shares.get(ref, 0),
            charged=dict(self.charged.get(ref, {})),
            **more,
        )
        others = {key: taken for key, taken in self.charged.items() if key != ref}
        once: dict[str, int] = {}
        for taken in others.values():
            for key, amount in taken.items():
                once[key] = once.get(key, 0) + amount
        rules = Rules(**{**_fields(rules), "once_charged": once})
        plan = plan_settlement(self.sale, [ask], rules=rules)
        assert not plan.blocked, plan.blocked
        self.sale = plan.sale
        taken = self.charged.setdefault(ref, {})
        for key, change in plan.lines[0].fees.items():
            taken[key] = taken.get(key, 0) + change
        self.shares[ref] = self.shares.get(ref, 0) + plan.lines[0].share_minor
        return plan

    def cash(self, line: SaleLine, units: int = 1, **more: Any) -> int:
        return self.give(line, units, **more).cash_minor


def _fields(rules: Rules) -> Mapping[str, Any]:
    return {name: getattr(rules, name) for name in Rules.__slots__}


def line(units: int, paid: int, *, tax: int = 0) -> SaleLine:
    return SaleLine(uuid4(), units, paid, paid, tax)


def less(threshold: int, discount: int, *lines: SaleLine, mode: str = "reprice") -> Promotion:
    """满减, spread over the lines as it was at the sale."""
    parts = split(discount, [each.paid_minor for each in lines])
    members = tuple(each.id for each in lines)
    for each, part in zip(lines, parts, strict=True):
        each.paid_minor -= part
        each.sold_minor -= part
    return Promotion("P", mode, threshold, members, dict(zip(members, parts, strict=True)))


def test_case_4_reprice_once_the_threshold_is_missed() -> None:
    a, b = line(1, 20000), line(1, 12000)
    buyer = Buyer(a, b, promotions=(less(30000, 5000, a, b),))
    assert (a.paid_minor, b.paid_minor) == (16875, 10125)
    assert buyer.cash(b) == 7000  # 270 less 200, not 101.25 and not 120
    assert buyer.cash(a) == 20000


def test_case_4_the_paid_share_while_the_threshold_is_met() -> None:
    a, b, c = line(1, 20000), line(1, 12000), line(1, 15000)
    buyer = Buyer(a, b, c, promotions=(less(30000, 5000, a, b, c),))
    assert buyer.cash(b) == 10724
    assert buyer.cash(a) + buyer.cash(c) == 42000 - 10724


def test_case_4_under_reprice_and_under_keep() -> None:
    goods = line(6, 30000)
    buyer = Buyer(goods, promotions=(less(30000, 3000, goods),))
    assert [buyer.cash(goods) for _ in range(6)] == [2000, 5000, 5000, 5000, 5000, 5000]
    goods = line(6, 30000)
    buyer = Buyer(goods, promotions=(less(30000, 3000, goods, mode="keep"),))
    assert [buyer.cash(goods) for _ in range(6)] == [4500] * 6


def test_never_below_nothing_whatever_the_path() -> None:
    a, b = line(1, 29000), line(1, 1000)
    buyer = Buyer(a, b, promotions=(less(30000, 5000, a, b),))
    assert [buyer.cash(b), buyer.cash(a)] == [0, 25000]


@pytest.mark.parametrize("mode", ["", "keep"])
def test_the_policy_decides_where_the_sale_said_nothing(mode: str) -> None:
    a, b = line(1, 20000), line(1, 12000)
    buyer = Buyer(a, b, promotions=(less(30000, 5000, a, b, mode=mode),))
    assert buyer.cash(b, rules=Rules(discounts="reprice")) == (10125 if mode else 7000)


def test_what_the_seller_is_at_fault_for_is_not_held_against_the_buyer() -> None:
    a, b = line(1, 20000), line(1, 12000)
    buyer = Buyer(a, b, promotions=(less(30000, 5000, a, b),))
    assert buyer.cash(b, rules=Rules(sellers_fault=True)) == 10125


def test_taken_back_it_is_as_if_it_had_not_been() -> None:
    a, b = line(1, 20000), line(1, 12000)
    buyer = Buyer(a, b, promotions=(less(30000, 5000, a, b),))
    assert [buyer.cash(b), buyer.cash(b, -1), buyer.cash(b), buyer.cash(a)] == [7000, -7000, 7000, 20000]
    # Now only B is taken back: what is kept is B alone, at its full price.
    assert buyer.cash(b, -1) == -12000
    assert buyer.cash(b) == 12000


def test_t7_a_gift_that_is_kept_is_charged_until_it_comes_back() -> None:
    goods, gift = line(1, 10000), line(1, 0)
    present = Promotion("G", gifts=((gift.id, 2000),), members=(goods.id,))
    buyer = Buyer(goods, gift, promotions=(present,))
    rules = Rules(gifts="charge")
    first = buyer.give(goods, rules=rules)
    assert first.cash_minor == 8000
    assert [(part["label"], part["amount_minor"]) for part in first.explanation][-2:] == [
        ("gift_kept", -2000),
        ("cash", 8000),
    ]
    later = buyer.give(gift, rules=rules)
    assert (later.cash_minor, later.sale.lines[goods.id].withheld_minor) == (2000, 0)
    assert [planned.aside for planned in later.lines] == [False, True]


def test_t7_kept_where_the_policy_lets_the_buyer_keep_it() -> None:
    goods, gift = line(1, 10000), line(1, 0)
    buyer = Buyer(goods, gift, promotions=(Promotion("G", gifts=((gift.id, 1500),), members=(goods.id,)),))
    assert buyer.cash(goods) == 10000


@pytest.mark.parametrize(("lost_shipping", "in_the_end"), [("give_back", 7000), ("charge", 6000), ("no", 6000)])
def test_case_15_free_shipping_that_was_lost(lost_shipping: str, in_the_end: int) -> None:
    a, b = line(1, 6000), line(1, 5000)
    free = Promotion("F", threshold_minor=9900, shipping_minor=1000)
    buyer = Buyer(a, b, promotions=(free,))
    rules = Rules(lost_shipping=lost_shipping)
    assert buyer.cash(b, rules=rules) == (5000 if lost_shipping == "no" else 4000)
    last = buyer.give(a, rules=rules)
    assert last.cash_minor == in_the_end
    told = {part["label"]: part["amount_minor"] for part in last.explanation}
    assert told.get("free_shipping_lost", 0) == (1000 if lost_shipping == "give_back" else 0)


def test_case_15_a_percentage_on_the_net_base() -> None:
    goods = line(1, 8480, tax=480)
    plan = Buyer(goods).give(goods, fees=(Fee("percent", 1500),))
    assert (plan.lines[0].fee_minor, plan.lines[0].fee_tax_minor, plan.cash_minor) == (1272, 72, 7208)
    assert plan.lines[0].credit_minor == 8480


def test_each_fee_has_a_cumulative_of_its_own() -> None:
    goods = line(2, 8480, tax=480)
    buyer = Buyer(goods)
    assert [buyer.cash(goods, fees=(Fee("percent", 1500),)) for _ in range(2)] == [3604, 3604]


def test_case_15_once_a_return() -> None:
    goods, others = line(3, 6000), line(1, 1000)
    buyer, fee = Buyer(goods, others), (Fee("fixed", 500, "return"),)
    plans = [buyer.give(goods, fees=fee) for _ in range(3)] + [buyer.give(others, fees=fee)]
    assert [plan.total("fee_minor") for plan in plans] == [500, 0, 0, 0]
    # Given back with the line that bears it, borne by the next.
    assert [buyer.give(goods, -units, fees=fee).total("fee_minor") for units in (1, 2)] == [0, -500]
    assert [buyer.give(goods, fees=fee).total("fee_minor") for _ in range(2)] == [500, 0]


def test_case_15_never_below_nothing_tax_included() -> None:
    goods = line(1, 1500, tax=173)
    plan = Buyer(goods).give(goods, fees=(Fee("fixed", 2000),))
    assert (plan.cash_minor, plan.lines[0].fee_minor, plan.lines[0].fee_tax_minor) == (0, 1500, 173)


def test_e5_diminished_value_by_grade_beside_the_standard_fee() -> None:
    goods = line(1, 10000)
    buyer = Buyer(goods, shipping_standard_minor=500, shipping_surcharge_minor=1000)
    fee = Fee("percent", 3000, grades=("B",), what="value")
    plan = buyer.give(goods, fees=(fee,), graded=(("B", 1),), rules=Rules(shipping="statutory"))
    assert (plan.shipping_minor, plan.lines[0].fee_minor, plan.cash_minor) == (500, 3000, 7500)


def test_grades_count_in_the_order_of_their_inspection() -> None:
    goods = line(4, 4000)
    buyer, fees = Buyer(goods), (Fee("fixed", 100, "unit", grades=("B",)),)
    graded = (("A", 2), ("B", 2))
    assert [buyer.cash(goods, fees=fees, graded=graded) for _ in range(4)] == [1000, 1000, 900, 900]


def test_what_somebody_keeps_back_goes_with_its_units() -> None:
    goods = line(2, 2000)
    buyer = Buyer(goods)
    assert buyer.cash(goods, 2, deduction_minor=300) == 1700
    assert [buyer.cash(goods, -1), buyer.cash(goods, -1)] == [-850, -850]
