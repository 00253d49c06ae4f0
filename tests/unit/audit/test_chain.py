"""Writing the trail: chains, heads, keys, statement counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from guicang.audit import errors, operations, proofs, queries
from guicang.audit.models import AuditHead, AuditRow
from guicang.audit.operations import AuditEntry
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import new_id

pytestmark = pytest.mark.django_db

COMPANY = new_id()
NOW = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


def context(now: datetime = NOW, origin: str = "live") -> Context:
    return Context(new_id(), Actor("staff", new_id()), now, origin)


def entry(aggregate: UUID, action: str = "changed", company: UUID = COMPANY, **after: object) -> AuditEntry:
    return AuditEntry(company, "return", aggregate, action, {}, after, reason="because")


def test_entries_of_one_aggregate_chain_in_order_within_and_across_sets() -> None:
    first, second = new_id(), new_id()
    operations.record(context(), [entry(first, "a"), entry(second, "x"), entry(first, "b")])
    operations.record(context(), [entry(first, "c")])
    assert [(item.seq, item.action) for item in queries.history(first)] == [(1, "a"), (2, "b"), (3, "c")]
    rows = list(AuditRow.objects.filter(aggregate_id=first).order_by("seq"))
    assert [row.previous_mac for row in rows] == ["", rows[0].mac, rows[1].mac]
    assert proofs.proofs()[0].ok


def test_a_row_says_who_when_and_what() -> None:
    aggregate, order = new_id(), new_id()
    act = context()
    happened = datetime(2026, 2, 28, 23, 30, tzinfo=timezone(-timedelta(hours=5)))
    change = AuditEntry(
        COMPANY,
        "order",
        aggregate,
        "paid",
        {"paid": 0},
        {"paid": Decimal("1.20"), "order": order},
        occurred_at=happened,
    )
    operations.record(act, [change])
    row = AuditRow.objects.get()
    assert (row.actor_kind, row.actor_id, row.command_id) == ("staff", act.actor.id, act.id)
    assert (row.occurred_at, row.recorded_at, row.book_date) == (happened, NOW, date(2026, 3, 1))
    assert row.after == f'{{"order":"{order}","paid":"1.20"}}'
    assert row.reason == ""
    operations.record(act, [change], book_date_of=lambda _: date(2026, 2, 28))
    assert AuditRow.objects.get(seq=2).book_date == date(2026, 2, 28)
    assert proofs.proofs()[0].ok


def test_instants_with_and_without_fractions_verify() -> None:
    for now in (NOW, NOW.replace(microsecond=1), NOW.replace(microsecond=120000)):
        operations.record(context(now, "history"), [entry(new_id(), text="归仓 \x1f \x00 \n")])
    assert proofs.proofs()[0].ok


def test_a_company_has_64_heads_from_its_first_entry() -> None:
    other = new_id()
    operations.record(context(), [entry(new_id()), entry(new_id(), company=other)])
    assert AuditHead.objects.filter(company_id=COMPANY).count() == 64
    assert AuditHead.objects.filter(company_id=other).count() == 64
    assert sum(AuditHead.objects.values_list("count", flat=True)) == 2


@pytest.mark.parametrize(("entries", "expected"), [(1, 4), (1000, 4), (5000, 12)])
def test_statements(entries: int, expected: int) -> None:
    operations.record(context(), [entry(new_id())])
    some = [entry(new_id()) for _ in range(entries)]
    with CaptureQueriesContext(
        connection,
    ) as queried:
        operations.record(context(), some)
    assert len([q for q in queried if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]) == expected


def test_nothing_to_record_costs_nothing() -> None:
    with CaptureQueriesContext(connection) as queried:
        operations.record(context(), [])
    assert len(queried) == 0


def test_a_new_key_is_used_and_old_rows_still_verify(settings: Settings) -> None:
    aggregate = new_id()
    operations.record(context(), [entry(aggregate)])
    settings.AUDIT_KEYS = {**settings.AUDIT_KEYS, "k2": "another"}
    operations.record(context(), [entry(aggregate)])
    assert list(AuditRow.objects.order_by("seq").values_list("key_id", flat=True)) == ["k1", "k2"]
    assert proofs.proofs()[0].ok


def test_no_key_no_change(settings: Settings) -> None:
    settings.AUDIT_KEYS = {}
    with pytest.raises(errors.NoAuditKey):
        operations.record(context(), [entry(new_id())])
    assert not AuditRow.objects.exists()


def test_a_code_must_not_hold_the_separator() -> None:
    with pytest.raises(errors.SeparatorInText):
        operations.record(context(), [entry(new_id(), "a\x1fb")])
    assert not AuditRow.objects.exists()


def test_aggregate_ids_lists_each_once() -> None:
    first, second = new_id(), new_id()
    operations.record(context(), [entry(first), entry(first), entry(second)])
    assert list(queries.aggregate_ids("return")) == sorted([first, second])
    assert list(proofs.existence("order")) == []
