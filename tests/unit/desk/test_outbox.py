"""The page of the outbox: what waits, why it failed in words, revived or dropped; whose, and by whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from guicang.integrations import demo
from guicang.kernel import clock, outbox
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import new_id
from guicang.kernel.models import Command, OutboxMessage
from guicang.notifications.queries import one_time_code
from guicang.staff.rules import ROLES
from tests.unit.desk.conftest import Hire
from tests.unit.desk.test_pages import counted
from tests.world import Sold, World, another_world

pytestmark = pytest.mark.django_db

Order = Callable[..., Sold]


def queue(topic: str, about: UUID | None = None, **body: Any) -> UUID:
    context = Context(new_id(), Actor.system(), clock.utcnow())
    key = new_id().hex
    outbox.queue(context, [outbox.Message(topic, body, key, about or new_id())])
    return OutboxMessage.objects.get(dedupe_key=key).id


def spoil(key: UUID, error: str = "ConnectionRefusedError at smtplib.py:341", dead: bool = True) -> None:
    changes = {"last_error": error, "attempts": 3, "dead_at": clock.utcnow() if dead else None}
    OutboxMessage.objects.filter(id=key).update(**changes)


def shown(client: Client, **filters: str) -> str:
    answer = client.get("/outbox/", filters)
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_a_customer_is_told_can_be_read(world: World, order: Order, hire: Hire) -> None:
    key = world.authorised(order(), 1)
    text = shown(hire("admin"))
    row = world.row(key)
    assert row.number in text
    assert row.rma_code in text
    assert f"/returns/{key}/" in text


def test_one_time_codes_are_masked_but_in_the_demo(hire: Hire, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = new_id()
    queue("portal.code", reference, language="en", reference=str(reference))
    ada = hire("admin")
    assert one_time_code(reference) not in shown(ada)
    assert "••••••" in shown(ada)
    monkeypatch.setattr(demo, "logins", lambda: (["ada"], "password"))
    assert one_time_code(reference) in shown(ada)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("ConnectionRefusedError at smtplib.py:341", "Is the mail server running?"),
        ("UnknownTopic: no handler for x version 1 at worker.py:53", "Update it."),
        ("Hung: its handler did not return for 1800 s", "look before you try again"),
        ("KeyError at receive.py:3", "Something unexpected."),
    ],
)
def test_why_it_failed_in_words(error: str, words: str, hire: Hire) -> None:
    spoil(queue("handover.goods"), error)
    text = shown(hire("admin"), state="dead")
    assert words in text
    assert error in text


def test_states_are_told_apart(hire: Hire) -> None:
    waiting, retrying, dead, done = (queue("handover.goods") for _ in range(4))
    spoil(retrying, dead=False)
    spoil(dead)
    OutboxMessage.objects.filter(id=done).update(done_at=clock.utcnow())
    ada = hire("admin")
    labels = {"waiting": "Waiting", "retrying": "Failed, is tried again", "dead": "Given up", "done": "Done"}
    for state, label in labels.items():
        rows = shown(ada, state=state).partition("<tbody>")[2].partition("</tbody>")[0]
        assert rows.count("<tr>") == 1
        assert f">{label}</span>" in rows
    assert str(dead) in shown(ada)
    assert str(waiting) not in shown(ada)  # only what was given up can be ticked
    assert "No message fits" in shown(ada, state="dropped")


def test_revived_and_dropped_and_who_did_it(hire: Hire) -> None:
    first, second, alive = (queue("handover.goods") for _ in range(3))
    spoil(first)
    spoil(second)
    ada = hire("admin")
    ada.post("/outbox/", {"act": "retry", "pick": [str(first), str(alive)], "filters": "state=dead"})
    row = OutboxMessage.objects.get(id=first)
    assert (row.dead_at, row.attempts) == (None, 0)
    answer = ada.post("/outbox/", {"act": "drop", "pick": str(second)}, follow=True)
    assert "1 message is dropped." in answer.content.decode()
    assert OutboxMessage.objects.get(id=second).done_at is not None
    commands = Command.objects.filter(name__startswith="outbox.").order_by("recorded_at")
    assert [command.name for command in commands] == ["outbox.retry", "outbox.drop"]
    assert str(first) in commands[0].reply["ids"]
    answer = ada.post("/outbox/", {"act": "drop", "pick": str(alive)}, follow=True)
    assert "None of these was given up" in answer.content.decode()
    assert OutboxMessage.objects.get(id=alive).done_at is None


def test_who_may_look_may_not_decide(hire: Hire, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = queue("handover.goods")
    spoil(dead)
    looks = ROLES["admin"].permissions - {"outbox.manage"}
    monkeypatch.setattr("guicang.staff.rules.permissions", lambda role: looks)
    client = hire("admin")
    assert "Try again" not in shown(client)
    assert client.post("/outbox/", {"act": "drop", "pick": str(dead)}).status_code == 403
    assert OutboxMessage.objects.get(id=dead).done_at is None
    assert not Command.objects.filter(name__startswith="outbox.").exists()


@pytest.mark.parametrize("bound", ["company_id", "shop_id"])
def test_messages_of_others_are_not_there(bound: str, world: World, hire: Hire) -> None:
    theirs = another_world()
    mine = world.row(world.request(world.sell(world.facts())[0], 1))
    other = theirs.row(theirs.request(theirs.sell(theirs.facts(buyer="other"))[0], 1))
    queue("portal.code", language="en")
    hidden = OutboxMessage.objects.get(aggregate_id=other.id)
    spoil(hidden.id)
    client = hire("admin", **{bound: getattr(world, bound)})
    text = shown(client)
    assert f"/returns/{mine.id}/" in text
    assert f"/returns/{other.id}/" not in text
    assert "One-time code" not in text.partition("<tbody>")[2]
    client.post("/outbox/", {"act": "drop", "pick": str(hidden.id)})
    assert OutboxMessage.objects.get(id=hidden.id).done_at is None


def test_whoever_keeps_the_only_company_sees_all(world: World, hire: Hire) -> None:
    queue("portal.code", language="en")
    assert "••••••" in shown(hire("admin", company_id=world.company_id))


def test_a_worker_that_does_not_run_is_missed(hire: Hire) -> None:
    key = queue("handover.goods")
    ada = hire("admin")
    assert "no worker runs" not in shown(ada)
    OutboxMessage.objects.filter(id=key).update(run_after=clock.utcnow() - timedelta(minutes=6))
    assert "no worker runs" in shown(ada)


def test_pages_follow_one_another_in_bounded_statements(world: World, order: Order, hire: Hire) -> None:
    ada = hire("admin")
    world.request(order(), 1)
    few = counted(ada, "/outbox/")
    for _ in range(60):
        queue("handover.goods")
    assert counted(ada, "/outbox/") == few <= 13  # PostgreSQL is asked for its clock, too
    text = shown(ada)
    assert text.count("<tr>") == 51
    (following,) = {part.partition('"')[0] for part in text.split('href="?after=')[1:]}
    assert shown(ada, after=following).count("<tr>") == 1 + 11
