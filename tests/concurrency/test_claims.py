"""Many at once on PostgreSQL: claims never pass what was shipped, and a receipt counts once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from guicang.kernel.actor import Actor
from guicang.proofs import queries as proofs
from guicang.returns.models import Receipt, Return
from guicang.returns.steps.cancel import Cancellation, cancel
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.request import request
from guicang.returns.steps.settle import Settlement, settle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]

SYSTEM = Actor.system()
WAIT = 60.0


@pytest.fixture(autouse=True)
def _row_locks() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """What each act answered (or raised), all started together, each on a connection of its own."""
    together = threading.Barrier(len(acts))
    answers: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            together.wait(WAIT)
            answers[place] = act()
        except Exception as fault:
            answers[place] = fault
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    assert not any(thread.is_alive() for thread in threads)
    return answers


def whole() -> bool:
    return all(proof.ok for proof in proofs.run())


def test_fifty_claims_for_three_units(transactional_db: None, world: Any, order: Any) -> None:
    sold = order(units=3)
    asked = world.asked(sold, 1)
    answers = at_once([lambda: request(requests=[asked], actor=SYSTEM, now=world.now)[0]] * 50)
    outcomes = Counter("ok" if answer.ok else ",".join(each.code for each in answer.refusals) for answer in answers)
    assert outcomes == {"ok": 3, "over_return": 47}
    assert (sold.claimed, Return.objects.count()) == (3, 3)
    assert whole()


def test_the_same_receipt_twice_counts_once(transactional_db: None, world: Any, order: Any) -> None:
    key = world.authorised(order(units=4), 4)
    parcel = Receiving(key, [Arrived(world.line(key).id, 2)], key="parcel-1")
    answers = at_once([lambda: receive(receipts=[parcel], actor=SYSTEM, now=world.now)[0]] * 2)
    assert [answer.ok for answer in answers] == [True, True], answers
    assert sorted(bool(answer.data.get("repeat")) for answer in answers) == [False, True]
    assert (world.line(key).received, Receipt.objects.count()) == (2, 1)
    assert whole()


def test_settling_and_cancelling_returns_of_the_same_orders(transactional_db: None, world: Any, order: Any) -> None:
    """Both write the orders' labels: each locks the orders first, so neither waits for the other for ever."""
    sold = [order(units=2) for _ in range(30)]
    paid, dropped = [world.authorised(each, 1) for each in sold], [world.authorised(each, 1) for each in sold]
    acts = [
        lambda: settle(settlements=[Settlement(key, ahead=True) for key in paid], actor=SYSTEM, now=world.now),
        lambda: cancel(cancellations=[Cancellation(key) for key in reversed(dropped)], actor=SYSTEM, now=world.now),
    ]
    for outcomes in at_once(acts):
        assert not isinstance(outcomes, Exception), outcomes
        assert all(outcome.ok for outcome in outcomes)
    assert whole()


def test_one_key_is_one_receipt(transactional_db: None, world: Any, order: Any) -> None:
    key = world.authorised(order(units=4), 4)
    line = world.line(key).id

    def told(units: int) -> Any:
        parcel = Receiving(key, [Arrived(line, units)], key="parcel-1")
        return receive(receipts=[parcel], actor=SYSTEM, now=world.now)[0]

    assert told(2).ok
    assert told(2).data == {"repeat": True}
    assert [refusal.code for refusal in told(3).refusals] == ["idempotency_key_reused"]
    assert world.line(key).received == 2
