"""What a parcel back costs, by its rates: numbers by hand, and what holds for any table."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guicang.logistics.rules import MOST, Cost, Rate, cost_of, wrong_rates

DAY = date(2026, 11, 3)


def rate(first: int = 1000, **more: Any) -> Rate:
    return Rate(first, **{"valid_from": date(2026, 1, 1), **more})


def cost(*rates: Rate, **more: Any) -> Cost | None:
    return cost_of(rates, **{"zone": "CN", "warehouse": "WH", "day": DAY, "weight_g": 1500, **more})


@pytest.mark.parametrize(
    ("weight_g", "minor"), [(0, 1000), (1, 1000), (1000, 1000), (1001, 1200), (1500, 1200), (1501, 1400), (3000, 1800)]
)
def test_first_weight_then_each_step_begun(weight_g: int, minor: int) -> None:
    assert rate(first_g=1000, next_g=500, next_minor=200).cost(weight_g) == minor


def test_without_a_step_it_is_flat() -> None:
    assert {rate(first_g=1000).cost(grams) for grams in (0, 999, 50_000)} == {1000}


def test_what_is_named_comes_before_what_is_for_all_and_newer_before_older() -> None:
    anywhere, here = rate(900), rate(1500, zone="CN")
    assert cost(anywhere, here) == Cost(1500, "")
    assert cost(anywhere, here, zone="DE") == Cost(900, "")
    assert cost(here, zone="DE") is None
    assert cost(here, rate(1600, zone="CN", warehouse="WH")) == Cost(1600, "")
    assert cost(here, rate(1600, zone="CN", warehouse="OTHER")) == Cost(1500, "")
    later = rate(1700, zone="CN", valid_from=DAY)
    assert cost(here, later) == Cost(1700, "")
    assert cost(here, later, day=date(2026, 11, 2)) == Cost(1500, "")


def test_of_several_carriers_the_cheapest() -> None:
    slow, fast = (
        rate(800, carrier="slow", zone="CN"),
        rate(700, carrier="fast", first_g=1000, next_g=100, next_minor=50),
    )
    assert cost(slow, fast, weight_g=1000) == Cost(700, "fast")
    assert cost(slow, fast, weight_g=1500) == Cost(800, "slow")


def test_what_is_no_rate() -> None:
    assert wrong_rates([rate(), rate(-1), rate(next_minor=1), rate(MOST + 1), rate(5)]) == {
        2: "bounds",
        3: "bounds",
        4: "bounds",
        5: "twice",
    }


RATES = st.builds(
    Rate,
    st.integers(0, 10**6),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.sampled_from(["", "CN", "DE"]),
    st.sampled_from(["", "WH"]),
    st.sampled_from(["", "a", "b"]),
    st.integers(0, 5000),
    st.integers(0, 2000),
    st.integers(0, 5000),
)


@given(st.lists(RATES, max_size=8), st.integers(0, 30_000), st.integers(0, 30_000))
def test_heavier_never_costs_less_whatever_the_table(rates: list[Rate], one: int, other: int) -> None:
    light, heavy = (cost(*rates, weight_g=grams) for grams in sorted((one, other)))
    assert (light is None) == (heavy is None)
    assert light is None or heavy is None or 0 <= light.amount_minor <= heavy.amount_minor


@given(st.lists(RATES, max_size=8))
def test_kept_as_data_it_is_the_same(rates: list[Rate]) -> None:
    assert [Rate.of(each.as_data()) for each in rates] == rates
