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


def book(**terms: Any) -> rules.Book:
    return rules.Book(NIL, 1, rules.Statement.from_data({"policies": [{"code": "all", "zh": "全部", "terms": terms}]}))


def test_hard_case_19_the_last_day_is_inclusive_in_the_markets_zone() -> None:
    until = rules.deadline(SHANGHAI_TUESDAY, 7, "Asia/Shanghai")
    assert until == datetime(2026, 11, 10, 16, tzinfo=UTC)
    seven = book(days=7, counted_from="delivery")

    def answer(asked_at: datetime) -> str:
        return rules.eligibility(rules.Facts(asked_at, delivered_at=SHANGHAI_TUESDAY), seven).answer

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


@pytest.mark.django_db
def test_the_version_in_force_is_the_last_one_effective_by_then() -> None:
    company_id = new_id()
    assert queries.version_in_force(company_id, [NOW]) == [queries.NOTHING]
    with transaction.atomic():
        plain = operations.ensure_default(context(), company_id)
        assert operations.ensure_default(context(), company_id) == plain
        facts: dict[str, Any] = {"effective_from": NOW}
        fourteen, seven = book(days=14).statement.as_data(), book(days=7).statement.as_data()
        ours = operations.state_version(context(), company_id, name="14", statement=fourteen, **facts)
        newer = operations.state_version(context(), company_id, name="7", statement=seven, **facts)
    found = queries.version_in_force(company_id, [NOW - timedelta(seconds=1), NOW])
    assert [(version.id, version.provisional) for version in found] == [(plain, True), (newer, False)]
    numbers = PolicyVersion.objects.filter(company_id=company_id).order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3]
    books = queries.books([plain, ours, NIL])
    assert [books[key].decide(rules.Sale()).days for key in (plain, ours, NIL)] == [30, 14, 30]
    states = [(one.number, one.state) for one in queries.versions(company_id, NOW)]
    assert states == [(3, "in_force"), (2, "past"), (1, "past")]
    assert queries.versions(company_id, NOW - timedelta(days=1))[0].state == "scheduled"
