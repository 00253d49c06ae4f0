"""Loops that are looked after: a long handler keeps its message, a hung one stops nobody, a fault is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from guicang.kernel import clock, outbox, schedules, worker
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import new_id
from guicang.kernel.models import OutboxMessage

pytestmark = pytest.mark.django_db(transaction=True)

HERE = "tests.unit.kernel.test_worker_crew"
WAIT = 20.0
CALLS: list[str] = []
STOP, RELEASE = threading.Event(), threading.Event()


def quick(envelope: outbox.Envelope) -> None:
    CALLS.append("quick")


def last(envelope: outbox.Envelope) -> None:
    CALLS.append("last")
    STOP.set()


def long(envelope: outbox.Envelope) -> None:
    """Goes on for several leases."""
    CALLS.append("long")
    time.sleep(2.0)


def endless(envelope: outbox.Envelope) -> None:
    CALLS.append("endless")
    RELEASE.wait(WAIT)


def endless_inside(envelope: outbox.Envelope) -> None:
    with outbox.exactly_once(envelope):
        endless(envelope)


@pytest.fixture(autouse=True)
def _handlers(settings: Settings) -> Iterator[None]:
    settings.OUTBOX_HANDLERS = {
        (name, 1): f"{HERE}.{name}" for name in ("quick", "last", "long", "endless", "endless_inside")
    }
    CALLS.clear()
    STOP.clear()
    RELEASE.clear()
    yield
    RELEASE.set()
    for thread in threading.enumerate():
        if thread.daemon and thread.name.count(":") == 2:
            thread.join(WAIT)


def queue(topic: str, **more: Any) -> None:
    context = Context(new_id(), Actor.system(), clock.utcnow())
    outbox.queue(context, [outbox.Message(topic, {}, str(new_id()), **more)])


def crew(lease_seconds: float, count: int = 1) -> worker.Crew:
    return worker.Crew([worker.Worker(lease_seconds=lease_seconds, stop=STOP) for _ in range(count)], STOP)


def test_a_handler_longer_than_its_lease_keeps_its_message() -> None:
    queue("long")
    queue("last", run_after=clock.utcnow() + timedelta(seconds=3))
    crew(0.6, count=2).wait()
    assert CALLS == ["long", "last"]
    assert set(OutboxMessage.objects.values_list("attempts", "dead_at")) == {(1, None)}


def test_a_handler_that_never_returns_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "HUNG_LEASES", 3)
    queue("endless")
    queue("last")
    crew(0.4).wait()
    assert CALLS == ["endless", "last"]
    row = OutboxMessage.objects.get(topic="endless")
    assert row.last_error.startswith("Hung: its handler did not return")
    assert (row.done_at, row.lease_until) == (None, None)
    assert [item["id"] for item in outbox.last(dead=True)] == [row.id]


@pytest.mark.postgresql
def test_one_that_never_returns_from_its_transaction_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its row is locked, so that nobody takes it and nobody can park it; the rest goes on."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: it waits for whoever holds the lock")
    monkeypatch.setattr(worker, "HUNG_LEASES", 3)
    queue("endless_inside")
    queue("last")
    crew(0.4).wait()
    assert CALLS == ["endless", "last"]
    assert OutboxMessage.objects.get(topic="endless_inside").dead_at is None


def test_what_ends_a_loop_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(now: Any) -> int:
        raise ValueError("a schedule nobody can read")

    monkeypatch.setattr(schedules, "queue_due", broken)
    with pytest.raises(ValueError, match="nobody can read"):
        crew(60.0, count=2).wait()
    assert STOP.is_set()


def test_a_lease_that_is_almost_over_is_taken_anew_before_the_handler_starts() -> None:
    queue("quick")
    (envelope,) = outbox.claim("w", 1, 60, now=clock.utcnow())
    OutboxMessage.objects.update(lease_until=clock.utcnow())
    envelope.lease.since -= 40
    seen = []

    def look(_: outbox.Envelope) -> None:
        seen.append(OutboxMessage.objects.filter(lease_until__gt=clock.utcnow() + timedelta(seconds=30)).count())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "handler_for", lambda topic, version: look)
        assert worker.handle(envelope) == "done"
    assert seen == [1]


@pytest.mark.postgresql
def test_a_worker_whose_clock_is_ahead_takes_nothing_from_others(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite's workers share one clock")
    queue("quick")
    assert len(outbox.claim("other", 1, 60, now=outbox.database_now())) == 1
    real = clock.utcnow
    monkeypatch.setattr(clock, "utcnow", lambda: real() + timedelta(hours=1))
    assert worker.Worker().work() == 0
    assert CALLS == []
