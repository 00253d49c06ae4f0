"""Postings become sealed entries; late ones count for the open month; mirrored books are handed over."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from guicang.accounting import operations, proofs, queries
from guicang.accounting.models import Account, Entry, EntryLine
from guicang.kernel.actor import Actor
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.models import Origin, OutboxMessage
from guicang.kernel.refusal import Refused
from tests.unit.accounting.books import NOW, company, context, posting, sale

Leg = operations.Leg
pytestmark = pytest.mark.django_db


def balances(company_id: UUID) -> dict[str, int]:
    return {row.role: row.balance_minor for row in queries.trial_balance(company_id) if row.balance_minor}


@pytest.mark.parametrize("name", ["cas", "small", "plain"])
def test_every_chart_has_every_role_once(name: str) -> None:
    accounts = operations.chart(name)
    assert sorted(account.role for account in accounts) == sorted(operations.ROLES)
    assert len({account.code for account in accounts}) == len(accounts)
    assert all(account.zh and account.en and len(account.code) <= 20 for account in accounts)
    assert {account.kind for account in accounts} == {"asset", "liability", "equity", "income", "expense"}


def test_charts_are_found_and_a_wrong_name_is_an_error() -> None:
    assert operations.charts() == ["cas", "plain", "small"]
    with pytest.raises(ValueError, match="no chart"):
        operations.chart("../cas")


def test_opening_books_twice_changes_nothing() -> None:
    made = company()
    account = Account.objects.get(company_id=made.id, role="bank")
    Account.objects.filter(id=account.id).update(code="1002.88", name_zh="招商银行")
    operations.open_books(made)
    assert Account.objects.filter(company_id=made.id).count() == len(operations.ROLES)
    assert Account.objects.get(company_id=made.id, role="bank").name_zh == "招商银行"


def test_every_tender_has_an_account() -> None:
    kinds = ["wechat", "alipay", "card", "cash", "bank", "points", "coupon", "gift_card", "platform", "something new"]
    assert {operations.role_of_tender(kind) for kind in kinds} <= operations.ROLES


def test_half_of_an_invoice_comes_back() -> None:
    """HARD-CASES 20: invoice 226 (200 + 26, cost 120), 100 paid, half comes back: receivable 126 -> 13, cash 0."""
    made = company()
    buyer = new_id()

    def owed(amount_minor: int) -> Leg:
        return Leg("receivable", amount_minor, party_kind="customer", party_id=buyer)

    sold = [owed(22600), Leg("sales", -20000), Leg("output_vat", -2600)]
    cost = [Leg("cost_of_sales", 12000), Leg("stock", -12000)]
    paid = [Leg("bank", 10000), owed(-10000)]
    operations.post(context(), [posting(made.id, *legs) for legs in (sold, cost, paid)])
    assert queries.party_balances(made.id, "receivable") == {("customer", buyer): 12600}

    back = [Leg("sales_returns", 10000), Leg("output_vat", 1300), owed(-11300)]
    in_again = [Leg("stock", 6000), Leg("cost_of_sales", -6000)]
    operations.post(context(), [posting(made.id, *back), posting(made.id, *in_again)])
    assert queries.party_balances(made.id, "receivable") == {("customer", buyer): 1300}
    assert balances(made.id) == {
        "receivable": 1300,
        "sales": -20000,
        "sales_returns": 10000,
        "output_vat": -1300,
        "cost_of_sales": 6000,
        "stock": -6000,
        "bank": 10000,
    }
    assert queries.balances("bank") == {made.id: 10000}
    assert all(proof.ok for proof in proofs.proofs())


def test_a_refund_at_another_rate_makes_an_exchange_loss() -> None:
    """HARD-CASES 16: 100 USD sold at 7.00, refunded at 7.20: revenue -700, bank -720, loss 20."""
    made = company()

    def dollars(*legs: Leg) -> operations.Posting:
        return posting(made.id, *legs, currency="USD", rate="7.00")

    operations.post(context(), [dollars(Leg("bank", 10000), Leg("sales", -10000))])
    legs = Leg("sales_returns", 10000), Leg("bank", -10000, -72000), Leg("fx_difference", 0, 2000)
    operations.post(context(), [dollars(*legs)])
    assert balances(made.id) == {"bank": -2000, "sales": -70000, "sales_returns": 70000, "fx_difference": 2000}


def test_what_conversion_rounds_away_is_a_leg_of_its_own() -> None:
    made = company()
    legs = Leg("receivable", 30), Leg("sales", -10), Leg("shipping_income", -10), Leg("output_vat", -10)
    operations.post(context(), [posting(made.id, *legs, currency="USD", rate="7.05")])
    assert balances(made.id) == {
        "receivable": 212,
        "sales": -71,
        "shipping_income": -71,
        "output_vat": -71,
        "rounding": 1,
    }


def test_a_leg_may_be_in_book_currency() -> None:
    """Customs of a foreign order: a receivable in USD is settled by 720 CNY, 20 of them a gain."""
    made = company()
    legs = Leg("bank", 72000, currency="CNY"), Leg("receivable", -10000), Leg("fx_difference", 0, -2000)
    operations.post(context(), [posting(made.id, *legs, currency="USD", rate="7.00")])
    assert balances(made.id) == {"bank": 72000, "receivable": -70000, "fx_difference": -2000}
    assert set(EntryLine.objects.values_list("currency", flat=True)) == {"USD", "CNY"}


@pytest.mark.parametrize(
    ("legs", "currency"),
    [
        ([Leg("bank", 100), Leg("sales", -99)], "CNY"),
        ([Leg("bank", 100)], "CNY"),
        ([Leg("bank", 100), Leg("sales", -99)], "USD"),
        ([Leg("bank", 100, 700), Leg("sales", -100, -698)], "USD"),
        ([Leg("bank", 100, 700), Leg("sales", -100, -700)], "CNY"),
        ([Leg("bank", 100, currency="JPY"), Leg("sales", -100)], "USD"),
    ],
)
def test_what_does_not_balance_is_a_bug(legs: list[Leg], currency: str) -> None:
    made = company()
    with pytest.raises(ValueError):  # noqa: PT011 - the words differ
        operations.post(context(), [posting(made.id, *legs, currency=currency, rate="7")])
    assert not EntryLine.objects.exists()


@given(
    amounts=st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=8),
    rate=st.decimals("0.0001", "20000", places=4),
    currency=st.sampled_from(["USD", "JPY", "KWD", "CNY"]),
)
def test_any_converted_posting_sums_to_zero(amounts: list[int], rate: object, currency: str) -> None:
    legs = [Leg("bank", amount) for amount in amounts] + [Leg("sales", -sum(amounts))]
    booked = operations.balanced(posting(NIL, *legs, currency=currency, rate=str(rate)), "CNY")
    assert sum(book for _, book in booked) == 0
    assert all(leg.amount_minor or book for leg, book in booked)


def test_nothing_is_written_for_nothing() -> None:
    made = company()
    assert operations.post(context(), []) == []
    ids = operations.post(context(), [posting(made.id, Leg("bank", 0), Leg("sales", 0)), sale(made.id)])
    assert ids[0] == NIL
    assert ids[1] != NIL
    assert Entry.objects.count() == 1


def test_an_account_that_is_missing_refuses() -> None:
    made = company()
    with pytest.raises(Refused, match="unheard_of"):
        operations.post(context(), [posting(made.id, Leg("bank", 1), Leg("unheard_of", -1))])
    assert not EntryLine.objects.exists()


def test_mirrored_books_are_handed_over() -> None:
    made = company(books="mirrored")
    voucher = sale(made.id)
    assert operations.post(context(), [voucher]) == [NIL]
    assert not Entry.objects.exists()
    message = OutboxMessage.objects.get(topic="accounting.voucher.v1")
    assert message.dedupe_key == str(voucher.id)
    assert [(line["role"], line["book_minor"]) for line in message.body["lines"]] == [
        ("receivable", 11300),
        ("sales", -10000),
        ("output_vat", -1300),
    ]
    operations.post(context(Origin.HISTORY), [sale(made.id)])
    assert OutboxMessage.objects.count() == 1


def test_the_book_date_is_the_day_in_the_companys_zone() -> None:
    made = company()
    late_evening = datetime(2026, 10, 31, 17, 0, tzinfo=UTC)
    (entry_id,) = operations.post(context(), [posting(made.id, *sale(made.id).legs, occurred_at=late_evening)])
    assert Entry.objects.get(id=entry_id).book_date == date(2026, 11, 1)
    assert set(EntryLine.objects.values_list("book_date", flat=True)) == {date(2026, 11, 1)}


def test_late_postings_count_for_the_first_open_month() -> None:
    made, other = company(), company("C2")
    operations.close_period(context(), made.id, 2026, 10)
    march, november = datetime(2026, 3, 5, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
    pairs = [(made.id, march), (made.id, november), (other.id, march)]
    dates = operations.book_dates([pair[0] for pair in pairs], [pair[1] for pair in pairs])
    assert dates == [date(2026, 11, 1), date(2026, 11, 20), date(2026, 3, 5)]
    assert [row[:2] for row in queries.closed_periods(made.id)] == [(2026, 10)]

    operations.open_period(context(), made.id, 2026, 10)
    assert operations.book_dates([made.id], [march]) == [date(2026, 3, 5)]


def test_december_closed_goes_to_january() -> None:
    made = company()
    operations.close_period(context(), made.id, 2025, 12)
    assert operations.book_dates([made.id], [datetime(2025, 7, 1, tzinfo=UTC)]) == [date(2026, 1, 1)]


def test_periods_close_in_order_and_open_in_reverse() -> None:
    made = company()
    with pytest.raises(Refused, match="2026-12"):
        operations.close_period(context(), made.id, 2026, 12)
    operations.close_period(context(), made.id, 2026, 9)
    operations.close_period(context(), made.id, 2026, 10)
    for year, month in ((2026, 10), (2026, 3)):
        with pytest.raises(Refused) as closed:
            operations.close_period(context(), made.id, year, month)
        assert [refusal.code for refusal in closed.value.refusals] == ["period_already_closed"]
    with pytest.raises(Refused, match="2026-09"):
        operations.open_period(context(), made.id, 2026, 9)
    operations.open_period(context(), made.id, 2026, 10)
    assert [row[:2] for row in queries.closed_periods(made.id)] == [(2026, 9)]


def test_closing_needs_the_permission() -> None:
    made = company()
    nobody = context(actor=Actor("staff", new_id()))
    for act in (operations.close_period, operations.open_period):
        with pytest.raises(Refused) as refused:
            act(nobody, made.id, 2026, 10)
        assert [refusal.status for refusal in refused.value.refusals] == [403]
    fay = context(actor=Actor("staff", new_id(), frozenset({"accounting.close_period"})))
    operations.close_period(fay, made.id, 2026, 10)


def test_reversal_is_the_linked_opposite_at_the_same_rate_once() -> None:
    made = company()
    legs = Leg("bank", 10000), Leg("sales", -10000)
    first = operations.post(context(), [posting(made.id, *legs, currency="USD", rate="7.1234"), sale(made.id)])
    later = datetime(2026, 11, 23, tzinfo=UTC)
    opposite = operations.reverse(context(), list(reversed(first)), later)
    assert balances(made.id) == {}
    assert [entry.reverses_id for entry in queries.entries(opposite[1:])] == [first[0]]
    assert Entry.objects.get(id=opposite[0]).book_date == date(2026, 11, 23)
    with pytest.raises(Refused) as refused:
        operations.reverse(context(), [*first, new_id()], later)
    codes = [refusal.code for refusal in refused.value.refusals]
    assert codes == ["entry_unknown", "entry_already_reversed", "entry_already_reversed"]
    operations.reverse(context(), opposite, later)
    assert balances(made.id)["bank"] == 71234
    assert all(proof.ok for proof in proofs.proofs())


def test_entries_are_shown_with_their_lines_and_number() -> None:
    made = company()
    voucher = sale(made.id)
    operations.post(context(), [voucher])
    (before,) = queries.entries_of([voucher.source_id])
    assert before.voucher is None
    assert [line.code for line in before.lines] == ["1122.01", "6001.01", "2221.01.05"]
    balances_of_order = queries.order_balances(made.id, "receivable", [NIL])
    assert balances_of_order == {(NIL, "CNY"): 11300}


@pytest.mark.parametrize(("count", "statements"), [(1, 6), (1000, 8), (5000, 28)])
def test_statements_of_posting(count: int, statements: int) -> None:
    made = company()
    postings = [sale(made.id) for _ in range(count)]
    stamps = context()
    with CaptureQueriesContext(connection) as caught:
        operations.post(stamps, postings)
    assert len(caught) == statements, [query["sql"][:80] for query in caught]
    assert NOW.date() == Entry.objects.first().book_date  # type: ignore[union-attr]
