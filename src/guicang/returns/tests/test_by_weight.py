"""Goods sold by weight: T(W_q) = round(T * W_q / W), each piece by its own weight (HARD-CASES, Allocation)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from guicang.returns.settlement import Ask, Plan, Sale, SaleLine, SaleTender, plan_settlement

Piece = tuple[int, int]


def sold(weights: list[int], paid: int, *, tax: int = 0, stated: int = 0, weighed: bool = True) -> Sale:
    line = SaleLine(uuid4(), len(weights), paid, paid, tax, weight_g=stated or sum(weights), weighed=weighed)
    return Sale(uuid4(), "CNY", paid, paid, 0, 0, {line.id: line}, [SaleTender(uuid4(), paid, 0)])


def back(sale: Sale, units: int = 1, **more: Any) -> Plan:
    (key,) = sale.lines
    plan = plan_settlement(sale, [Ask(uuid4(), key, units, **more)])
    assert not plan.blocked, plan.blocked
    return plan


def test_three_pieces_each_for_what_it_weighed() -> None:
    """2,157 g for 107.85, tax 12.41 in it: 812 g, 640 g and 705 g come back in another order."""
    sale, paid, taxes = sold([812, 640, 705], 10785, tax=1241), [], []
    for grams in (640, 705, 812):
        plan = back(sale, weight_g=grams)
        sale = plan.sale
        paid.append(plan.cash_minor)
        taxes.append(plan.total("tax_minor"))
    assert paid == [3200, 3525, 4060]
    assert (sum(paid), sum(taxes)) == (10785, 1241)


def test_before_all_has_left_a_piece_is_an_average_one() -> None:
    plan = back(sold([900, 300], 1200, weighed=False), weight_g=900)
    assert plan.cash_minor == 600


def test_what_was_not_sent_is_settled_by_pieces() -> None:
    sale = back(sold([500, 500, 501], 3001, weighed=False), unshipped=True).sale
    assert sale.refunded_minor == 3001 - 2001
    assert back(back(sale, weight_g=1).sale).sale.refunded_minor == 3001


@given(
    pieces=st.lists(st.integers(1, 5000), min_size=1, max_size=6),
    paid=st.integers(0, 500_00),
    off=st.integers(-50, 50),
    data=st.data(),
)
def test_any_order_of_pieces_and_reversals_ends_at_what_was_paid(
    pieces: list[int], paid: int, off: int, data: st.DataObject
) -> None:
    """Also where the pieces do not add up to what the line is said to weigh."""
    sale = sold(pieces, paid, tax=paid // 9, stated=max(1, sum(pieces) + off))
    (key,) = sale.lines
    out = list(range(len(pieces)))
    came: dict[int, int] = {}
    for _ in range(data.draw(st.integers(0, 12))):
        place = data.draw(st.sampled_from(range(len(pieces))))
        if place in came:
            plan = back(sale, -1, measure=-came.pop(place), weight_g=pieces[place])
            out.append(place)
        else:
            plan = back(sale, weight_g=pieces[place])
            came[place] = plan.lines[0].measure
            out.remove(place)
        sale = plan.sale
        assert all(line.target_minor * (1 if line.quantity > 0 else -1) >= 0 for line in plan.lines)
        line = sale.lines[key]
        assert (line.settled, line.settled_measure) == (len(came), sum(came.values()))
        assert sale.refunded_minor == line.price(line.done)
    for place in out:
        sale = back(sale, weight_g=pieces[place]).sale
    line = sale.lines[key]
    assert (sale.refunded_minor, line.credited_tax_minor) == (paid, line.tax_minor if paid else 0)
