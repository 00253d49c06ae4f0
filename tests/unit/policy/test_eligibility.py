"""Verdicts: which policy decides, what it says, and why."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from guicang.policy.queries.files import from_toml, presets, to_toml
from guicang.policy.rules import SILENT, TERMS, Book, Facts, NotAPolicy, Sale, Statement, deadline, eligibility

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
SIGNED = datetime(2026, 11, 1, 1, tzinfo=UTC)  # 09:00 +08:00


def book(*policies: dict[str, Any], currency: str = "CNY") -> Book:
    named = [{"code": f"p{place}", "zh": f"政策 {place}", **one} for place, one in enumerate(policies, 1)]
    return Book(UUID(int=1), 2, Statement.from_data({"currency": currency, "policies": named}))


def codes(facts: Facts, of: Book) -> dict[str, str]:
    return {reason.code: reason.answer for reason in eligibility(facts, of).reasons}


def facts(**more: Any) -> Facts:
    return Facts(**{"asked_at": NOW, "delivered_at": NOW - timedelta(days=3), **more})


#: What the shop of the demo says: 30 days for members, 7 for others, not for opened cosmetics.
SHOP = book(
    {"code": "cosmetics", "scope": {"categories": ["美妆"]}, "terms": {"conditions": ["unopened"]}},
    {"code": "members", "scope": {"tiers": ["会员"]}, "terms": {"days": 30}},
    {"code": "all", "terms": {"days": 7, "counted_from": "delivery", "freight_fault": "seller", "fault_days": 15}},
)


def test_each_term_is_decided_by_the_first_policy_that_says_something() -> None:
    decided = SHOP.decide(Sale(category="美妆/护肤", tier="会员"))
    assert (decided.days, decided.conditions, decided.counted_from) == (30, ("unopened",), "delivery")
    assert [decided.said_by[name] for name in ("days", "conditions", "counted_from", "refund_days")] == [
        "members",
        "cosmetics",
        "all",
        "",
    ]
    assert [one.code for one in SHOP.policies(Sale(category="美妆"))] == ["cosmetics", "all"]
    assert SHOP.decide(Sale()).days == 7
    # 美妆工具 is another category, not one within 美妆.
    assert SHOP.decide(Sale(category="美妆工具")).conditions is None


@pytest.mark.parametrize(
    ("more", "answer", "worst"),
    [
        ({}, "allow", "in_time"),
        ({"delivered_at": NOW - timedelta(days=9)}, "refuse", "too_late"),
        ({"delivered_at": NOW - timedelta(days=9), "sale": Sale(tier="会员")}, "allow", "in_time"),
        ({"sale": Sale(category="美妆"), "condition": "unused"}, "refuse", "condition_not_accepted"),
        ({"sale": Sale(category="美妆"), "condition": "unopened"}, "allow", "in_time"),
        ({"sale": Sale(category="美妆"), "condition": "unused", "fault": "seller"}, "allow", "in_time"),
        ({"delivered_at": NOW - timedelta(days=9), "fault": "carrier"}, "allow", "in_time"),
        ({"delivered_at": NOW - timedelta(days=20), "fault": "seller"}, "review", "too_late"),
        ({"delivered_at": None}, "allow", "not_begun"),
        ({"has_order": False, "delivered_at": None}, "review", "no_order"),
        ({"returnable": False}, "review", "non_returnable_unconfirmed"),
        ({"returnable": False, "confirmed_non_returnable": True}, "refuse", "non_returnable_confirmed"),
    ],
)
def test_answers(more: dict[str, Any], answer: str, worst: str) -> None:
    found = eligibility(facts(**more), SHOP)
    assert (found.answer, found.reasons[0].code) == (answer, worst)
    assert found.version == 2
    assert found.as_data()["reasons"][0]["code"] == worst


def test_every_reason_says_which_policy_made_it() -> None:
    found = eligibility(
        facts(delivered_at=NOW - timedelta(days=40), sale=Sale(category="美妆", tier="会员"), condition="used"), SHOP
    )
    assert [(one.code, one.answer, one.policy) for one in found.reasons] == [
        ("too_late", "refuse", "members"),
        ("condition_not_accepted", "refuse", "cosmetics"),
    ]


def test_who_pays_the_way_back() -> None:
    assert eligibility(facts(fault="seller"), SHOP).terms["freight"] == "seller"
    assert eligibility(facts(fault="buyer"), SHOP).terms["freight"] == "buyer"
    assert eligibility(facts(fault="seller"), SHOP).said_by["freight"] == "all"
    free = book({"terms": {"freight_choice": "seller"}})
    assert eligibility(facts(fault="none"), free).terms["freight"] == "seller"


def test_fees_by_fault_and_condition() -> None:
    fee = {"kind": "percent", "value": 1500, "conditions": ["used"]}
    of = book({"terms": {"days": 7, "fees": [fee]}})
    assert eligibility(facts(condition="used", fault="buyer"), of).terms["fees"][0]["value"] == 1500
    assert "fees" not in eligibility(facts(condition="unused", fault="buyer"), of).terms
    assert "fees" not in eligibility(facts(condition="used", fault="seller"), of).terms


def test_small_amounts_are_granted_without_a_person() -> None:
    of = book({"terms": {"approve_below_minor": 5000}})
    assert eligibility(facts(amount_minor=5000), of).automatic
    assert not eligibility(facts(amount_minor=5001), of).automatic
    assert not eligibility(facts(amount_minor=None), of).automatic
    # The limit is stated in the statement's currency, and means nothing in another one.
    assert not eligibility(facts(amount_minor=100, currency="EUR"), of).automatic
    assert not eligibility(facts(amount_minor=100, returnable=False), of).automatic


def test_pictures_reasons_and_ways() -> None:
    of = book(
        {"terms": {"evidence": "fault", "evidence_from_minor": 1000, "reasons": ["a"], "resolutions": ["refund"]}}
    )
    assert codes(facts(fault="seller", pictures=0, amount_minor=1000), of)["evidence_missing"] == "review"
    assert "evidence_missing" not in codes(facts(fault="seller", pictures=0, amount_minor=999), of)
    assert "evidence_missing" not in codes(facts(fault="seller", pictures=1, amount_minor=1000), of)
    assert "evidence_missing" not in codes(facts(fault="seller"), of)
    assert codes(facts(reason="b"), of)["reason_not_accepted"] == "refuse"
    assert codes(facts(reason="b", fault="seller"), of)["reason_not_accepted"] == "review"
    assert codes(facts(resolution="exchange"), of)["resolution_not_offered"] == "refuse"


def test_seasons_payments_and_sellers() -> None:
    of = book(
        {"scope": {"sold_from": "2026-11-01", "sold_until": "2026-12-24"}, "terms": {"days": 60}},
        {"scope": {"payments": ["alipay"], "sellers": ["S1"]}, "terms": {"days": 10}},
        {"terms": {"days": 7}},
    )
    assert of.decide(Sale(sold_on=date(2026, 12, 24))).days == 60
    assert of.decide(Sale(sold_on=date(2026, 12, 25))).days == 7
    assert of.decide(Sale(payments=("cash", "alipay"), seller="S1")).days == 10
    assert of.decide(Sale(payments=("cash",), seller="S1")).days == 7


def test_hours_and_holidays() -> None:
    of = book({"terms": {"days": 7, "counted_from": "delivery", "counting": "hours"}})
    assert eligibility(facts(delivered_at=SIGNED, asked_at=SIGNED), of).deadline == SIGNED + timedelta(days=7)
    # 2026-10-01 is a holiday in China: the last day moves to the first working day after, 2026-10-08.
    start = datetime(2026, 9, 24, 1, tzinfo=UTC)
    assert deadline(start, 7, "Asia/Shanghai", country="CN") == datetime(2026, 10, 8, 16, tzinfo=UTC)
    assert deadline(start, 7, "Asia/Shanghai") == datetime(2026, 10, 1, 16, tzinfo=UTC)
    switched = book({"terms": {"days": 7, "counted_from": "delivery", "holidays_extend": True}})
    seen = facts(delivered_at=start, asked_at=start, country="CN")
    assert eligibility(seen, switched).deadline == datetime(2026, 10, 8, 16, tzinfo=UTC)
    # Saturday 2026-10-10 is a day of work made up for the holidays.
    assert deadline(datetime(2026, 10, 3, 1, tzinfo=UTC), 7, "Asia/Shanghai", country="CN") == datetime(
        2026, 10, 10, 16, tzinfo=UTC
    )


def test_what_is_no_policy_says_where() -> None:
    for data, place in (
        ({"policies": [{"code": "a", "zh": "甲", "terms": {"dayz": 3}}]}, "policies.0.terms.dayz"),
        ({"policies": [{"code": "a", "zh": "甲", "terms": {"days": -1}}]}, "policies.0.terms.days"),
        ({"policies": [{"code": "A b", "zh": "甲"}]}, "policies.0.code"),
        ({"policies": [{"code": "a", "zh": "甲"}, {"code": "a", "zh": "乙"}]}, "-"),
        ({"policies": [{"code": "a", "zh": "", "terms": {}}]}, "policies.0.zh"),
        (
            {"policies": [{"code": "a", "zh": "甲", "terms": {"fees": [{"kind": "percent", "value": 10_001}]}}]},
            "policies.0.terms.fees.0",
        ),
    ):
        with pytest.raises(NotAPolicy) as found:
            Statement.from_data(data)
        assert [where for where, _ in found.value.faults] == [place]


def test_what_nobody_says_is_silent_on_every_term() -> None:
    assert set(SILENT) == set(TERMS)
    assert book({}).decide(Sale()).terms == dict(SILENT)


def test_a_statement_is_one_file_and_reads_back() -> None:
    for preset in presets().values():
        name, again = from_toml(to_toml(preset.zh, preset.statement).encode())
        assert (name, again) == (preset.zh, preset.statement)
    for content in (b"\xff\xfe", b"policies = 3", b"policies = [", b"a" * 600_000):
        with pytest.raises(NotAPolicy):
            from_toml(content)
