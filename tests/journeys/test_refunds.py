"""Refunds that are not paid at once: due, paid by a second person, failed, turned to another method, set off."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from guicang.accounting.models import Account, EntryLine
from guicang.audit.models import AuditRow
from guicang.kernel.actor import Actor
from guicang.kernel.commands import begin
from guicang.kernel.ids import new_id
from guicang.kernel.models import OutboxMessage
from guicang.kernel.refusal import Outcome, Refused
from guicang.payments import operations as payments
from guicang.payments.facts import Details
from guicang.payments.models import Refund, RefundWay
from guicang.proofs import queries as proofs
from guicang.returns.models import Return
from guicang.returns.steps.close import Closing, close
from guicang.returns.steps.fail_refund import Failure, fail_refunds
from guicang.returns.steps.give_payee import Giving, give_payees
from guicang.returns.steps.pay_refund import Payment, pay_refunds
from guicang.returns.steps.redirect_refund import Redirection, redirect_refunds
from guicang.returns.steps.reverse_settlement import Reversal, reverse_settlement
from guicang.returns.steps.settle import Settlement, settle
from guicang.sales.models import Order, Tender
from guicang.trade.facts import PaymentFacts
from tests.journeys.acts import SYSTEM, back, codes, do, give, pay, undo, verified

pytestmark = pytest.mark.django_db

MAY = frozenset({"payments.pay", "returns.settle", "returns.reverse_settlement"})


@pytest.fixture(autouse=True)
def _a_provider_is_connected(settings: Any) -> None:
    settings.REFUND_GATEWAY = "tests.provider.Provider"


def person(*permissions: str) -> Actor:
    return Actor("staff", new_id(), frozenset(permissions) or MAY)


def ways(world: Any, **said: str) -> None:
    with transaction.atomic():
        context = begin("settings.refund_ways", actor=SYSTEM, now=world.now, items=1)
        payments.set_ways(
            context, world.company_id, {"" if kind == "others" else kind: way for kind, way in said.items()}
        )


def mixed(world: Any) -> Any:
    """Paid 80.00 by WeChat and 20.00 in points (T8)."""
    facts = world.facts(2, price_minor=5000)
    at = world.now - timedelta(days=4)
    points = PaymentFacts("q", "points", 2000, at, promotional=True)
    facts.payments = [PaymentFacts("p", "wechat", 8000, at), points]
    return world.sell(facts)[0]


def by(actor: Actor, step: Any, world: Any, *items: Any) -> list[Outcome]:
    return give(step, world, *items, actor=actor)


def balance(role: str, column: str = "amount_minor") -> int:
    accounts = Account.objects.filter(role=role).values("id")
    return EntryLine.objects.filter(account_id__in=accounts).aggregate(sum=Sum(column))["sum"] or 0


def state_of(key: UUID) -> tuple[str, set[str]]:
    row = Return.objects.get(id=key)
    return row.refund_state, set(row.lines.values_list("money", flat=True))


def test_what_nobody_said_is_paid_at_once(world: Any) -> None:
    key = back(world, mixed(world), 1)
    pay(world, key)
    assert set(Refund.objects.values_list("way", "state", "method")) == {("at_once", "paid", "")}
    assert (state_of(key), balance("refunds_payable")) == (("paid", {"paid"}), 0)
    verified()


def test_due_until_a_second_person_says_how_it_was_paid(world: Any) -> None:
    ways(world, wechat="by_hand")
    key = back(world, mixed(world), 2)
    wechat_before = balance("wallet_wechat")
    cashier, other = person(), person()
    (settled,) = by(cashier, settle, world, Settlement(key))
    assert settled.ok
    due = Refund.objects.get(kind="wechat")
    assert (due.state, due.way, due.amount_minor, due.settled_by) == ("due", "by_hand", 8000, cashier.id)
    assert Refund.objects.get(kind="points").state == "paid"  # the others as before
    assert (balance("refunds_payable"), balance("wallet_wechat")) == (-8000, wechat_before)
    assert state_of(key) == ("due", {"due"})
    assert not OutboxMessage.objects.filter(body__kind="return_refunded").exists()
    verified()

    (early,) = give(close, world, Closing(key))
    assert codes(early) == ["refund_unpaid"]
    assert codes(by(cashier, pay_refunds, world, Payment(due.id, "W-1"))[0]) == ["second_person"]
    assert codes(by(SYSTEM, pay_refunds, world, Payment(due.id, "W-1"))[0]) == ["second_person"]
    assert codes(by(other, pay_refunds, world, Payment(due.id, " "))[0]) == ["reference_missing"]
    with pytest.raises(Refused):
        by(person("returns.settle"), pay_refunds, world, Payment(due.id, "W-1"))

    first, again = by(other, pay_refunds, world, Payment(due.id, "W-1"), Payment(due.id, "W-2"))
    assert first.ok
    assert codes(again) == ["refund_state"]
    due.refresh_from_db()
    assert (due.state, due.reference, due.paid_by, due.paid_at) == ("paid", "W-1", other.id, world.now)
    assert (balance("refunds_payable"), balance("wallet_wechat")) == (0, wechat_before - 8000)
    assert state_of(key) == ("paid", {"paid"})
    assert AuditRow.objects.filter(aggregate_id=key, action="refund_paid").count() == 1
    verified()
    do(close, world, Closing(key))


def test_the_database_wants_a_second_person_too(world: Any) -> None:
    ways(world, others="by_hand")
    pay(world, back(world, mixed(world), 1))
    row = Refund.objects.filter(state="due")
    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(state="paid")  # settled_by and paid_by: the program
    for wrong in ({"method": "store_credit"}, {"method": "gold"}, {"state": "submitted"}, {"amount_minor": -1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.update(**wrong)


def test_failed_stays_owed_and_goes_another_way(world: Any) -> None:
    ways(world, wechat="by_hand", bank="by_hand")
    key = back(world, mixed(world), 2)
    pay(world, key)
    due = Refund.objects.get(kind="wechat")
    other, bank_before = person(), balance("bank")
    assert by(other, fail_refunds, world, Failure(due.id, "account_closed"))[0].ok
    assert (state_of(key), balance("refunds_payable")) == (("failed", {"failed"}), -8000)
    assert Order.objects.get().refunded_minor == 10000
    verified()
    assert by(other, redirect_refunds, world, Redirection(due.id, "bank"))[0].ok
    due.refresh_from_db()
    assert (due.state, due.method, due.way, due.failure) == ("due", "bank", "by_hand", "")
    card = Details("card", "李明", "6222021234567890128", "中国工商银行")
    do(give_payees, world, Giving(key, card), actor=Actor("customer", Return.objects.get(id=key).customer_id))
    assert by(other, pay_refunds, world, Payment(due.id, "B-7"))[0].ok
    assert (balance("refunds_payable"), balance("bank")) == (0, bank_before - 8000)
    verified()


def test_store_credit_needs_consent_and_points_stay_points(world: Any) -> None:
    key = back(world, mixed(world), 2)
    (refused,) = give(settle, world, Settlement(key, refund_to="store_credit"))
    assert codes(refused) == ["consent_missing"]
    (unknown,) = give(settle, world, Settlement(key, refund_to="gold"))
    assert not unknown.ok
    pay(world, key, refund_to="store_credit", consented=True)
    made = set(Refund.objects.values_list("kind", "method", "consented", "state", "amount_minor"))
    assert made == {("wechat", "store_credit", True, "paid", 8000), ("points", "", False, "paid", 2000)}
    assert (balance("store_credit"), balance("points_liability")) == (-8000, 0)
    verified()


def test_a_reversal_sets_off_what_was_not_paid(world: Any) -> None:
    """Nothing moves but the claim: two rows that cancel out, whichever way the settlement had been begun."""
    ways(world, others="by_hand")
    key = back(world, mixed(world), 2)
    cash_before = balance("wallet_wechat"), balance("points_liability")
    settlement = pay(world, key)
    assert balance("refunds_payable") == -10000
    undo(world, settlement)
    assert (balance("wallet_wechat"), balance("points_liability")) == cash_before
    assert balance("refunds_payable") == 0
    assert set(Refund.objects.values_list("state", "method")) == {("paid", "credited")}
    assert set(Tender.objects.values_list("refunded_minor", flat=True)) == {0}
    assert state_of(key) == ("paid", {"due"})
    verified()
    pay(world, key)
    assert (balance("refunds_payable"), state_of(key)) == (-10000, ("due", {"due"}))
    verified()


def test_a_reversal_of_a_part_leaves_the_other_settlement_due(world: Any) -> None:
    ways(world, others="by_hand")
    sold = mixed(world)
    first, second = back(world, sold, 1), back(world, sold, 1)
    one = pay(world, first)
    pay(world, second)
    due = dict(Refund.objects.filter(return_id=second).values_list("kind", "amount_minor"))
    undo(world, one)
    verified()
    still = Refund.objects.filter(state="due")
    assert dict(still.values_list("kind", "amount_minor")) == due
    assert set(still.values_list("return_id", flat=True)) == {second}


def test_a_reversal_of_what_was_paid_takes_it_back(world: Any) -> None:
    ways(world, others="by_hand")
    key = back(world, mixed(world), 2)
    settlement = pay(world, key)
    ids = list(Refund.objects.values_list("id", flat=True))
    assert all(each.ok for each in by(person(), pay_refunds, world, *[Payment(each, "W") for each in ids]))
    undo(world, settlement)
    assert balance("refunds_payable") == 0
    assert sorted(Refund.objects.values_list("amount_minor", flat=True)) == [-8000, -2000, 2000, 8000]
    verified()


def test_nothing_is_reversed_while_a_provider_has_it(world: Any) -> None:
    ways(world, wechat="port")
    key = back(world, mixed(world), 2)
    settlement = pay(world, key)
    Refund.objects.filter(kind="wechat").update(state="submitted", next_attempt_at=world.now)
    (refused,) = give(reverse_settlement, world, Reversal(settlement, "typed_twice"))
    assert codes(refused) == ["refund_under_way"]


def test_another_currency_is_owed_as_sold_and_paid_at_the_days_rate(world: Any) -> None:
    ways(world, others="by_hand")
    facts = world.facts(1, price_minor=10000, currency="USD", fx_rate=Decimal("7.00"))
    sold = world.sell(facts)[0]
    key = back(world, sold, 1)
    pay(world, key)
    due = Refund.objects.get()
    assert (due.amount_minor, due.book_minor) == (10000, 70000)
    verified()
    assert by(person(), pay_refunds, world, Payment(due.id, "W"))[0].ok
    assert balance("refunds_payable", "book_minor") == 0
    verified()


def test_no_way_leads_through_a_provider_that_is_not_connected(world: Any, settings: Any) -> None:
    settings.REFUND_GATEWAY = ""
    with pytest.raises(Refused) as refused:
        ways(world, wechat="port")
    assert [each.code for each in refused.value.refusals] == ["no_refund_gateway"]


def test_ways_are_data_with_a_trail(world: Any) -> None:
    ways(world, wechat="by_hand", others="port")
    ways(world, wechat="")
    assert dict(RefundWay.objects.values_list("kind", "way")) == {"": "port"}
    assert AuditRow.objects.filter(action="refund_ways", aggregate_id=world.company_id).count() == 2
    for wrong in ({"wechat": "by_pigeon"}, {"gold": "by_hand"}, {"store_credit": "by_hand"}):
        with pytest.raises(Refused):
            ways(world, **wrong)


def test_the_books_and_what_is_owed_are_compared(world: Any) -> None:
    ways(world, others="by_hand")
    pay(world, back(world, mixed(world), 2))
    row = Refund.objects.filter(kind="wechat")
    row.update(book_minor=1)
    assert {proof.name for proof in proofs.run() if not proof.ok} == {"refunds_payable"}
    row.update(book_minor=8000, posted=False)
    assert {proof.name for proof in proofs.run() if not proof.ok} == {"refunds_payable"}
