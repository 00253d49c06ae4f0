"""Queue, claim, finish, fail, retry: the outbox alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guicang.kernel import clock, outbox
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import new_id
from guicang.kernel.models import Command, OutboxMessage

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def context(origin: str = "live") -> Context:
    return Context(new_id(), Actor.system(), NOW, origin)


def queue(count: int = 1, **values: object) -> None:
    outbox.queue(context(), [outbox.Message("t", {"n": n}, str(n), **values) for n in range(count)])  # type: ignore[arg-type]


def claim(limit: int = 10, worker: str = "w", now: datetime = NOW, lease: float = 60) -> list[outbox.Envelope]:
    return outbox.claim(worker, limit, lease, now=now)


def numbers(envelopes: list[outbox.Envelope]) -> list[int]:
    return [envelope.body["n"] for envelope in envelopes]


def test_history_queues_nothing() -> None:
    outbox.queue(context("history"), [])
    with pytest.raises(RuntimeError, match="history must not queue t"):
        outbox.queue(context("history"), [outbox.Message("t", {}, "1")])
    assert not OutboxMessage.objects.exists()


def test_equal_keys_of_a_topic_are_one_message() -> None:
    queue(3)
    queue(4)
    outbox.queue(context(), [outbox.Message("other", {}, "1")])
    assert OutboxMessage.objects.count() == 5


def test_a_set_costs_one_statement_a_thousand() -> None:
    with CaptureQueriesContext(connection) as queried:
        queue(2001)
    assert len(queried) == 3


def test_claims_come_in_order_and_to_one_worker() -> None:
    queue(5)
    assert numbers(claim(3)) == [0, 1, 2]
    assert numbers(claim(3, "other")) == [3, 4]
    assert claim() == []
    assert outbox.due(NOW) is False


def test_what_is_not_due_waits() -> None:
    queue(1, run_after=NOW + timedelta(hours=1))
    assert not outbox.due(NOW)
    assert claim() == []
    assert numbers(claim(now=NOW + timedelta(hours=1))) == [0]


def test_an_envelope_carries_the_versioned_facts() -> None:
    aggregate = new_id()
    queue(1, aggregate_id=aggregate, version=2)
    (envelope,) = claim()
    assert envelope.as_dict() == {
        "id": str(OutboxMessage.objects.get().id),
        "topic": "t",
        "version": 2,
        "occurred_at": "2026-03-01T00:00:00+00:00",
        "aggregate_id": str(aggregate),
        "body": {"n": 0},
    }


def test_an_abandoned_message_comes_back_alone_after_its_lease() -> None:
    queue(3)
    claim(2)
    later = NOW + timedelta(seconds=61)
    first, second = claim(worker="b", now=later), claim(worker="b", now=later)
    assert (numbers(first), numbers(second), numbers(claim(worker="b", now=later))) == ([0], [1], [2])
    assert [envelope.lease.attempt for envelope in first] == [2]


def test_who_lost_the_lease_can_settle_nothing() -> None:
    queue()
    (late,) = claim()
    (now_ours,) = claim(worker="b", now=NOW + timedelta(seconds=61))
    assert outbox.finish(late, now=NOW) is False
    assert outbox.fail(late, ValueError(), now=NOW) == "lost"
    outbox.release([late])
    with pytest.raises(outbox.LeaseLost):
        outbox.extend(late)
    assert outbox.finish(now_ours, now=NOW) is True
    assert OutboxMessage.objects.get().done_at == NOW


def test_a_second_claim_of_the_same_worker_is_another_lease() -> None:
    queue()
    (old,) = claim()
    (new,) = claim(now=NOW + timedelta(seconds=61))
    assert outbox.finish(old, now=NOW) is False
    assert outbox.finish(new, now=NOW) is True


def test_release_gives_back_the_attempt() -> None:
    queue(2)
    outbox.release(claim())
    assert [envelope.lease.attempt for envelope in claim()] == [1, 1]


def test_a_failure_backs_off_and_at_last_is_parked_and_can_be_retried() -> None:
    queue()
    now = NOW
    for attempt in range(1, outbox.MAX_ATTEMPTS + 1):
        (envelope,) = claim(now=now)
        assert envelope.lease.attempt == attempt
        result = outbox.fail(envelope, ValueError("rosa@example.org"), now=now)
        assert result == ("dead" if attempt == outbox.MAX_ATTEMPTS else "retry")
        assert claim(now=now) == []
        now = OutboxMessage.objects.get().run_after
    row = OutboxMessage.objects.get()
    assert row.dead_at is not None
    assert row.last_error.startswith("ValueError")
    assert "rosa" not in row.last_error
    assert [item["id"] for item in outbox.last(dead=True)] == [row.id]
    assert claim(now=now + timedelta(days=9)) == []
    assert outbox.retry([row.id, new_id()], now=now) == 1
    (envelope,) = claim(now=now)
    assert envelope.lease.attempt == 1
    assert outbox.finish(envelope, now=now)
    assert outbox.retry([row.id], now=now) == 0


def test_backoff_doubles_to_an_hour_with_jitter() -> None:
    for attempt, whole in ((1, 2), (2, 4), (5, 32), (12, 3600), (40, 3600)):
        waits = {outbox.backoff(attempt).total_seconds() for _ in range(50)}
        assert whole / 2 <= min(waits) < max(waits) <= whole


def test_give_up_parks_at_once_with_its_words() -> None:
    queue()
    (envelope,) = claim()
    assert outbox.fail(envelope, outbox.GiveUp("no such template"), now=NOW) == "dead"
    assert OutboxMessage.objects.get().last_error == "GiveUp: no such template"


def test_stats_count_each_message_where_it_stands() -> None:
    queue(5)
    outbox.queue(context(), [outbox.Message("later", {}, "1", run_after=NOW + timedelta(days=1))])
    done, dead, again, _leased = claim(4)
    outbox.finish(done, now=NOW)
    outbox.fail(dead, outbox.GiveUp(), now=NOW)
    outbox.fail(again, ValueError(), now=NOW)
    counts = outbox.stats(NOW + timedelta(seconds=30))
    assert counts == {
        "waiting": 4, "due": 3, "leased": 1, "retrying": 1, "dead": 1, "done": 1, "lag_seconds": 30,
    }  # fmt: skip
    assert [item["topic"] for item in outbox.last(1)] == ["later"]


def fail_half_way(envelope: outbox.Envelope) -> None:
    with outbox.exactly_once(envelope):
        Command.objects.create(name="half", actor_kind="system", recorded_at=NOW)
        raise ValueError("x")


@pytest.mark.django_db(transaction=True)
def test_exactly_once_binds_the_effect_to_the_message() -> None:
    queue(2)
    kept, broken = claim(now=clock.utcnow())
    with outbox.exactly_once(kept):
        Command.objects.create(name="effect", actor_kind="system", recorded_at=NOW)
    with pytest.raises(outbox.LeaseLost), outbox.exactly_once(kept):
        Command.objects.create(name="twice", actor_kind="system", recorded_at=NOW)
    with pytest.raises(ValueError, match="x"):
        fail_half_way(broken)
    assert list(Command.objects.values_list("name", flat=True)) == ["effect"]
    assert (kept.lease.finished, broken.lease.finished) == (True, False)
    assert outbox.finish(kept, now=NOW) is True
    assert OutboxMessage.objects.filter(done_at__isnull=True).count() == 1
