"""HARD-CASE 8: a refund through the execution port pays once, whatever is lost between us and the provider."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from guicang.accounting.models import Entry
from guicang.kernel import clock
from guicang.kernel.models import OutboxMessage
from guicang.kernel.worker import Worker
from guicang.payments.models import Refund
from guicang.returns.steps.fail_refund import Failure, fail_refunds
from guicang.returns.steps.pay_refund import Payment, pay_refunds
from guicang.returns.steps.redirect_refund import Redirection, redirect_refunds
from guicang.trade.facts import PaymentFacts
from tests.journeys.acts import back, codes, pay, verified
from tests.journeys.test_refunds import by, person, state_of, ways
from tests.provider import Provider, running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running() as found:
        yield found


@pytest.fixture(autouse=True)
def _connected(settings: Any, provider: Provider) -> None:
    settings.REFUND_GATEWAY = "tests.provider.Provider"


def due(world: Any, provider: Provider, *script: str, amount: int = 8800, captured: int | None = None) -> UUID:
    """A return whose refund of `amount` waits for the port; the provider does `script` with the next calls."""
    ways(world, wechat="port")
    facts = world.facts(1, price_minor=amount)
    payment = f"P{random.getrandbits(60)}"
    facts.payments = [PaymentFacts(payment, "wechat", amount, world.now - timedelta(days=4), reference=payment)]
    provider.call("POST", "/setup", {"captured": {payment: amount if captured is None else captured}})
    key: UUID = back(world, world.sell(facts)[0], 1)
    pay(world, key)
    provider.call("POST", "/setup", {"script": list(script)})
    return key


def work(rounds: int = 1) -> None:
    """The worker, `rounds` times, each after the time to wait is over."""
    for _ in range(rounds):
        Worker(lane="outside").work(clock.utcnow() + timedelta(hours=2))


def at_provider(provider: Provider) -> list[tuple[str, int]]:
    mine = set(Refund.objects.values_list("intent_key", flat=True))
    refunds = provider.call("GET", "/state")["refunds"]
    return [(one["outcome"], one["amount"]) for key, one in refunds.items() if key in mine]


def test_a_lost_reply_and_three_retries_pay_once(world: Any, provider: Provider) -> None:
    """88.00 is paid, the reply is lost, and so are those of three questions: one refund, one entry."""
    key = due(world, provider, "drop", "drop", "drop", "drop")
    before = provider.call("GET", "/state")["calls"]
    work()
    row = Refund.objects.get()
    assert (row.state, row.attempts) == ("submitted", 1)
    assert state_of(key) == ("submitted", {"submitted"})
    verified()
    work(3)
    assert Refund.objects.get().state == "submitted"
    work()
    row.refresh_from_db()
    assert (row.state, row.amount_minor, row.attempts) == ("paid", 8800, 5)
    assert row.reference.startswith("RF")
    after = provider.call("GET", "/state")["calls"]
    assert {name: after[name] - before[name] for name in after} == {"submit": 1, "query": 4, "wrong": 0}
    assert at_provider(provider) == [("paid", 8800)]
    assert Entry.objects.filter(event="refund_paid").count() == 1
    assert state_of(key) == ("paid", {"paid"})
    work(2)
    assert provider.call("GET", "/state")["calls"] == after
    verified()


def test_what_never_arrived_is_sent_again_under_the_same_key(world: Any, provider: Provider) -> None:
    due(world, provider, "die", "ok")
    work(2)
    assert Refund.objects.get().state == "paid"
    assert at_provider(provider) == [("paid", 8800)]
    verified()


def test_a_refusal_is_final_until_a_person_decides(world: Any, provider: Provider) -> None:
    key = due(world, provider, "fail")
    work(3)
    row = Refund.objects.get()
    assert (row.state, row.failure) == ("failed", "refused")
    verified()
    assert by(person(), redirect_refunds, world, Redirection(row.id))[0].ok
    work()
    assert (Refund.objects.get().state, state_of(key)[0]) == ("paid", "paid")
    assert at_provider(provider) == [("paid", 8800)]
    verified()


def test_more_than_was_captured_is_refused_by_the_provider_too(world: Any, provider: Provider) -> None:
    due(world, provider, captured=5000)
    work()
    row = Refund.objects.get()
    assert (row.state, row.failure) == ("failed", "over_refund")
    assert at_provider(provider) == []
    assert by(person(), redirect_refunds, world, Redirection(row.id, "cash"))[0].ok
    assert Refund.objects.get().state == "paid"  # at once: nobody said another way for cash
    verified()


def test_parked_after_the_limit_and_taken_up_again(world: Any, provider: Provider) -> None:
    due(world, provider, *["drop"] * 8)
    work()
    row = Refund.objects.get()
    busy = by(person(), pay_refunds, world, Payment(row.id, "X")) + by(
        person(), redirect_refunds, world, Redirection(row.id, "cash")
    )
    assert [codes(one) for one in busy] == [["refund_under_way"], ["refund_under_way"]]
    work(7)
    row.refresh_from_db()
    assert (row.state, row.next_attempt_at) == ("submitted", None)
    assert OutboxMessage.objects.filter(topic="refund.execute", dead_at__isnull=False).count() == 1
    # Nobody pays a second time what may have been paid: by another method only once it is known to have failed.
    assert codes(by(person(), redirect_refunds, world, Redirection(row.id, "cash"))[0]) == ["refund_under_way"]
    assert by(person(), redirect_refunds, world, Redirection(row.id))[0].ok
    work()
    assert Refund.objects.get().state == "paid"
    assert at_provider(provider) == [("paid", 8800)]
    assert Entry.objects.filter(event="refund_paid").count() == 1
    verified()


def test_a_parked_refund_that_failed_goes_another_way(world: Any, provider: Provider) -> None:
    due(world, provider, *["die"] * 16)
    work(8)
    row = Refund.objects.get()
    assert row.next_attempt_at is None
    assert by(person(), fail_refunds, world, Failure(row.id, "other"))[0].ok
    assert by(person(), redirect_refunds, world, Redirection(row.id, "cash"))[0].ok
    assert (Refund.objects.get().state, at_provider(provider)) == ("paid", [])
    verified()


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_lost_it_is_paid_once(seed: int, world: Any, provider: Provider) -> None:
    """As a property: any order of losses, refusals and delays, over three refunds."""
    chance = random.Random(seed)
    for _ in range(3):
        amount = chance.randint(1, 100_000)
        script = chance.choices(["ok", "drop", "die", "fail", "pending"], k=chance.randint(0, 6))
        key = due(world, provider, *script, amount=amount)
        row = Refund.objects.get(return_id=key)
        while row.state != "paid":
            if row.state == "failed" or (row.state == "submitted" and row.next_attempt_at is None):
                assert by(person(), redirect_refunds, world, Redirection(row.id))[0].ok
            work()
            row.refresh_from_db()
            assert row.attempts < 40, script
        refunds = provider.call("GET", "/state")["refunds"]
        assert (refunds[row.intent_key]["amount"], refunds[row.intent_key]["outcome"]) == (amount, "paid")
        assert Entry.objects.filter(event="refund_paid", source_id=row.id).count() == 1
    verified()
