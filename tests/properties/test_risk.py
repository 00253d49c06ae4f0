"""Risk is a sum of reasons: it rises with what speaks for it and leans on peers while little is known."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from guicang.returns.risk import (
    DEFAULTS,
    FEATURES,
    PEERS_LEAST,
    Features,
    Peers,
    Prior,
    Rules,
    Weight,
    is_high,
    prior,
    score,
    weight_off,
)

COUNTS = ("requests", "mismatches", "goods", "weight", "not_received", "worn", "last_day", "shared")
priors = st.builds(
    lambda mean, strength: Prior(max(1, mean * strength // 1000), strength),
    st.integers(1, 999),
    st.integers(1000, 199_000),
)
weights = st.fixed_dictionaries(
    {code: st.builds(Weight, st.integers(0, 100), st.integers(0, 200), st.integers(1, 30)) for code in FEATURES}
)
rules = st.builds(Rules, st.just(True), st.integers(1, 300), st.integers(1, 90), st.just(()), weights)
features = st.builds(
    Features,
    orders=st.integers(0, 60),
    returned=st.just(0),
    prior=st.none() | priors,
    amount_minor=st.none() | st.integers(0, 10**7),
    usual_minor=st.integers(0, 10**5),
    **{name: st.integers(0, 40) for name in COUNTS},
)


@given(features, rules, st.data())
def test_more_of_anything_never_lowers_the_score(known: Features, said: Rules, data: Any) -> None:
    known = replace(known, returned=data.draw(st.integers(0, known.orders)))
    name = data.draw(st.sampled_from([*COUNTS, "returned"]))
    most = known.orders if name == "returned" else 80
    more = replace(known, **{name: data.draw(st.integers(getattr(known, name), max(most, getattr(known, name))))})
    assert score(more, said).points >= score(known, said).points


@given(features, rules)
def test_the_score_is_the_sum_of_its_parts_and_each_stays_within_its_weight(known: Features, said: Rules) -> None:
    found = score(known, said)
    assert found.points == sum(part.points for part in found.parts) >= 0
    assert len({part.code for part in found.parts}) == len(found.parts)
    assert all(0 < part.points <= said.weights[part.code].most for part in found.parts)


@given(priors, st.integers(0, 60), st.data())
def test_the_rate_lies_between_ones_own_and_the_peers(known: Prior, orders: int, data: Any) -> None:
    returned = data.draw(st.integers(0, orders))
    own = Fraction(returned, orders) if orders else known.mean
    low, high = sorted([own, known.mean])
    assert low <= known.rate(returned, orders) <= high


@given(priors, st.integers(1, 20), st.integers(2, 6))
def test_with_more_evidence_of_the_same_kind_the_rate_leaves_the_peers(known: Prior, orders: int, times: int) -> None:
    little, much = known.rate(orders, orders), known.rate(orders * times, orders * times)
    assert known.mean < little < much < 1


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 30)), min_size=PEERS_LEAST, max_size=80))
def test_what_peers_do_is_their_common_share(pairs: list[tuple[int, int]]) -> None:
    counts = [(n, min(k, n)) for n, k in pairs]
    orders, returned = sum(n for n, _ in counts), sum(k for _, k in counts)
    squares, milli = sum(n * n for n, _ in counts), sum(1000 * k * k // n for n, k in counts)
    found = prior(Peers(len(counts), orders, returned, squares, milli))
    if not 0 < returned < orders:
        assert found is None
        return
    assert found is not None
    assert abs(found.mean - Fraction(returned, orders)) < Fraction(1, 500)
    assert 1000 <= found.orders_milli <= 199_000


def test_customers_who_are_all_alike_say_more_than_those_of_two_kinds() -> None:
    alike = [(10, 2)] * 40
    kinds = [(10, 0)] * 32 + [(10, 10)] * 8

    def strength(counts: list[tuple[int, int]]) -> int:
        sums = (sum(n for n, _ in counts), sum(k for _, k in counts), sum(n * n for n, _ in counts))
        found = prior(Peers(len(counts), *sums, sum(1000 * k * k // n for n, k in counts)))
        assert found is not None
        return found.orders_milli

    assert strength(alike) == 199_000
    assert strength(kinds) == 1000
    assert strength([(10, 1)] * 20 + [(10, 3)] * 20) > strength([(10, 0)] * 20 + [(10, 4)] * 20)


def test_few_peers_say_nothing_and_few_orders_count_nothing() -> None:
    assert prior(Peers(PEERS_LEAST - 1, 100, 10, 1000, 1500)) is None
    known = Prior(1000, 10_000)
    said = Rules(on=True)
    least = DEFAULTS["rate"].start
    assert score(Features(orders=least - 1, returned=least - 1, prior=known), said).points == 0
    (part,) = score(Features(orders=least, returned=least, prior=known), said).parts
    # (1 + 5) of (10 + 5) orders is 40 %, and 30 of a hundred above the peers' 10.
    assert (part.code, part.points, part.data["rate"], part.data["peers"]) == ("rate", 30, 40, 10)


def test_lists_decide_whether_somebody_looks() -> None:
    assert [is_high(points, 50, "") for points in (0, 49, 50, 51)] == [False, False, True, True]
    assert not is_high(500, 50, "allow")
    assert is_high(0, 50, "block")


def test_a_weight_that_nobody_knows_is_not_off() -> None:
    assert [weight_off(0, 500), weight_off(500, 0), weight_off(500, 500)] == [0, 0, 0]
    assert [weight_off(500, 400), weight_off(500, 600), weight_off(500, 1)] == [20, 20, 100]


@given(rules)
def test_rules_are_kept_as_data(said: Rules) -> None:
    assert Rules.of(said.as_data()) == said
