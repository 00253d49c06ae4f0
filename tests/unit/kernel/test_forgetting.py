"""What is removed after a time, and above all what is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guicang.kernel import clock, commands, forgetting, outbox, setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.ids import new_id
from guicang.kernel.models import Command, OutboxMessage

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=31)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "utcnow", lambda: NOW)


def message(topic: str = "return.changed", **values: Any) -> None:
    row = {"id": new_id(), "topic": topic, "dedupe_key": new_id().hex, "created_at": LONG_AGO, "run_after": LONG_AGO}
    setwrites.insert(OutboxMessage, [{**row, "lease_until": None, "done_at": LONG_AGO, "dead_at": None, **values}])


def forget() -> None:
    lease = outbox.Lease("w", 1)
    forgetting.forget(outbox.Envelope(new_id(), "kernel.forget", 1, NOW, new_id(), {}, lease))


def test_done_messages_go_and_what_is_open_told_or_given_up_stays() -> None:
    message()
    message("accounting.number")
    kept: list[dict[str, Any]] = [
        {"done_at": None},
        {"done_at": NOW - timedelta(days=29)},
        {"done_at": None, "dead_at": LONG_AGO},
        {"dead_at": LONG_AGO},
        {"topic": "notice.send"},
        {"topic": "accounting.voucher.v1"},
    ]
    for values in kept:
        message(**values)
    forget()
    assert OutboxMessage.objects.count() == len(kept)
    assert not OutboxMessage.objects.filter(topic="accounting.number").exists()


def test_every_topic_is_either_forgotten_or_part_of_the_record() -> None:
    topics = {topic for topic, _version in django_settings.OUTBOX_HANDLERS}
    record = {"notice.send", "handover.goods", "accounting.voucher.v1"}
    assert set(django_settings.OUTBOX_FORGOTTEN) == topics - record
    assert {topic for topic, _cron, _zone in django_settings.SCHEDULES.values()} <= topics - record


def test_replies_go_and_commands_stay() -> None:
    made: list[int] = []

    def act() -> dict[str, int]:
        commands.begin("test.inner", actor=Actor.system(), now=LONG_AGO, items=1)
        made.append(1)
        return {"n": len(made)}

    def call(key: str, now: datetime) -> int:
        return int(commands.once("test", key, {}, actor=Actor.system(), now=now, act=act)["n"])

    assert (call("old", LONG_AGO), call("new", NOW)) == (1, 2)
    forget()
    assert list(Command.objects.exclude(key="").values_list("key", flat=True)) == ["new"]
    assert Command.objects.filter(name="test.inner").count() == 2
    assert (call("new", NOW), call("old", NOW)) == (2, 3)


def test_it_can_be_switched_off(settings: Any) -> None:
    settings.KEEP_DONE_DAYS = 0
    message()
    forget()
    assert OutboxMessage.objects.exists()


def test_statements_by_the_thousand() -> None:
    for _ in range(2001):
        message()
    message("intake.run", done_at=NOW)
    with CaptureQueriesContext(connection) as caught:
        assert forgetting.messages(NOW - timedelta(days=30)) == 2001
    assert len([query for query in caught if query["sql"].startswith("DELETE")]) == 3
    assert len(caught) == len(django_settings.OUTBOX_FORGOTTEN) + 2 * 3
