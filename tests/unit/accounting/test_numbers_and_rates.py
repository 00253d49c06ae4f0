"""Vouchers are gapless per company and year; rates are looked up by day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guicang.accounting import operations, proofs, queries
from guicang.accounting.models import ExchangeRate, Voucher
from guicang.kernel import guards
from guicang.kernel.actor import Actor
from guicang.kernel.ids import new_id
from guicang.kernel.models import NumberRange
from guicang.kernel.refusal import Refused
from tests.unit.accounting.books import NOW, company, context, posting, sale

pytestmark = pytest.mark.django_db


def test_vouchers_are_numbered_by_company_and_year_in_date_order() -> None:
    one, two = company(), company("C2")
    days = [datetime(2026, 2, 1, tzinfo=UTC), datetime(2025, 5, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)]
    entries = [posting(one.id, *sale(one.id).legs, occurred_at=day) for day in days]
    ids = operations.post(context(), [*entries, sale(two.id)])
    assert operations.number_vouchers(NOW) == 4
    numbers = [entry.voucher for entry in (queries.entries([i])[0] for i in ids)]
    assert numbers == [(2026, 2), (2025, 1), (2026, 1), (2026, 1)]

    operations.post(context(), [sale(one.id)])
    assert operations.number_vouchers(NOW) == 1
    assert operations.number_vouchers(NOW) == 0
    assert sorted(Voucher.objects.filter(company_id=one.id, year=2026).values_list("number", flat=True)) == [1, 2, 3]
    assert all(proof.ok for proof in proofs.proofs())


@pytest.mark.parametrize(("count", "statements"), [(1, 1), (1000, 1), (2500, 3)])
def test_statements_of_numbering(count: int, statements: int) -> None:
    made = company()
    operations.post(context(), [sale(made.id) for _ in range(count)])
    with CaptureQueriesContext(connection) as caught:
        assert operations.number_vouchers(NOW) == count
    inserts = [query for query in caught if 'INSERT INTO "accounting_voucher"' in query["sql"]]
    assert len(inserts) == statements
    assert len(caught) <= 3 + 13 * statements


def test_the_proof_finds_a_gap_and_a_number_beyond_its_range() -> None:
    made = company()
    operations.post(context(), [sale(made.id) for _ in range(3)])
    proof = proofs.proofs()[1]
    assert (proof.ok, proof.note) == (True, "3 not numbered yet")
    operations.number_vouchers(NOW)
    NumberRange.objects.filter(document="voucher").update(last=4)
    assert not proofs.proofs()[1].ok
    NumberRange.objects.filter(document="voucher").update(last=3)
    with guards.removed(connection):
        Voucher.objects.filter(number=2).delete()
    gap, forgotten = proofs.proofs()[1].differences
    assert forgotten["fault"] == "forgotten"
    assert (gap["lowest"], gap["highest"], gap["documents"]) == (1, 3, 2)


def test_the_rate_in_force_on_a_day() -> None:
    made = company()
    key = operations.RateKey
    given = [
        (key(made.id, "USD", date(2026, 1, 1)), Decimal("7.00")),
        (key(made.id, "USD", date(2026, 6, 1)), Decimal("7.2")),
    ]
    assert operations.set_rates(context(), given) == 2
    assert operations.set_rates(context(), given) == 0
    assert operations.rate(made.id, "USD", date(2026, 5, 31)) == Decimal("7.00")
    assert operations.rate(made.id, "USD", date(2026, 6, 1)) == Decimal("7.2")
    assert operations.rate(made.id, "CNY", date(2020, 1, 1)) == 1
    with pytest.raises(Refused) as missing:
        operations.rates([key(made.id, "USD", date(2025, 12, 31)), key(made.id, "EUR", date(2026, 1, 1))])
    assert [refusal.code for refusal in missing.value.refusals] == ["rate_missing", "rate_missing"]


def test_a_rate_is_never_changed() -> None:
    made = company()
    key = operations.RateKey(made.id, "USD", date(2026, 1, 1))
    operations.set_rates(context(), [(key, Decimal(7))])
    with pytest.raises(Refused, match="USD"):
        operations.set_rates(context(), [(key, Decimal(8))])
    with pytest.raises(ValueError, match="above 0"):
        operations.set_rates(context(), [(key, Decimal(0))])
    with pytest.raises(Refused, match="set_rate"):
        operations.set_rates(context(actor=Actor("staff", new_id())), [(key, Decimal(7))])
    assert ExchangeRate.objects.get().rate == Decimal(7)
