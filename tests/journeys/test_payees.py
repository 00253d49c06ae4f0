"""Where transfers go: asked for, given by the customer or typed by staff, looked at twice, sent in a payment file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from guicang.audit.models import AuditRow
from guicang.kernel.actor import Actor
from guicang.kernel.commands import begin
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.models import OutboxMessage
from guicang.kernel.refusal import Outcome, Refused
from guicang.parties.models import VaultEntry
from guicang.parties.operations import erase
from guicang.payments.facts import Details
from guicang.payments.models import Payee, PayoutBatch, PayoutItem, Refund
from guicang.payments.operations.payees import allow_wallets
from guicang.payments.queries import intent
from guicang.payments.queries.payees import shown
from guicang.proofs import queries as proofs
from guicang.returns.models import Return
from guicang.returns.operations import docket
from guicang.returns.operations.persons import persons_of
from guicang.returns.steps.confirm_payee import Confirming, confirm_payees
from guicang.returns.steps.fail_refund import Failure, fail_refunds
from guicang.returns.steps.give_payee import Giving, give_payees
from guicang.returns.steps.pay_refund import Payment, pay_refunds
from guicang.returns.steps.redirect_refund import Redirection, redirect_refunds
from guicang.returns.steps.reverse_settlement import Reversal, reverse_settlement
from guicang.returns.steps.see_payee import see_payee
from guicang.returns.steps.settle import Settlement, settle
from guicang.returns.steps.submit_batch import Sending, read_batch, submit_batch
from tests.journeys.acts import SYSTEM, back, codes, do, give, pay, verified
from tests.journeys.test_refunds import person, ways

pytestmark = pytest.mark.django_db

CARD = Details("card", "李明", "6222 0212 3456 7890 128", "中国工商银行")
IBAN = Details("iban", "Li Ming", "DE89 3704 0044 0532 0130 00")
ALL = ("payments.pay", "payments.enter_payee")


@pytest.fixture(autouse=True)
def _a_provider_is_connected(settings: Any) -> None:
    settings.REFUND_GATEWAY = "tests.provider.Provider"


def buyer(key: UUID) -> Actor:
    return Actor("customer", Return.objects.get(id=key).customer_id)


def due(world: Any, way: str = "by_hand", units: int = 2) -> Refund:
    """A settled return whose money goes to a bank."""
    ways(world, bank=way)
    key = back(world, world.sell(world.facts(2, price_minor=5000))[0], units)
    do(settle, world, Settlement(key, refund_to="bank"))
    return Refund.objects.get(return_id=key, amount_minor__gt=0)


def by(actor: Actor, step: Any, world: Any, *items: Any) -> Outcome:
    return give(step, world, *items, actor=actor)[0]


def sent(world: Any) -> tuple[UUID, UUID]:
    """A transfer that left with a payment file: its refund and the file."""
    row = due(world)
    by(buyer(row.return_id), give_payees, world, Giving(row.return_id, CARD))
    by(person(*ALL), submit_batch, world, Sending(row.id))
    return row.id, now(row).batch_id


def now(row: Refund) -> Refund:
    row.refresh_from_db()
    return row


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(Refused) as why:
        yield
    assert [refusal.code for refusal in why.value.refusals] == [code]


def asked() -> int:
    return OutboxMessage.objects.filter(topic="notice.send", body__notice="payee_wanted").count()


def test_a_transfer_waits_for_its_account_and_the_customer_gives_it(world: Any) -> None:
    row = due(world)
    assert (row.state, row.payee, asked()) == ("due", "missing", 1)
    payer = person(*ALL)
    assert codes(by(payer, pay_refunds, world, Payment(row.id, "B-1"))) == ["payee_missing"]
    assert codes(by(payer, submit_batch, world, Sending(row.id))) == ["payee_missing"]
    wrong = replace(CARD, account="6222021234567890129", bank="")
    assert codes(by(buyer(row.return_id), give_payees, world, Giving(row.return_id, wrong))) == [
        "payee_account_wrong",
        "payee_bank_wrong",
    ]
    assert codes(by(Actor("customer", new_id()), give_payees, world, Giving(row.return_id, CARD))) == [
        "return_not_found"
    ]
    assert Payee.objects.count() == 0
    assert by(buyer(row.return_id), give_payees, world, Giving(row.return_id, CARD)).ok
    assert by(buyer(row.return_id), give_payees, world, Giving(row.return_id, CARD)).ok  # sent twice: nothing new
    payee = Payee.objects.get()
    assert (now(row).payee, row.payee_id, payee.second) == ("ready", payee.id, False)
    assert shown([payee.id]) == {payee.id: ("card", "•••• 0128")}
    sealed = "".join(VaultEntry.objects.filter(owner_kind="payee").values_list("sealed", flat=True))
    trail = "".join(map(str, AuditRow.objects.values_list("after", flat=True)))
    queued = "".join(map(str, OutboxMessage.objects.values_list("body", flat=True)))
    for secret in ("6222021234567890128", "李明"):
        assert secret not in sealed + trail + queued
    verified()
    assert by(payer, pay_refunds, world, Payment(row.id, "B-1")).ok
    verified()


def test_what_staff_type_needs_a_second_person_and_never_pays_by_the_first(world: Any) -> None:
    row = due(world)
    typist, other, third = person(*ALL), person(*ALL), person(*ALL)
    with pytest.raises(Refused):
        by(person("returns.view"), give_payees, world, Giving(row.return_id, CARD))
    assert by(typist, give_payees, world, Giving(row.return_id, CARD)).ok
    assert now(row).payee == "unconfirmed"
    verified()
    for step, item in ((pay_refunds, Payment(row.id, "B-1")), (submit_batch, Sending(row.id))):
        assert codes(by(other, step, world, item)) == ["payee_unconfirmed"]
    asking = Confirming(row.payee_id)
    assert codes(by(typist, confirm_payees, world, asking)) == ["payee_typed"]
    assert by(other, confirm_payees, world, asking).ok
    assert codes(by(third, confirm_payees, world, asking)) == ["payee_confirmed"]
    assert now(row).payee == "ready"
    for step, item in ((pay_refunds, Payment(row.id, "B-1")), (submit_batch, Sending(row.id))):
        assert codes(by(typist, step, world, item)) == ["payee_typed"]
    assert by(other, pay_refunds, world, Payment(row.id, "B-1")).ok
    verified()


def test_a_change_needs_a_second_person_also_where_the_customer_makes_it(world: Any) -> None:
    row = due(world)
    customer, other = buyer(row.return_id), person(*ALL)
    by(customer, give_payees, world, Giving(row.return_id, CARD))
    first = now(row).payee_id
    assert by(customer, give_payees, world, Giving(row.return_id, IBAN)).ok
    assert (now(row).payee, row.payee_id != first, Payee.objects.count()) == ("unconfirmed", True, 2)
    assert codes(by(other, confirm_payees, world, Confirming(first))) == ["payee_confirmed"]  # not what is there now
    assert by(other, confirm_payees, world, Confirming(row.payee_id)).ok
    assert see_payee(refund_id=row.id, actor=other, now=world.now).account == "DE89370400440532013000"
    verified()


def test_the_whole_account_is_shown_to_who_pays_and_written_down(world: Any) -> None:
    row = due(world)
    payer = person(*ALL)
    with refused("payee_missing"):
        see_payee(refund_id=row.id, actor=payer, now=world.now)
    by(buyer(row.return_id), give_payees, world, Giving(row.return_id, CARD))
    for nobody in (person("payments.enter_payee"), buyer(row.return_id)):
        with refused("not_permitted"):
            see_payee(refund_id=row.id, actor=nobody, now=world.now)
    seen = see_payee(refund_id=row.id, actor=payer, now=world.now)
    assert (seen.account, seen.name, repr(seen)) == ("6222021234567890128", "李明", "Details(kind='card')")
    assert AuditRow.objects.filter(action="see_payee", aggregate_id=row.return_id, actor_id=payer.id).count() == 1
    by(payer, pay_refunds, world, Payment(row.id, "B-1"))
    with refused("refund_state"):
        see_payee(refund_id=row.id, actor=payer, now=world.now)


def test_a_payment_file_submits_its_refunds_and_freezes_their_accounts(world: Any) -> None:
    rows = [due(world), due(world)]
    late = due(world)
    payer, other = person(*ALL), person(*ALL)
    for row in rows:
        by(buyer(row.return_id), give_payees, world, Giving(row.return_id, CARD))
    done = give(submit_batch, world, *(Sending(row.id) for row in (*rows, late)), actor=payer)
    assert [codes(one) for one in done] == [[], [], ["payee_missing"]]
    batch = PayoutBatch.objects.get()
    assert (batch.number[:1], batch.count, batch.amount_minor, batch.made_by) == ("P", 2, 20000, payer.id)
    assert {(now(row).state, row.batch_id) for row in rows} == {("submitted", batch.id)}
    verified()
    lines = read_batch(batch_id=batch.id, actor=other, now=world.now)
    assert [line.details.account for line in lines] == ["6222021234567890128"] * 2
    assert AuditRow.objects.filter(action="see_payee", actor_id=other.id).count() == 2
    assert codes(by(buyer(rows[0].return_id), give_payees, world, Giving(rows[0].return_id, IBAN))) == ["payee_sent"]
    assert codes(by(payer, submit_batch, world, Sending(rows[0].id))) == ["refund_not_for_a_file"]
    for to in ("", "cash"):
        assert codes(by(other, redirect_refunds, world, Redirection(rows[0].id, to))) == ["refund_under_way"]
    undone = Reversal(rows[0].settlement_id, "entered_wrongly")
    assert codes(give(reverse_settlement, world, undone)[0]) == ["refund_under_way"]

    assert by(other, pay_refunds, world, Payment(rows[0].id, "B-1")).ok
    assert [line.details.account != "" for line in read_batch(batch_id=batch.id, actor=other, now=world.now)] == [
        False,
        True,
    ]
    assert by(other, fail_refunds, world, Failure(rows[1].id, "account_wrong")).ok
    assert (now(rows[1]).payee, asked()) == ("missing", 4)  # three settled, and this one anew
    with refused("payout_over"):
        read_batch(batch_id=batch.id, actor=other, now=world.now)
    with refused("payout_not_found"):
        read_batch(batch_id=new_id(), actor=other, now=world.now)
    verified()
    # The same account once more is a new word, and needs a second look.
    assert by(buyer(rows[1].return_id), give_payees, world, Giving(rows[1].return_id, CARD)).ok
    assert now(rows[1]).payee == "unconfirmed"
    by(other, confirm_payees, world, Confirming(rows[1].payee_id))
    by(other, redirect_refunds, world, Redirection(rows[1].id))
    assert by(payer, submit_batch, world, Sending(rows[1].id)).ok
    assert PayoutItem.objects.filter(refund_id=rows[1].id).count() == 2
    verified()


def test_a_provider_is_asked_once_it_can_be_told_where_to(world: Any) -> None:
    row = due(world, "port")
    waiting = OutboxMessage.objects.filter(topic="refund.execute")
    assert (row.payee, waiting.count()) == ("missing", 0)
    by(person(*ALL), give_payees, world, Giving(row.return_id, IBAN))
    assert (now(row).payee, waiting.count()) == ("unconfirmed", 0)
    by(person(*ALL), confirm_payees, world, Confirming(row.payee_id))
    assert waiting.count() == 1
    told = intent(now(row)).payee
    assert told is not None
    assert (told.account, told.name) == ("DE89370400440532013000", "Li Ming")


def test_a_later_settlement_goes_to_the_same_account(world: Any) -> None:
    row = due(world, units=1)
    by(buyer(row.return_id), give_payees, world, Giving(row.return_id, CARD))
    by(person(*ALL), redirect_refunds, world, Redirection(row.id, "cash"))  # at once: nobody has to know
    assert (now(row).payee, row.state) == ("", "paid")
    verified()


def test_wallets_only_where_the_company_allows_them(world: Any) -> None:
    row = due(world)
    wallet = Giving(row.return_id, Details("alipay", "李明", "ming@example.com"))
    assert codes(by(buyer(row.return_id), give_payees, world, wallet)) == ["payee_kind_unknown"]
    with transaction.atomic():
        allow_wallets(begin("settings.refund_ways", actor=SYSTEM, now=world.now, items=1), world.company_id, ["alipay"])
    assert by(buyer(row.return_id), give_payees, world, wallet).ok
    assert shown([now(row).payee_id])[row.payee_id] == ("alipay", "m•••@example.com")


def test_an_erased_person_takes_the_account_along(world: Any) -> None:
    row = due(world)
    by(buyer(row.return_id), give_payees, world, Giving(row.return_id, CARD))
    with transaction.atomic():
        whose = persons_of(docket.load([row.return_id]).values())[row.return_id]
        assert whose is not None
        erase(begin("parties.erase", actor=SYSTEM, now=world.now, items=1), world.company_id, whose, [])
    assert not VaultEntry.objects.filter(owner_kind="payee").exists()
    assert codes(by(person(*ALL), submit_batch, world, Sending(row.id))) == ["payee_erased"]
    with refused("payee_erased"):
        see_payee(refund_id=row.id, actor=person(*ALL), now=world.now)
    verified()


def test_nothing_waits_where_no_transfer_does(world: Any) -> None:
    ways(world, wechat="by_hand")
    key = back(world, world.sell(world.facts(1))[0], 1)
    pay(world, key)
    assert set(Refund.objects.values_list("payee", flat=True)) == {""}
    assert codes(by(buyer(key), give_payees, world, Giving(key, CARD))) == ["payee_not_wanted"]
    assert asked() == 0


def test_the_database_holds_it_too(world: Any) -> None:
    row = due(world)
    by(person(*ALL), give_payees, world, Giving(row.return_id, CARD))
    found = Refund.objects.filter(id=row.id)
    for wrong in (
        {"state": "paid", "paid_by": new_id()},  # unconfirmed
        {"payee": "missing"},
        {"payee": "gold"},
        {"state": "submitted", "payee": "ready"},  # by hand, without a file
        {"state": "paid", "payee": "ready", "paid_by": now(row).payee_by},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            found.update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Payee.objects.update(confirmed_by=row.payee_by)


@pytest.mark.parametrize(
    ("fault", "proof"),
    [
        ("UPDATE payments_refund SET payee = '' , payee_id = {nil}, payee_by = {nil}", "payees"),
        ("UPDATE payments_payee SET typed_by = return_id", "payees"),
        ("UPDATE payments_refund SET payee = 'ready'", "payees"),
    ],
)
def test_planted_faults_are_found(world: Any, fault: str, proof: str) -> None:
    row = due(world)
    by(person(*ALL), give_payees, world, Giving(row.return_id, CARD))
    _run(fault)
    assert proof in {one.name for one in proofs.run() if not one.ok}


def test_a_planted_fault_in_a_payment_file_is_found(world: Any) -> None:
    row = due(world)
    by(buyer(row.return_id), give_payees, world, Giving(row.return_id, CARD))
    by(person(*ALL), submit_batch, world, Sending(row.id))
    with pytest.raises(DatabaseError), transaction.atomic():
        PayoutItem.objects.update(amount_minor=1)
    verified()
    _run("UPDATE payments_refund SET batch_id = return_id")
    assert "payout_batches" in {one.name for one in proofs.run() if not one.ok}


def _run(fault: str) -> None:
    nil = f"'{NIL.hex if connection.vendor == 'sqlite' else NIL}'"
    with connection.cursor() as cursor:
        cursor.execute(fault.format(nil=nil))
