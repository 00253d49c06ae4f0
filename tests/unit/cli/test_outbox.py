"""`guicang outbox`: what waits, what failed, and dead letters revived."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from guicang.cli import main
from guicang.integrations import demo
from guicang.kernel import outbox
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import new_id
from guicang.kernel.models import OutboxMessage
from guicang.notifications.queries import one_time_code

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def dead(db: None, monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """Two dead letters; a third message waits."""
    monkeypatch.setenv("GUICANG_DEMO", "1")
    context = Context(new_id(), Actor.system(), NOW, "live")
    outbox.queue(context, [outbox.Message("notice.send", {"ref": f"hush-{n}"}, str(n)) for n in range(3)])
    for envelope in outbox.claim("w", 2, now=NOW):
        outbox.fail(envelope, outbox.GiveUp("no_address"), now=NOW)
    return outbox.dead_ids()


def said(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    assert main.main(["outbox", *words]) == status
    return "".join(capsys.readouterr())


def test_messages_are_listed_with_their_state_and_without_what_they_say(
    dead: list[UUID], capsys: pytest.CaptureFixture[str]
) -> None:
    shown = said(capsys)
    assert all(str(key) in shown for key in dead)
    assert "no_address" in shown
    assert "notice.send" in shown
    assert "hush" not in shown
    assert "1 条待处理，其中 0 条失败过；2 条死信，0 条已完成" in shown


def test_as_json_newest_first_and_no_more_than_asked_for(dead: list[UUID], capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(said(capsys, "--json"))
    assert [row["state"] for row in found["messages"]] == ["waiting", "dead", "dead"]
    assert (found["waiting"], found["dead"]) == (1, 2)
    assert "hush" not in json.dumps(found)
    (only,) = json.loads(said(capsys, "--json", "--dead", "--last", "1"))["messages"]
    assert only["id"] == str(dead[-1])


def test_one_dead_letter_is_revived(dead: list[UUID], capsys: pytest.CaptureFixture[str]) -> None:
    assert "已恢复 1 条消息" in said(capsys, "retry", str(dead[0]))
    assert outbox.dead_ids() == dead[1:]
    row = OutboxMessage.objects.get(pk=dead[0])
    assert (row.attempts, row.dead_at) == (0, None)


def test_all_are_revived_at_once(dead: list[UUID], capsys: pytest.CaptureFixture[str]) -> None:
    assert "已恢复 2 条消息" in said(capsys, "retry", "--all-dead")
    assert outbox.dead_ids() == []


def test_what_is_not_dead_is_told(dead: list[UUID], capsys: pytest.CaptureFixture[str]) -> None:
    assert "1 条不是死信" in said(capsys, "retry", str(dead[0]), str(new_id()), status=1)


@pytest.mark.parametrize("words", [(), ("--all-dead", str(new_id()))])
def test_which_ones_must_be_said(dead: list[UUID], capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    assert "--all-dead" in said(capsys, "retry", *words, status=2)
    assert outbox.dead_ids() == dead


def test_codes_of_customers_are_shown_in_demo_data_alone(
    dead: list[UUID], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, newest = new_id(), new_id()
    context = Context(new_id(), Actor.system(), NOW, "live")
    for reference in (first, newest):
        outbox.queue(context, [outbox.Message("portal.code", {}, reference.hex, aggregate_id=reference)])
    outbox.queue(context, [outbox.Message("notice.send", {"ref": "later"}, "later")])
    assert one_time_code(newest) not in said(capsys, "--last")
    monkeypatch.setattr(demo, "logins", lambda: ([object()], "x"))
    assert f"最新的客户验证码：{one_time_code(newest)}" in said(capsys, "--last")
    assert json.loads(said(capsys, "--last", "--json"))["code"] == one_time_code(newest)
