"""Prices of what is given instead: whatever is asked for in place of a line, and however it comes back."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guicang.kernel.ids import NIL
from guicang.returns.settlement.exchanging import (
    GivenBack,
    Instead,
    Item,
    Pricing,
    difference,
    price,
    same_item,
    transfer,
)
from guicang.trade.rules import freeze

VAT = Decimal("0.06")
OTHER = Pricing.LISTED


def one(pricing: str = Pricing.SAME, unit: int = 0, units: int = 1, per: int = 1) -> Instead:
    return Instead(uuid4(), units, per, pricing, unit, VAT)


@pytest.mark.parametrize(
    ("wanted", "cost", "left"),
    [
        (one(OTHER, 9000), 9540, 1060),
        (one(OTHER, 5000), 5300, -3180),
        (one(), 8480, 0),
    ],
)
def test_case_10(wanted: Instead, cost: int, left: int) -> None:
    (found,) = price(GivenBack(1, 8480, 0, 480), [wanted], inclusive=False)
    assert (found.paid_minor, difference(8480, found.paid_minor)) == (cost, left)
    assert found.tax_minor == cost * 6 // 106


@pytest.mark.parametrize(
    ("given_back", "inclusive", "found"),
    [
        # The price was funded whole and the buyer paid its tax; a part of the units rounds to a cent less.
        (GivenBack(1, 58, 975, 59), False, (58, 975, 58)),
        (GivenBack(1, 58, 975, 59), True, (58, 975, 59)),
        # More is withheld on the line than its goods paid.
        (GivenBack(1, -30, 0, -3), True, (0, 0, 0)),
    ],
)
def test_what_is_given_in_place_is_an_order_that_can_be(
    given_back: GivenBack, inclusive: bool, found: tuple[int, int, int]
) -> None:
    (row,) = price(given_back, [one()], inclusive=inclusive)
    assert (row.paid_minor, row.funded_minor, row.tax_minor) == found
    stated = row.paid_minor + row.funded_minor - (0 if inclusive else row.tax_minor)
    assert freeze(stated, [(row.funded_minor, True)], VAT, row.tax_minor, inclusive=inclusive) is not None


def test_same_item() -> None:
    product = uuid4()
    had = Item(uuid4(), product, 11000)
    assert same_item(had, Item(had.sku_id))
    assert same_item(had, Item(uuid4(), product, 11000))
    assert not same_item(had, Item(uuid4(), product, 12000))
    assert not same_item(Item(uuid4(), NIL, 100), Item(uuid4(), NIL, 100))


MONEY = st.integers(0, 10**7)


@st.composite
def back(draw: st.DrawFn) -> GivenBack:
    paid, funded = draw(MONEY), draw(MONEY)
    return GivenBack(draw(st.integers(1, 12)), paid, funded, draw(st.integers(0, paid + funded)))


@given(given_back=back(), parts=st.lists(st.integers(1, 6), min_size=1, max_size=4))
def test_the_same_items_share_exactly_what_is_given_back(given_back: GivenBack, parts: list[int]) -> None:
    """Split into as many wishes as one likes: never more than is given back, and all of it where all is replaced."""
    wanted = []
    left = given_back.units
    for part in parts:
        if units := min(part, left):
            wanted.append(one(units=units, per=given_back.units))
            left -= units
    found = price(given_back, wanted, inclusive=True)
    for row in found:
        assert min(row.paid_minor, row.funded_minor, row.tax_minor) >= 0
        assert row.tax_minor <= row.paid_minor + row.funded_minor
    sums = [sum(getattr(row, name) for row in found) for name in ("paid_minor", "funded_minor")]
    whole = [given_back.paid_minor, given_back.funded_minor]
    assert all(a <= b for a, b in zip(sums, whole, strict=True))
    if not left:
        assert sums == whole


@given(
    asked=st.lists(st.tuples(st.integers(1, 5), MONEY), min_size=1, max_size=4),
    per=st.integers(1, 6),
    units=st.integers(0, 6),
    inclusive=st.booleans(),
)
def test_of_fewer_units_back_fewer_again(asked: list[tuple[int, int]], per: int, units: int, inclusive: bool) -> None:
    units = min(units, per)
    wanted = [one(OTHER, unit, count, per) for count, unit in asked]
    found = price(GivenBack(units, 1000), wanted, inclusive=inclusive)
    full = price(GivenBack(per, 1000), wanted, inclusive=inclusive)
    assert sum(row.units for row in full) == sum(count for count, _ in asked)
    assert sum(row.paid_minor for row in found) <= sum(row.paid_minor for row in full)
    whole = {row.ref: row.units for row in full}
    assert all(row.units * per <= whole[row.ref] * units for row in found)


@given(amounts=st.lists(MONEY, min_size=1, max_size=4), left=MONEY)
def test_a_transfer_never_takes_more_than_a_tender_gives_or_than_is_open(amounts: list[int], left: int) -> None:
    tenders = [(uuid4(), amount) for amount in amounts]
    moved = transfer(tenders, left)
    assert sum(moved.values()) == min(left, sum(amounts))
    assert all(0 < moved[key] <= amount for key, amount in tenders if key in moved)
