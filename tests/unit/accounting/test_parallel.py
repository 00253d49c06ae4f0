"""Two at once: closing waits for a posting under way; two runs number without a gap."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection, transaction

from guicang.accounting import operations, proofs, queries
from guicang.accounting.models import Entry, Period, Voucher
from tests.unit.accounting.books import NOW, company, context, sale

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]

WAIT = 10.0


@pytest.fixture(autouse=True)
def _row_locks() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")


def start(act: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def close(company_id: UUID) -> None:
    with transaction.atomic():
        operations.close_period(context(), company_id, 2026, 11)


def test_closing_waits_for_a_posting_and_posters_do_not_wait_for_one_another() -> None:
    made = company()

    def post() -> None:
        with transaction.atomic():
            operations.post(context(), [sale(made.id)])

    with transaction.atomic():
        operations.post(context(), [sale(made.id)])
        other = start(post)
        other.join(WAIT)
        assert not other.is_alive()
        closing = start(lambda: close(made.id))
        closing.join(0.3)
        assert closing.is_alive()
        assert not Period.objects.exists()
    closing.join(WAIT)
    assert Period.objects.filter(closed_at__isnull=False).count() == 1
    post()
    assert sorted(day.month for day in Entry.objects.values_list("book_date", flat=True)) == [11, 11, 12]


def test_two_runs_number_without_a_gap() -> None:
    made = company()
    with transaction.atomic():
        operations.post(context(), [sale(made.id) for _ in range(300)])
    together = threading.Barrier(2)

    def number() -> None:
        together.wait(WAIT)
        operations.number_vouchers(NOW)

    seen: set[tuple[int, int]] = set()
    threads = [start(number), start(number)]
    while any(thread.is_alive() for thread in threads):
        rows = queries.trial_balance(made.id)
        seen.add((sum(row.debit_minor for row in rows), sum(row.credit_minor for row in rows)))
    for thread in threads:
        thread.join(WAIT)
    # Whoever read meanwhile saw every line, and none twice.
    assert seen == {(300 * 11300, 300 * 11300)}
    assert sorted(Voucher.objects.values_list("number", flat=True)) == list(range(1, 301))
    assert all(proof.ok for proof in proofs.proofs())
