"""Deadlines, verdicts, and which version was in force."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from guicang.kernel.ids import NIL, new_id
from guicang.policy import operations, queries, rules
from guicang.policy.models import PolicyVersion
from tests.unit.trade.world import NOW, context

SHANGHAI_TUESDAY = datetime(2026, 11, 3, 15, 30, tzinfo=UTC)  # 23:30 +08:00


def test_hard_case_19_the_last_day_is_inclusive_in_the_markets_zone() -> None:
    until = rules.deadline(SHANGHAI_TUESDAY, 7, "Asia/Shanghai")
    assert until == datetime(2026, 11, 10, 16, tzinfo=UTC)
    terms = rules.Terms(days=7, counted_from="delivery")

    def answer(asked_at: datetime) -> str:
        facts = rules.Facts(asked_at, None, SHANGHAI_TUESDAY)
        return rules.verdict(facts, terms).answer

    assert answer(until - timedelta(milliseconds=1)) == "allow"
    assert answer(until) == "refuse"


def test_a_day_that_is_no_24_hours_is_a_day() -> None:
    # Clocks in London go back on 2026-10-25: the deadline is midnight there, an hour later in UTC.
    assert rules.deadline(datetime(2026, 10, 20, 12, tzinfo=UTC), 3, "Europe/London") == datetime(
        2026, 10, 23, 23, tzinfo=UTC
    )
    assert rules.deadline(datetime(2026, 10, 20, 12, tzinfo=UTC), 7, "Europe/London") == datetime(
        2026, 10, 28, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("facts", "answer", "codes"),
    [
        ({}, "allow", []),
        ({"shipped_at": NOW - timedelta(days=60)}, "refuse", ["too_late"]),
        ({"shipped_at": NOW - timedelta(days=60), "seller_fault": True}, "review", ["too_late"]),
        ({"shipped_at": None}, "allow", []),
        ({"has_order": False, "shipped_at": None}, "review", ["no_order"]),
        ({"returnable": False}, "review", ["non_returnable_unconfirmed"]),
        ({"returnable": False, "confirmed_non_returnable": True}, "refuse", ["non_returnable_confirmed"]),
        (
            {"returnable": False, "shipped_at": NOW - timedelta(days=60)},
            "refuse",
            ["too_late", "non_returnable_unconfirmed"],
        ),
    ],
)
def test_verdicts(facts: dict[str, Any], answer: str, codes: list[str]) -> None:
    found = rules.verdict(
        rules.Facts(**{"asked_at": NOW, "shipped_at": NOW - timedelta(days=2), **facts}), rules.Terms()
    )
    assert (found.answer, [reason.code for reason in found.reasons]) == (answer, codes)
    assert all(str(queries.reason_text(reason)) != reason.code for reason in found.reasons)
    assert found.as_data()["answer"] == answer


def test_what_is_no_policy() -> None:
    for data in ({"days": -1}, {"days": "7"}, {"counted_from": "order"}):
        with pytest.raises(ValueError, match="not terms"):
            rules.Terms.from_data(data)


@pytest.mark.django_db
def test_the_version_in_force_is_the_last_one_effective_by_then() -> None:
    company_id = new_id()
    assert queries.version_in_force(company_id, [NOW]) == [queries.NOTHING]
    with transaction.atomic():
        plain = operations.ensure_default(context(), company_id)
        assert operations.ensure_default(context(), company_id) == plain
        facts: dict[str, Any] = {"code": "ours", "effective_from": NOW}
        ours = operations.state_version(context(), company_id, name="14", terms={"days": 14}, **facts)
        newer = operations.state_version(context(), company_id, name="7", terms={"days": 7}, **facts)
    found = queries.version_in_force(company_id, [NOW - timedelta(seconds=1), NOW])
    assert [(version.id, version.provisional) for version in found] == [(plain, True), (newer, False)]
    assert list(PolicyVersion.objects.filter(code="ours").order_by("number").values_list("number", flat=True)) == [1, 2]
    terms = queries.terms([plain, ours, NIL])
    assert (terms[plain].days, terms[ours].days, terms[NIL].days) == (30, 14, 30)
