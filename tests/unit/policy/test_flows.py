"""Which approval flow a request goes through: all that is said has to hold, and the first from the top applies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from guicang.policy.rules import Asked, Conditions, Flow, NotAPolicy, matching

SOMEBODY = {"roles": ["approver"]}


@dataclass(frozen=True)
class Named:
    name: str
    flow: Flow


def flow(name: str, **conditions: Any) -> Named:
    return Named(name, Flow.from_data({"conditions": conditions, "stages": [SOMEBODY]}))


LARGE = Asked(
    amount_minor=50_000,
    answer="review",
    override=True,
    reasons=frozenset({"quality", "too_small"}),
    faults=frozenset({"seller", "none"}),
    categories=frozenset({"美妆/护肤"}),
    tiers=frozenset({"gold"}),
    resolutions=frozenset({"refund"}),
    risk_points=40,
)


@pytest.mark.parametrize(
    ("said", "applies"),
    [
        ({}, True),
        ({"amount_minor": 50_000}, True),
        ({"amount_minor": 50_001}, False),
        ({"answer": "review"}, True),
        ({"answer": "allow"}, False),
        ({"override": True}, True),
        ({"override": False}, False),
        ({"reasons": ["quality"]}, True),
        ({"reasons": ["late"]}, False),
        ({"faults": ["seller"]}, True),
        ({"faults": ["carrier"]}, False),
        ({"categories": ["美妆"]}, True),
        ({"categories": ["美"]}, False),
        ({"tiers": ["gold", "silver"]}, True),
        ({"tiers": ["silver"]}, False),
        ({"resolutions": ["refund_only"]}, False),
        ({"risk_points": 40}, True),
        ({"risk_points": 41}, False),
        ({"amount_minor": 1, "reasons": ["quality"], "answer": "review"}, True),
        ({"amount_minor": 1, "reasons": ["late"], "answer": "review"}, False),
    ],
)
def test_all_that_is_said_has_to_hold(said: dict[str, Any], applies: bool) -> None:
    assert (matching([flow("x", **said)], LARGE) is not None) is applies


def test_an_amount_that_nobody_knows_is_large_and_a_score_that_nobody_counted_is_none() -> None:
    assert matching([flow("x", amount_minor=10**9)], Asked()) is not None
    assert matching([flow("x", amount_minor=10**9)], Asked(amount_minor=1, same_currency=False)) is not None
    assert matching([flow("x", amount_minor=10**9)], Asked(amount_minor=1)) is None
    assert matching([flow("x", risk_points=1)], Asked()) is None


def test_the_first_from_the_top_applies() -> None:
    flows = [flow("huge", amount_minor=100_000), flow("large", amount_minor=20_000), flow("rest")]
    assert [found.name for found in [matching(flows, LARGE)] if found] == ["large"]
    assert [found.name for found in [matching(flows, Asked(amount_minor=5))] if found] == ["rest"]
    assert matching(flows[:2], Asked(amount_minor=5)) is None


def test_a_flow_is_kept_as_it_is_said() -> None:
    said = {
        "conditions": {"amount_minor": 5, "override": False},
        "stages": [
            {"users": [str(UUID(int=7))], "need": "all", "roles": ["admin"], "hours": 4, "escalate_to": "admin"}
        ],
    }
    assert Flow.from_data(said).as_data() == said
    assert Flow.from_data({"stages": [SOMEBODY]}).conditions == Conditions()


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"stages": []},
        {"stages": [{}]},
        {"stages": [SOMEBODY] * 10},
        {"stages": [{"roles": ["approver", "approver"]}]},
        {"stages": [{**SOMEBODY, "need": "most"}]},
        {"stages": [{**SOMEBODY, "escalate_to": "admin"}]},
        {"stages": [{**SOMEBODY, "hours": 0}]},
        {"stages": [SOMEBODY], "conditions": {"amount": 5}},
        {"stages": [SOMEBODY], "conditions": {"amount_minor": -1}},
    ],
)
def test_what_is_no_flow_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(NotAPolicy):
        Flow.from_data(said)
