"""The worker in this process: handlers, faults, schedules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from guicang.kernel import clock, outbox, schedules, worker
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import new_id
from guicang.kernel.models import Command, OutboxMessage, Schedule

pytestmark = pytest.mark.django_db(transaction=True)

HERE = "tests.unit.kernel.test_outbox_worker"


def note(envelope: outbox.Envelope) -> None:
    Command.objects.create(name=envelope.body.get("name", "noted"), actor_kind="system", recorded_at=clock.utcnow())


def note_once(envelope: outbox.Envelope) -> None:
    with outbox.exactly_once(envelope):
        note(envelope)
    if envelope.body.get("then") == "crash":
        raise ConnectionError("after the commit")


def crash(envelope: outbox.Envelope) -> None:
    raise ConnectionError(envelope.body["text"])


def stop(envelope: outbox.Envelope) -> None:
    note(envelope)
    STOPPING.stop.set()


STOPPING = worker.Worker()


@pytest.fixture(autouse=True)
def _handlers(settings: Settings) -> None:
    names = ("note", "note_once", "crash", "stop")
    settings.OUTBOX_HANDLERS = {(name, 1): f"{HERE}.{name}" for name in names}


def queue(topic: str, count: int = 1, **body: object) -> None:
    context = Context(new_id(), Actor.system(), clock.utcnow())
    outbox.queue(context, [outbox.Message(topic, body, str(new_id())) for _ in range(count)])


def names() -> list[str]:
    return sorted(Command.objects.values_list("name", flat=True))


def test_drain_handles_all_that_is_due() -> None:
    queue("note", 45)
    assert worker.Worker().drain() == 45
    assert len(names()) == 45
    assert worker.Worker().drain() == 0


def test_a_topic_nobody_knows_is_kept_and_tried_again() -> None:
    queue("nobody")
    assert worker.Worker().drain() == 1
    row = OutboxMessage.objects.get()
    assert row.last_error.startswith("UnknownTopic: no handler for nobody version 1")
    assert (row.done_at, row.dead_at, row.lease_until) == (None, None, None)
    assert row.run_after > clock.utcnow()


def test_one_failing_message_does_not_stop_the_others() -> None:
    queue("crash", text="rosa@example.org")
    queue("note", 3)
    worker.Worker().drain()
    assert len(names()) == 3
    assert OutboxMessage.objects.get(topic="crash").last_error.startswith("ConnectionError at test_outbox_worker.py")


def test_a_fault_after_the_commit_does_not_undo_done() -> None:
    queue("note_once", then="crash")
    worker.Worker().drain()
    assert OutboxMessage.objects.get().done_at is not None
    assert names() == ["noted"]


def test_a_worker_told_to_stop_finishes_the_message_in_hand_and_hands_back_the_rest() -> None:
    queue("stop", 5)
    STOPPING.stop.clear()
    STOPPING.work()
    assert OutboxMessage.objects.filter(done_at__isnull=False).count() == 1
    rest = OutboxMessage.objects.filter(done_at__isnull=True)
    assert set(rest.values_list("attempts", "lease_until")) == {(0, None)}


def test_a_lease_that_ran_out_in_the_queue_is_renewed_or_left_alone() -> None:
    queue("note", 2)
    mine, taken = outbox.claim("a", 2, 0.0, now=clock.utcnow())
    OutboxMessage.objects.filter(pk=taken.id).update(lease_owner="b")
    assert worker.handle(mine) == "done"
    assert worker.handle(taken) == "lost"
    assert names() == ["noted"]


def test_a_message_whose_workers_die_is_parked() -> None:
    queue("note")
    OutboxMessage.objects.update(attempts=outbox.MAX_ATTEMPTS)
    worker.Worker().drain()
    row = OutboxMessage.objects.get()
    assert row.dead_at is not None
    assert "died" in row.last_error
    assert names() == []


def test_slots_follow_the_zone() -> None:
    noon = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    assert schedules.next_slot("0 8 * * *", "Asia/Shanghai", noon) == datetime(2026, 3, 29, 0, tzinfo=UTC)
    assert schedules.next_slot("0 8 * * *", "Europe/Berlin", noon) == datetime(2026, 3, 29, 6, tzinfo=UTC)
    with pytest.raises(ValueError, match="columns"):
        schedules.next_slot("nonsense", "UTC", noon)


def test_a_schedule_queues_one_message_a_slot_and_missed_slots_once() -> None:
    start = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
    schedules.ensure({"expire": ("note", "0 * * * *", "UTC")}, now=start)
    assert schedules.queue_due(start) == 0
    later = start + timedelta(hours=5)
    assert schedules.queue_due(later) == 1
    assert schedules.queue_due(later) == 0
    Schedule.objects.update(next_at=start + timedelta(minutes=30))
    assert schedules.queue_due(later) == 1
    row = OutboxMessage.objects.get()
    assert row.body == {"schedule": "expire", "slot": "2026-03-01T01:00:00+00:00"}
    assert Schedule.objects.get().next_at == datetime(2026, 3, 1, 6, tzinfo=UTC)


def test_declared_schedules_are_kept_in_step() -> None:
    start = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
    schedules.ensure({"a": ("note", "0 * * * *", "UTC"), "b": ("note", "0 * * * *", "UTC")}, now=start)
    schedules.ensure({"a": ("note", "15 * * * *", "UTC")}, now=start)
    a, b = Schedule.objects.order_by("name")
    assert (a.cron, a.next_at) == ("15 * * * *", datetime(2026, 3, 1, 1, 15, tzinfo=UTC))
    assert (a.active, b.active) == (True, False)
    assert schedules.queue_due(start + timedelta(days=1)) == 1


def test_a_long_queue_is_not_searched_for_abandoned_messages_at_every_claim() -> None:
    queue("note", 60)
    with CaptureQueriesContext(connection) as queried:
        assert worker.Worker(batch=20).drain() == 60
    searches = [each for each in queried if "lease_until <" in each["sql"] and "UPDATE" in each["sql"]]
    assert len(searches) == 1


def test_an_abandoned_message_is_found_though_it_is_all_there_is() -> None:
    queue("note")
    idle = worker.Worker(lease_seconds=3600)
    idle.drain()
    queue("note")
    outbox.claim("dead", 1, 0.0, now=clock.utcnow())
    assert idle.drain(clock.utcnow() + timedelta(seconds=1)) == 1
    assert names() == ["noted", "noted"]
