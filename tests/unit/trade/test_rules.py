"""Freezing amounts, without a database."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guicang.trade import rules

RATES = st.sampled_from([Decimal(0), Decimal("0.01"), Decimal("0.06"), Decimal("0.13"), Decimal("0.2")])
AMOUNTS = st.integers(min_value=0, max_value=10**9)


def test_an_orders_discount_is_spread_in_line_order() -> None:
    """HARD-CASES 1: lines 6.00 + 4.00 less 1.00 -> 5.40, 3.60."""
    assert rules.spread(100, [600, 400]) == [60, 40]


def test_hard_case_2_tax_is_as_invoiced() -> None:
    """10 x 23.90 incl. 20 % less 25 %: 179.25, invoiced as 149.37 + 29.88."""
    frozen = rules.freeze(23900, [(5975, False)], Decimal("0.20"), None, inclusive=True)
    assert frozen is not None
    assert (frozen.paid_minor, frozen.tax_minor) == (17925, 2988)


def test_hard_case_17_bundle() -> None:
    whole = rules.freeze(15999, [], Decimal("0.06"), None, inclusive=False)
    assert whole is not None
    assert (whole.sold_minor, whole.tax_minor) == (16959, 960)
    a, b = rules.explode(whole, [8300, 7000], [])
    assert (a.sold_minor - a.tax_minor, a.tax_minor) == (8679, 521)
    assert (b.sold_minor - b.tax_minor, b.tax_minor) == (7320, 439)


@pytest.mark.parametrize(
    ("gross", "discounts", "tax"),
    [(100, [(101, False)], None), (100, [(-1, False)], None), (-1, [], None), (100, [], 101), (100, [], -1)],
)
def test_amounts_that_do_not_fit(gross: int, discounts: list[tuple[int, bool]], tax: int | None) -> None:
    assert rules.freeze(gross, discounts, Decimal(0), tax, inclusive=True) is None


@given(
    gross=AMOUNTS,
    cuts=st.lists(st.tuples(AMOUNTS, st.booleans()), max_size=4),
    rate=RATES,
    inclusive=st.booleans(),
    weights=st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=6),
)
def test_frozen_amounts_add_up(
    gross: int, cuts: list[tuple[int, bool]], rate: Decimal, inclusive: bool, weights: list[int]
) -> None:
    frozen = rules.freeze(gross, cuts, rate, None, inclusive=inclusive)
    if frozen is None:
        assert sum(amount for amount, _ in cuts) > gross
        return
    assert frozen.gross_minor - sum(frozen.discounts) == frozen.paid_minor
    assert frozen.funded_minor == sum(amount for amount, by_others in cuts if by_others)
    parts = rules.explode(frozen, weights, [by_others for _, by_others in cuts])
    for column in ("gross_minor", "paid_minor", "funded_minor", "tax_minor", "sold_minor"):
        assert sum(getattr(part, column) for part in parts) == getattr(frozen, column)
    assert all(0 <= part.tax_minor <= part.sold_minor for part in parts)


@given(
    paid=AMOUNTS,
    funded=AMOUNTS,
    share=st.fractions(min_value=0, max_value=1),
    steps=st.lists(st.integers(min_value=1, max_value=40), min_size=1, max_size=12),
)
def test_shares_sum_exactly_and_are_never_negative(paid: int, funded: int, share: object, steps: list[int]) -> None:
    tax = int((paid + funded) * share)  # type: ignore[operator]
    ordered, before, whole = sum(steps), 0, rules.Share(paid, funded, tax)
    found = []
    for units in steps:
        found.append(rules.share(whole, before, before + units, ordered))
        before += units
    assert tuple(map(sum, zip(*found, strict=True))) == (paid, funded, tax)
    assert all(0 <= part.tax_minor <= part.paid_minor + part.funded_minor for part in found)


def test_increments_get_numbers_of_their_own() -> None:
    taken: set[str] = set()
    for expected in ("S1", "S1~2", "S1~3"):
        number = rules.next_number("S1", taken)
        assert number == expected
        assert rules.base_number(number) == "S1"
        taken.add(number)
    assert rules.base_number("2026~A") == "2026~A"
