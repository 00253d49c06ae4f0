"""A program is told what becomes of a return: signed, again until it arrives, and only what it may know."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from guicang.audit import queries as audit
from guicang.integrations.models import Attempt, Delivery, Endpoint, Secret
from guicang.integrations.webhooks import operations, queries, rules, steps
from guicang.kernel import clock, outbox, worker
from guicang.kernel.actor import Actor, Scope
from guicang.kernel.commands import Context
from guicang.kernel.ids import new_id
from guicang.kernel.models import Listener, OutboxMessage
from guicang.kernel.refusal import Refused
from guicang.parties.models import VaultEntry
from guicang.trade.facts import CustomerFacts
from tests.journeys.acts import back, pay, undo, verified
from tests.receiver import FINE, Receiver
from tests.world import Sold, World, another_world

pytestmark = pytest.mark.django_db(transaction=True)

SYSTEM = Actor.system()
Order = Callable[..., Sold]


def add(world: World, receiver: Receiver, *events: str) -> UUID:
    made, secret = steps.add(
        company_id=world.company_id, url=receiver.url, events=events, actor=SYSTEM, now=clock.utcnow()
    )
    receiver.trust(secret)
    return made


def work() -> None:
    """Both lanes, until nothing is due."""
    lanes = [worker.Worker(), worker.Worker(batch=1, lane="outside")]
    while sum(each.drain() for each in lanes):
        continue


def later() -> None:
    """Time passes, as far as messages of webhooks are concerned."""
    OutboxMessage.objects.filter(topic="webhook.deliver").update(run_after=clock.utcnow())
    Endpoint.objects.update(rests_until=None)
    work()


def heard(receiver: Receiver) -> list[str]:
    assert all(genuine for _, genuine, _ in receiver.heard)
    return [json.loads(body)["type"] for _, _, body in receiver.heard]


def ping(endpoint: UUID) -> Delivery:
    steps.ping(endpoint_id=endpoint, actor=SYSTEM, now=clock.utcnow())
    work()
    return Delivery.objects.filter(endpoint_id=endpoint).order_by("-id")[0]


def codes(raised: Any) -> list[str]:
    return [refusal.code for refusal in raised.value.refusals]


def test_a_life_is_told_signed_and_without_personal_data(world: World, order: Order, receiver: Receiver) -> None:
    endpoint = add(world, receiver)
    sold = order(2, customer=CustomerFacts("rosa", personal={"name": "Rosa Marlow", "phone": "+8613812345678"}))
    key = back(world, sold, 1)
    undo(world, pay(world, key))
    work()
    states = ("authorised", "inspected", "inspected", "received", "requested", "settled")
    assert sorted(heard(receiver)) == [f"return.{state}" for state in states]
    events = [json.loads(body) for _, _, body in receiver.heard]
    settled = next(event for event in events if event["type"] == "return.settled")
    assert settled["data"]["number"] == world.row(key).number
    assert settled["data"]["refund_minor"] == 1000
    assert VaultEntry.objects.exists()
    said = " ".join(
        [*(str(body) for _, _, body in receiver.heard), *Delivery.objects.values_list("payload", flat=True)]
    )
    assert "Rosa" not in said
    assert "1381234" not in said
    assert len({message for message, _, _ in receiver.heard}) == 6
    assert set(Delivery.objects.values_list("state", "attempts", "aggregate_id")) == {("delivered", 1, key)}
    assert Attempt.objects.filter(endpoint_id=endpoint, status=200, ended_at__isnull=False).count() == 6
    verified()


def test_only_what_was_asked_for_and_only_of_the_company(world: World, order: Order, receiver: Receiver) -> None:
    theirs = another_world()
    add(theirs, receiver)
    add(world, receiver, "return.settled")
    pay(world, back(world, order(), 1))
    work()
    assert heard(receiver) == ["return.settled"]


def test_the_listener_comes_with_the_first_and_goes_with_the_last(world: World, receiver: Receiver) -> None:
    first, second = add(world, receiver), add(world, receiver)
    for endpoint in (first, second):
        assert Listener.objects.filter(company_id=world.company_id).exists()
        ping(endpoint)
        steps.remove(endpoint_id=endpoint, actor=SYSTEM, now=clock.utcnow())
    assert not Listener.objects.exists()
    assert {model.objects.count() for model in (Endpoint, Secret, Delivery, Attempt)} == {0}
    assert [row.action for row in audit.history(first)] == ["create", "remove"]
    assert receiver.url.split("/")[2] in str(audit.history(first)[0].after)
    verified()


@pytest.mark.parametrize("status", [301, 307, 400, 404, 500, 503])
def test_what_fails_comes_again_under_the_same_id(status: int, world: World, receiver: Receiver) -> None:
    endpoint = add(world, receiver)
    receiver.replies = [(status, {"Location": receiver.url}, 0.0), FINE]
    delivery = ping(endpoint)
    assert (delivery.state, delivery.last_status, delivery.attempts) == ("waiting", status, 1)
    assert delivery.next_at is not None
    assert timedelta(seconds=4) < delivery.next_at - clock.utcnow() < timedelta(seconds=6)
    assert len(receiver.heard) == 1
    later()
    assert heard(receiver) == ["ping", "ping"]
    assert len({message for message, _, _ in receiver.heard}) == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("delivered", 2)
    assert delivery.next_at is None
    assert list(Attempt.objects.order_by("number").values_list("status", flat=True)) == [status, 200]
    assert OutboxMessage.objects.filter(topic="webhook.deliver", done_at__isnull=False).count() == 1


def test_ten_attempts_and_then_it_has_failed(world: World, receiver: Receiver) -> None:
    endpoint = add(world, receiver)
    receiver.replies = [(500, {}, 0.0)]
    delivery = ping(endpoint)
    for _ in range(12):
        later()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, len(receiver.heard)) == ("failed", 10, 10)
    message = OutboxMessage.objects.get(topic="webhook.deliver")
    assert (message.dead_at, message.done_at is not None) == (None, True)
    receiver.replies = [FINE]
    assert steps.replay(endpoint_id=endpoint, deliveries=None, actor=SYSTEM, now=clock.utcnow()) == 1
    work()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("delivered", 11)
    with pytest.raises(Refused) as refused:
        steps.replay(endpoint_id=endpoint, deliveries=None, actor=SYSTEM, now=clock.utcnow())
    assert codes(refused) == ["webhook_nothing_to_send"]
    steps.replay(endpoint_id=endpoint, deliveries=[delivery.id], actor=SYSTEM, now=clock.utcnow())
    work()
    assert len(receiver.heard) == 12
    assert len({message for message, _, _ in receiver.heard}) == 1


def test_gone_switches_off_and_what_comes_then_is_held(world: World, order: Order, receiver: Receiver) -> None:
    endpoint = add(world, receiver)
    receiver.replies = [(410, {}, 0.0), FINE]
    assert ping(endpoint).state == "failed"
    found = Endpoint.objects.get(id=endpoint)
    assert (found.is_on, found.off_reason) == (False, "gone")
    assert [row.id for row in queries.troubled(SYSTEM)] == [endpoint]
    world.request(order(), 1)
    work()
    assert len(receiver.heard) == 1
    assert set(Delivery.objects.values_list("type", "state")) == {("ping", "failed"), ("return.requested", "held")}
    for act in (
        lambda: ping(endpoint),
        lambda: steps.replay(endpoint_id=endpoint, deliveries=None, actor=SYSTEM, now=clock.utcnow()),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert codes(refused) == ["webhook_off"]
    steps.switch(endpoint_id=endpoint, on=True, actor=SYSTEM, now=clock.utcnow())
    assert queries.troubled(SYSTEM) == []
    assert steps.replay(endpoint_id=endpoint, deliveries=None, actor=SYSTEM, now=clock.utcnow()) == 2
    work()
    assert heard(receiver)[1:] == ["ping", "return.requested"]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}


def test_days_of_failure_switch_off(world: World, receiver: Receiver) -> None:
    endpoint = add(world, receiver)
    receiver.replies = [(500, {}, 0.0)]
    ping(endpoint)
    since = Endpoint.objects.get(id=endpoint).failing_since
    assert since is not None
    Endpoint.objects.update(failing_since=since - rules.PATIENCE)
    later()
    found = Endpoint.objects.get(id=endpoint)
    assert (found.is_on, found.off_reason) == (False, "failing")
    assert [row.action for row in audit.history(endpoint)] == ["create", "switch_off"]
    later()
    assert Delivery.objects.get().state == "held"
    assert len(receiver.heard) == 2


def test_a_success_makes_it_well_again(world: World, receiver: Receiver) -> None:
    endpoint = add(world, receiver)
    receiver.replies = [(500, {}, 0.0), FINE]
    ping(endpoint)
    later()
    assert Endpoint.objects.get(id=endpoint).failing_since is None


def test_who_asks_to_be_left_alone_is(world: World, receiver: Receiver) -> None:
    endpoint = add(world, receiver)
    receiver.replies = [(429, {"Retry-After": "3600"}, 0.0), FINE]
    first = ping(endpoint)
    second = ping(endpoint)
    assert len(receiver.heard) == 1
    assert (second.attempts, second.state) == (0, "waiting")
    waits = OutboxMessage.objects.filter(topic="webhook.deliver").values_list("run_after", "attempts")
    assert {attempts for _, attempts in waits} == {0, 1}
    assert all(at - clock.utcnow() > timedelta(minutes=59) for at, _ in waits)
    later()
    assert len(receiver.heard) == 3
    first.refresh_from_db()
    assert first.state == "delivered"


def test_a_new_secret_signs_beside_the_old_one_for_a_day(world: World, receiver: Receiver) -> None:
    endpoint = add(world, receiver)
    fresh = steps.rotate(endpoint_id=endpoint, actor=SYSTEM, now=clock.utcnow())
    ping(endpoint)
    assert heard(receiver) == ["ping"]
    assert len(receiver.signatures[-1].split()) == 2
    receiver.trust(fresh)
    ping(endpoint)
    assert heard(receiver) == ["ping", "ping"]
    Secret.objects.filter(ends_at__isnull=False).update(ends_at=clock.utcnow())
    ping(endpoint)
    assert len(receiver.signatures[-1].split()) == 1
    assert heard(receiver)[-1] == "ping"
    kept = " ".join(str(row) for row in Secret.objects.values_list("sealed", "key_id"))
    assert fresh.removeprefix("whsec_") not in kept
    a, b = Secret.objects.order_by("id")
    Secret.objects.filter(id=a.id).update(sealed=b.sealed, ends_at=None)
    with pytest.raises(InvalidTag):
        operations.secrets_of(endpoint, clock.utcnow())


def test_private_addresses_are_refused_when_made_and_when_called(
    world: World, receiver: Receiver, settings: Settings
) -> None:
    endpoint = add(world, receiver)
    settings.OUTGOING_ALLOW = ()
    for url in ("https://10.0.0.1/", "http://hook.example/", "https://localhost/", receiver.url, "https://[::1]/"):
        with pytest.raises(Refused) as refused:
            steps.add(company_id=world.company_id, url=url, actor=SYSTEM, now=clock.utcnow())
        assert codes(refused) == ["webhook_url_private"], url
    with pytest.raises(Refused) as refused:
        steps.add(company_id=world.company_id, url="ftp://x", events=["nonsense"], actor=SYSTEM, now=clock.utcnow())
    assert codes(refused) == ["webhook_event_unknown", "webhook_url_bad"]
    assert Endpoint.objects.count() == 1
    delivery = ping(endpoint)
    assert (delivery.state, delivery.last_error, receiver.heard) == ("waiting", "blocked", [])


def test_only_who_sees_a_whole_company_may(world: World, receiver: Receiver) -> None:
    endpoint = add(world, receiver)
    may = frozenset({queries.PERMISSION})
    whole = Actor("staff", new_id(), may, Scope(world.company_id))
    bounded = [
        Actor("staff", new_id(), may, Scope(another_world().company_id)),
        Actor("staff", new_id(), may, Scope(world.company_id, world.shop_id)),
        Actor("staff", new_id(), may, Scope(world.company_id, warehouse_id=world.warehouse_id)),
        Actor("staff", new_id(), frozenset(), Scope(world.company_id)),
    ]
    for actor in bounded:
        assert queries.endpoints(actor) == []
        assert queries.sheet(actor, endpoint, clock.utcnow()) is None
        with pytest.raises(Refused) as refused:
            steps.add(company_id=world.company_id, url=receiver.url, actor=actor, now=clock.utcnow())
        assert codes(refused) == ["not_permitted"]
        for act in (steps.rotate, steps.ping, steps.remove):
            with pytest.raises(Refused) as refused:
                act(endpoint_id=endpoint, actor=actor, now=clock.utcnow())
            assert codes(refused) == ["webhook_not_found"]
    assert [row.id for row, _ in queries.endpoints(whole)] == [endpoint]
    assert Secret.objects.count() == 1


def test_a_company_has_so_many_at_most(world: World, receiver: Receiver) -> None:
    for _ in range(rules.ENDPOINTS_MOST):
        add(world, receiver)
    with pytest.raises(Refused) as refused:
        add(world, receiver)
    assert codes(refused) == ["webhook_too_many"]


def test_a_worker_that_died_in_mid_call_leaves_its_trace(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It sent, and died before it wrote what came of it: the log says so, and the message comes again."""
    endpoint = add(world, receiver)

    def die(*_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(operations, "_end", die)
        steps.ping(endpoint_id=endpoint, actor=SYSTEM, now=clock.utcnow())
        with pytest.raises(SystemExit):
            work()
    assert list(Attempt.objects.values_list("number", "ended_at", "status")) == [(1, None, 0)]
    OutboxMessage.objects.update(lease_until=clock.utcnow() - timedelta(seconds=1))
    work()
    assert heard(receiver) == ["ping", "ping"]
    assert len({message for message, _, _ in receiver.heard}) == 1
    assert list(Attempt.objects.order_by("id").values_list("number", "status")) == [(1, 0), (2, 200)]
    assert Delivery.objects.get().state == "delivered"


def test_old_deliveries_are_forgotten(world: World, receiver: Receiver) -> None:
    endpoint = add(world, receiver)
    for _ in range(3):
        ping(endpoint)
    old = Delivery.objects.order_by("id")[:2]
    Delivery.objects.filter(id__in=[row.id for row in old]).update(created_at=clock.utcnow() - rules.KEPT * 2)
    Delivery.objects.filter(id=old[0].id).update(state="waiting")
    steps.rotate(endpoint_id=endpoint, actor=SYSTEM, now=clock.utcnow() - timedelta(days=2))
    outbox.queue(Context(new_id(), SYSTEM, clock.utcnow()), [outbox.Message("webhooks.forget", {}, "now")])
    work()
    assert (Delivery.objects.count(), Attempt.objects.count(), Secret.objects.count()) == (2, 2, 1)


def test_statements_of_fan_out_and_of_the_log_do_not_grow(world: World, order: Order, receiver: Receiver) -> None:
    endpoint = add(world, receiver)
    counted = []
    for _ in range(2):
        world.request(order(), 1)
        (envelope,) = [each for each in outbox.claim("w", 9, now=clock.utcnow()) if each.topic == "return.changed"]
        with CaptureQueriesContext(connection) as queried:
            operations.fan_out(envelope)
        counted.append(len(queried))
        add(world, receiver)
        with CaptureQueriesContext(connection) as queried:
            assert queries.sheet(SYSTEM, endpoint, clock.utcnow()) is not None
        assert len(queried) == 5
    assert counted[0] == counted[1] <= 7
