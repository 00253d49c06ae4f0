"""A draft is read before it is published: gaps, what never decides, contradictions, the law."""

from __future__ import annotations

from typing import Any

import pytest

from guicang.policy.queries.words import finding_text
from guicang.policy.rules import Statement, findings

ALL = {"code": "all", "zh": "全部", "terms": {"days": 7}}


def found(*policies: dict[str, Any], **known: Any) -> list[tuple[str, str, str]]:
    statement = Statement.from_data({"policies": list(policies)})
    return [(one.level, one.code, one.policy) for one in findings(statement, known)]


def policy(code: str, terms: dict[str, Any], **scope: Any) -> dict[str, Any]:
    return {"code": code, "zh": code, "scope": scope, "terms": terms}


def test_nothing_to_say_about_a_good_one() -> None:
    assert found(policy("vip", {"days": 30}, tiers=["vip"]), ALL, tiers=["vip"]) == []


def test_gaps() -> None:
    assert found() == [("error", "no_policy", "")]
    assert found(policy("vip", {"days": 30}, tiers=["vip"])) == [("warning", "no_rule_for_all", "")]
    assert found(policy("vip", {}, tiers=["vip"]), ALL) == [("warning", "says_nothing", "vip")]


def test_what_never_decides() -> None:
    assert found(ALL, policy("vip", {"days": 30}, tiers=["vip"])) == [("error", "never_decides", "vip")]
    assert found(ALL, policy("vip", {"days": 30, "refund_days": 3}, tiers=["vip"])) == [
        ("warning", "decides_in_part", "vip")
    ]
    # Two that hide it together.
    care = policy("care", {"days": 9, "refund_days": 3}, categories=["美妆/护肤"])
    assert found(policy("b", {"refund_days": 5}, categories=["美妆"]), ALL, care) == [
        ("error", "never_decides", "care")
    ]
    # An overlap is no inclusion: members buy cosmetics, but not only.
    assert found(policy("m", {"days": 9}, tiers=["m"]), policy("c", {"days": 8}, categories=["美妆"]), ALL) == []


@pytest.mark.parametrize(
    ("terms", "level", "code"),
    [
        ({"conditions": []}, "error", "accepts_nothing"),
        ({"days": 0}, "warning", "no_time"),
        ({"fees": [{"kind": "percent", "value": 6000}] * 2}, "error", "fees_take_all"),
        ({"keep_below_minor": 500, "approve_below_minor": 100}, "warning", "keeps_more_than_it_grants"),
        ({"days": 6}, "warning", "shorter_than_seven_days"),
        ({"fault_days": 6}, "warning", "fault_shorter_than_seven_days"),
        ({"refund_days": 8}, "warning", "refund_later_than_seven_days"),
        ({"freight_fault": "buyer"}, "warning", "buyer_pays_for_fault"),
        ({"fees": [{"kind": "fixed", "value": 1, "faults": ["seller"]}]}, "warning", "fee_for_fault"),
        ({"excluded": "by_law"}, "warning", "exclusion_without_article"),
        ({"reasons": ["no_such"]}, "error", "unknown_code"),
    ],
)
def test_contradictions_and_the_law(terms: dict[str, Any], level: str, code: str) -> None:
    statement = Statement.from_data({"policies": [policy("one", terms, tiers=["x"]), ALL]})
    hits = [one for one in findings(statement, {"reasons": ["other"]}) if one.code == code]
    assert [(one.level, one.policy) for one in hits] == [(level, "one")]
    assert "%(" not in finding_text(hits[0], {})


def test_codes_nobody_knows() -> None:
    one = policy("one", {"days": 9}, shops=["NOWHERE"], categories=["美妆"])
    assert found(one, ALL, shops=["SHOP"], categories=[]) == [
        ("error", "unknown_code", "one"),
        ("warning", "unknown_code", "one"),
    ]
