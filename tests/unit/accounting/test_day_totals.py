"""The trial balance says the same before, while and after entries are numbered; totals are proved from the lines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from guicang.accounting import operations, proofs, queries
from guicang.accounting.models import DayTotal, Entry, EntryLine, Unnumbered
from guicang.kernel.ids import new_id
from tests.unit.accounting.books import NOW, company, context, posting, sale

pytestmark = pytest.mark.django_db

MAY, JUNE, JULY = (datetime(2026, month, 10, tzinfo=UTC) for month in (5, 6, 7))


def sell(company_id: UUID, at: datetime, gross: int = 11300, tax: int = 1300) -> UUID:
    """The id of the entry."""
    return operations.post(context(), [posting(company_id, *sale(company_id, gross, tax).legs, occurred_at=at)])[0]


def balance(company_id: UUID, **days: date) -> dict[str, tuple[int, int, int]]:
    """{role: (opening, debit, credit)} of accounts that have any."""
    rows = queries.trial_balance(company_id, **days)
    return {row.role: (row.opening_minor, row.debit_minor, row.credit_minor) for row in rows if row.moved}


def test_opening_and_turnover_are_the_same_before_and_after_numbering() -> None:
    made, other = company(), company("C2")
    for at in (MAY, JUNE, JUNE, JULY):
        sell(made.id, at)
    sell(other.id, JUNE)
    operations.reverse(context(), [sell(made.id, JUNE, 200, 0)], JUNE)
    asked: list[dict[str, date]] = [
        {},
        {"since": JUNE.date()},
        {"until": JUNE.date()},
        {"since": JUNE.date(), "until": JUNE.date()},
    ]
    before = [balance(made.id, **days) for days in asked]
    assert before[0]["receivable"] == (0, 4 * 11300 + 200, 200)
    assert before[1]["receivable"] == (11300, 3 * 11300 + 200, 200)
    assert before[3] == {
        "receivable": (11300, 22800, 200),
        "sales": (-10000, 200, 20200),
        "output_vat": (-1300, 0, 2600),
    }
    assert operations.number_vouchers(NOW) == 7
    assert not Unnumbered.objects.exists()
    assert [balance(made.id, **days) for days in asked] == before
    (row,) = [row for row in queries.trial_balance(made.id, since=JUNE.date()) if row.role == "receivable"]
    assert row.balance_minor == 4 * 11300


def test_a_day_that_is_totalled_grows_by_what_is_booked_on_it_later() -> None:
    made = company()
    sell(made.id, JUNE)
    operations.number_vouchers(NOW)
    sell(made.id, JUNE, 1000, 0)
    sell(made.id, MAY, 500, 0)
    half = balance(made.id, since=JUNE.date())
    assert half["receivable"] == (500, 12300, 0)
    operations.number_vouchers(NOW)
    assert balance(made.id, since=JUNE.date()) == half
    assert DayTotal.objects.filter(book_date=JUNE.date()).count() == 3
    assert all(proof.ok for proof in proofs.proofs())


def test_numbered_entries_are_not_read_for_the_balance() -> None:
    made = company()
    sell(made.id, JUNE)
    operations.number_vouchers(NOW)
    with CaptureQueriesContext(connection) as caught:
        queries.trial_balance(made.id)
    assert len(caught) == 2


def plant(what: str) -> None:
    """One fault in the books of a company whose first of two entries is numbered."""
    numbered = Entry.objects.get(voucher__isnull=False)
    waiting = Unnumbered.objects.get()
    faults: dict[str, Callable[[], Any]] = {
        "too much": lambda: DayTotal.objects.filter(debit_minor__gt=0).update(debit_minor=F("debit_minor") + 1),
        "lost": lambda: DayTotal.objects.filter(credit_minor=1300).delete(),
        "other day": lambda: DayTotal.objects.update(book_date=MAY.date()),
        "other company": lambda: DayTotal.objects.update(company_id=new_id()),
        "forgotten": waiting.delete,
        "wrong day": lambda: Unnumbered.objects.update(book_date=MAY.date()),
        "again": lambda: Unnumbered.objects.create(
            id=numbered.id, document="voucher", company_id=numbered.company_id, book_date=numbered.book_date
        ),
        "of nothing": lambda: Unnumbered.objects.create(
            id=new_id(), document="voucher", company_id=numbered.company_id, book_date=numbered.book_date
        ),
    }
    faults[what]()


@pytest.mark.parametrize(
    ("what", "name", "fault"),
    [
        ("too much", "day_totals", {"total"}),
        ("lost", "day_totals", {"total"}),
        ("other day", "day_totals", {"total"}),
        ("other company", "day_totals", {"total"}),
        ("forgotten", "vouchers have no gaps", {"forgotten"}),
        ("wrong day", "vouchers have no gaps", {"forgotten"}),
        ("again", "vouchers have no gaps", {"waits_with_a_number"}),
        ("of nothing", "vouchers have no gaps", {"waits_for_nothing"}),
    ],
)
def test_a_planted_fault_is_found(what: str, name: str, fault: set[str]) -> None:
    made = company()
    sell(made.id, JUNE)
    operations.number_vouchers(NOW)
    sell(made.id, JULY)
    assert all(proof.ok for proof in proofs.proofs())
    plant(what)
    found = {proof.name: {each["fault"] for each in proof.differences} for proof in proofs.proofs() if not proof.ok}
    assert found == {name: fault}


def test_the_totals_are_the_lines() -> None:
    made = company()
    for at in (MAY, JUNE, JULY, NOW):
        sell(made.id, at)
    operations.number_vouchers(NOW)
    lines = EntryLine.objects.values_list("account_id", "book_date", "book_minor")
    assert sorted(
        (t.account_id, t.book_date, t.debit_minor - t.credit_minor) for t in DayTotal.objects.all()
    ) == sorted(lines)
