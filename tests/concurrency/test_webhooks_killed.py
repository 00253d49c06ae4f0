"""Real worker processes that call a real receiver: killed in mid-call, and many at one endpoint."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import pytest

from guicang.integrations.models import Attempt, Delivery
from guicang.integrations.webhooks import rules, steps
from guicang.kernel import clock
from guicang.kernel.actor import Actor
from guicang.kernel.models import OutboxMessage
from tests.concurrency.test_worker_killed import Start, start, wait_for
from tests.receiver import FINE, Receiver
from tests.world import World

__all__ = ["start"]
pytestmark = pytest.mark.django_db(transaction=True)

SYSTEM = Actor.system()
SETTINGS = "tests.concurrency.webhook_settings"


def add(world: World, receiver: Receiver) -> UUID:
    made, secret = steps.add(company_id=world.company_id, url=receiver.url, actor=SYSTEM, now=clock.utcnow())
    receiver.trust(secret)
    return made


def ping(endpoint: UUID, count: int = 1) -> None:
    for _ in range(count):
        steps.ping(endpoint_id=endpoint, actor=SYSTEM, now=clock.utcnow())


def all_told() -> bool:
    waiting = OutboxMessage.objects.filter(topic="webhook.deliver", done_at__isnull=True)
    return not (waiting.exists() or Delivery.objects.exclude(state="delivered").exists())


def test_a_worker_killed_while_the_receiver_thinks(
    transactional_db: None, world: World, receiver: Receiver, start: Start
) -> None:
    receiver.replies = [(200, {}, 30.0), FINE]
    ping(add(world, receiver))
    first = start(settings=SETTINGS)
    wait_for(lambda: bool(receiver.heard), "the first call")
    first.kill()
    first.wait()
    assert list(Attempt.objects.values_list("number", "status", "ended_at")) == [(1, 0, None)]
    assert Delivery.objects.get().state == "waiting"
    start(settings=SETTINGS)
    wait_for(all_told, "the second call")
    assert [genuine for _, genuine, _ in receiver.heard] == [True, True]
    assert len({message for message, _, _ in receiver.heard}) == 1
    assert list(Attempt.objects.order_by("number").values_list("number", "status")) == [(1, 0), (2, 200)]
    assert Attempt.objects.get(number=1).ended_at is None


def test_two_workers_at_one_endpoint(transactional_db: None, world: World, receiver: Receiver, start: Start) -> None:
    """Each delivery once, and never more calls at a time than one endpoint may have."""
    receiver.replies = [(200, {}, 0.05)]
    ping(add(world, receiver), 30)
    # A lease that cannot run out while eight threads wait for SQLite's one write lock.
    start("--lease", "60", settings=SETTINGS)
    start("--lease", "60", settings=SETTINGS)
    wait_for(all_told, "30 deliveries")
    assert set(Counter(message for message, _, _ in receiver.heard).values()) == {1}
    assert len(receiver.heard) == 30
    assert all(genuine for _, genuine, _ in receiver.heard)
    assert receiver.busiest <= rules.AT_ONCE
    assert set(Attempt.objects.values_list("number", "status")) == {(1, 200)}
