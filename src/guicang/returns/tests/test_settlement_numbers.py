"""The numbers of HARD-CASES that are pure arithmetic: 1, 2, 3, 7, 9, 16 and the allocation rule."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guicang.kernel.money import convert_minor, split, target
from guicang.returns.settlement import Ask, Plan, Rules, Sale, SaleLine, SaleTender, ShippingMode, plan_settlement


def sale(*lines: SaleLine, captured: int | None = None, tenders: list[int] | None = None, **more: Any) -> Sale:
    goods = sum(line.paid_minor for line in lines)
    total = goods + more.get("shipping_standard_minor", 0) + more.get("shipping_surcharge_minor", 0)
    captured = total if captured is None else captured
    amounts = tenders if tenders is not None else [captured]
    return Sale(
        uuid4(),
        "CNY",
        total,
        captured,
        0,
        0,
        {line.id: line for line in lines},
        [SaleTender(uuid4(), amount, 0) for amount in amounts],
        **more,
    )


def line(units: int, paid: int, *, tax: int = 0, funded: int = 0, sold: int | None = None) -> SaleLine:
    return SaleLine(uuid4(), units, paid, paid + funded if sold is None else sold, tax, funded)


def settle(state: Sale, order_line: SaleLine, units: int, **more: Any) -> Plan:
    rules = more.pop("rules", None)
    plan = plan_settlement(state, [Ask(uuid4(), order_line.id, units, **more)], rules=rules)
    assert not plan.blocked, plan.blocked
    return plan


def one_by_one(order_line: SaleLine, *steps: int) -> list[Plan]:
    state, plans = sale(order_line), []
    for units in steps:
        plans.append(settle(state, order_line, units))
        state = plans[-1].sale
    return plans


def test_case_1_any_sequence_sums_to_what_was_paid() -> None:
    assert [plan.cash_minor for plan in one_by_one(line(3, 2000), 1, 1, 1)] == [667, 666, 667]
    assert split(1000 - 100, [600, 400]) == [540, 360]


def test_allocation_return_reverse_return_again() -> None:
    assert sum(plan.cash_minor for plan in one_by_one(line(3, 2000), 1, -1, 1, 1, 1)) == 2000


def test_allocation_discounts_have_targets_of_their_own() -> None:
    assert [target(1, q, 3) - target(1, q - 1, 3) for q in (1, 2, 3)] == [0, 1, 0]
    assert [plan.cash_minor for plan in one_by_one(line(3, 0), 1, 1, 1)] == [0, 0, 0]


def test_case_2_tax_is_reversed_as_invoiced() -> None:
    whole = one_by_one(line(10, 17925, tax=2988), 10)[0]
    assert (whole.cash_minor, whole.total("tax_minor")) == (17925, 2988)
    singles = one_by_one(line(10, 17925, tax=2988), *[1] * 10)
    assert sum(plan.cash_minor for plan in singles) == 17925
    assert sum(plan.total("tax_minor") for plan in singles) == 2988
    assert [plan.cash_minor for plan in one_by_one(line(3, 5700), 1, 1, 1)] == [1900, 1900, 1900]


def test_case_3_shipping_comes_back_once() -> None:
    lines = [line(1, 6000), line(1, 3000), line(1, 1000)]
    state, given_back = sale(*lines, shipping_standard_minor=1500), []
    for each in lines:
        plan = settle(state, each, 1, rules=Rules(shipping=ShippingMode.PROPORTIONAL))
        given_back.append(plan.shipping_minor)
        state = plan.sale
    assert given_back == [900, 450, 150]
    assert (
        plan_settlement(state, [Ask(uuid4(), expense_minor=0)], rules=Rules(shipping="proportional")).shipping_minor
        == 0
    )


def test_case_3_statutory_gives_back_the_standard_fee_only() -> None:
    goods = line(1, 10000)
    state = sale(goods, shipping_standard_minor=500, shipping_surcharge_minor=1000)
    plan = settle(state, goods, 1, rules=Rules(shipping=ShippingMode.STATUTORY))
    assert (plan.shipping_minor, plan.cash_minor) == (500, 10500)


def test_case_7_goodwill_counts_against_cash() -> None:
    goods = line(6, 27000)
    given = plan_settlement(sale(goods), [Ask(uuid4(), goods.id, goodwill_minor=3000)])
    assert given.cash_minor == 3000
    one = settle(given.sale, goods, 1)
    assert one.cash_minor == 4000
    assert settle(given.sale, goods, 6).cash_minor == 24000
    assert settle(one.sale, goods, 5).cash_minor == 20000


def test_case_7_goodwill_beyond_the_price_is_blocked() -> None:
    goods = line(6, 27000)
    plan = plan_settlement(sale(goods), [Ask(uuid4(), goods.id, goodwill_minor=27001)])
    assert [code for code, _ in plan.blocked] == ["credit_ceiling"]


def test_case_7_open_dispute_blocks_cash_and_on_account_is_credit_only() -> None:
    goods = line(6, 27000)
    state = sale(goods)
    state.tenders[0].disputed_minor = 27000
    plan = plan_settlement(state, [Ask(uuid4(), goods.id, 6)])
    assert [code for code, _ in plan.blocked] == ["dispute_open"]
    on_account = settle(sale(goods, captured=0), goods, 6)
    assert (on_account.cash_minor, on_account.total("credit_minor")) == (0, 27000)


def test_case_9_spread_over_tenders() -> None:
    goods = line(3, 10000)
    state = sale(goods, tenders=[3000, 1000, 6000])
    first = plan_settlement(state, [Ask(uuid4(), goods.id, 1)])
    assert (first.cash_minor, [a for _, a in first.tenders]) == (3333, [1000, 333, 2000])
    rest = plan_settlement(first.sale, [Ask(uuid4(), goods.id, 2)])
    assert [a for _, a in rest.tenders] == [2000, 667, 4000]
    halves = line(2, 10000)
    three = plan_settlement(sale(halves, tenders=[3333, 3333, 3334]), [Ask(uuid4(), halves.id, 1)])
    assert [a for _, a in three.tenders] == [1667, 1666, 1667]


def test_case_9_points_are_taken_back_once() -> None:
    goods = line(10, 100000)
    plan = settle(sale(goods, points_earned=100), goods, 1)
    assert plan.points == 10
    assert sum(p.points for p in (plan, settle(plan.sale, goods, 9))) == 100


def test_case_16_currency() -> None:
    from decimal import Decimal

    assert convert_minor(10000, "USD", Decimal("7.00"), "CNY") == 70000
    assert convert_minor(10000, "USD", Decimal("7.20"), "CNY") == 72000
    assert [plan.cash_minor for plan in one_by_one(line(3, 1000), 1, 1, 1)] == [333, 334, 333]


def test_case_20_receivable_before_cash() -> None:
    goods = line(2, 22600, tax=2600)
    half = settle(sale(goods, captured=10000), goods, 1)
    assert (half.cash_minor, half.total("credit_minor"), half.total("tax_minor")) == (0, 11300, 1300)
    assert settle(sale(goods), goods, 1).cash_minor == 11300


def test_history_beyond_the_sale_is_a_price_difference() -> None:
    goods = line(2, 1000)
    plan = settle(sale(goods, captured=0), goods, 1, recorded_minor=1250)
    assert (plan.lines[0].target_minor, plan.lines[0].price_difference_minor) == (1000, 250)
    assert plan.unapplied_minor == 250


@given(units=st.integers(1, 9), paid=st.integers(0, 10**6), funded=st.integers(0, 10**5), data=st.data())
def test_cancelled_and_returned_units_meet_in_the_middle(
    units: int, paid: int, funded: int, data: st.DataObject
) -> None:
    goods = line(units, paid, funded=funded)
    state, order = sale(goods), data.draw(st.permutations([True] * (units // 2) + [False] * (units - units // 2)))
    for unshipped in order:
        state = settle(state, goods, 1, unshipped=unshipped).sale
    assert state.refunded_minor == paid
    end = state.lines[goods.id]
    assert end.credited_minor + end.cancelled_minor == end.sold_minor


def test_the_sale_given_in_is_left_as_it_was() -> None:
    goods = line(3, 2000)
    state = sale(goods)
    settle(state, goods, 3)
    assert (state.refunded_minor, state.lines[goods.id].settled) == (0, 0)


@pytest.mark.parametrize("units", [4, -1])
def test_more_than_was_sold_is_blocked(units: int) -> None:
    goods = line(3, 2000)
    plan = plan_settlement(sale(goods), [Ask(UUID(int=1), goods.id, units)])
    assert [code for code, _ in plan.blocked] == ["credit_ceiling"]
