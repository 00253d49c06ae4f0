"""`verify` while the shop works: it sees one instant, finds nothing, and holds nobody up."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from guicang.kernel.actor import Actor
from guicang.proofs import queries as proofs
from guicang.returns.steps.receive import Arrived, Receiving, receive

pytestmark = pytest.mark.django_db(transaction=True)

SYSTEM = Actor.system()
ROUNDS = 4
WAIT = 120.0


def test_it_sees_one_instant(transactional_db: None, world: Any) -> None:
    stop, faults, done = threading.Event(), list[BaseException](), list[int]()

    def work() -> None:
        try:
            while not stop.is_set():
                for sold in world.sell(*[world.facts(2) for _ in range(5)]):
                    key = world.authorised(sold, 1)
                    parcel = Receiving(key, [Arrived(world.line(key).id, 1)])
                    done.append(sum(one.ok for one in receive(receipts=[parcel], actor=SYSTEM, now=world.now)))
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    writer = threading.Thread(target=work)
    writer.start()
    try:
        during = []
        for _ in range(ROUNDS):
            before = len(done)
            during.append([(proof.name, proof.differences[:2]) for proof in proofs.run() if not proof.ok])
            while len(done) == before and writer.is_alive():
                stop.wait(0.01)
    finally:
        stop.set()
        writer.join(WAIT)
    assert not faults
    assert during == [[]] * ROUNDS
    assert sum(done) >= ROUNDS
