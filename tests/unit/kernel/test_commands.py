"""One key, one effect: the first answer is given again, other input is refused."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection

from guicang.kernel.actor import Actor
from guicang.kernel.commands import once
from guicang.kernel.refusal import Refused

NOW = datetime(2026, 11, 3, tzinfo=UTC)


def call(calls: list[int], payload: object, answer: int = 1, key: str = "key-1") -> object:
    def act() -> dict[str, int]:
        calls.append(answer)
        return {"answer": answer}

    return once("test", key, payload, actor=Actor.system(), now=NOW, act=act)


@pytest.mark.django_db
def test_the_same_key_and_input_act_once() -> None:
    calls: list[int] = []
    assert call(calls, {"a": 1}) == call(calls, {"a": 1}, 2) == {"answer": 1}
    assert calls == [1]


@pytest.mark.django_db
def test_the_same_key_with_other_input_is_refused() -> None:
    calls: list[int] = []
    call(calls, {"a": 1})
    with pytest.raises(Refused) as refused:
        call(calls, {"a": 2})
    assert refused.value.refusals[0].code == "idempotency_key_reused"
    assert calls == [1]


@pytest.mark.django_db
def test_a_failed_act_leaves_the_key_free() -> None:
    def fail() -> dict[str, int]:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        once("test", "key-1", {}, actor=Actor.system(), now=NOW, act=fail)
    calls: list[int] = []
    assert call(calls, {}) == {"answer": 1}


@pytest.mark.django_db
def test_no_key_is_no_key_for_all() -> None:
    calls: list[int] = []
    with pytest.raises(ValueError, match="no idempotency key"):
        call(calls, {}, key="")
    assert calls == []


@pytest.mark.django_db
def test_a_key_may_be_long() -> None:
    calls: list[int] = []
    long = "k" * 500
    assert call(calls, {}, 1, long) == call(calls, {}, 2, long) == {"answer": 1}
    assert call(calls, {}, 3, long + "k") == {"answer": 3}
    assert calls == [1, 3]


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_calls_at_once_act_once() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    calls: list[int] = []
    together = threading.Barrier(8)
    answers: list[object] = []

    def run() -> None:
        together.wait(20)
        try:
            answers.append(call(calls, {}))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert answers == [{"answer": 1}] * 8
    assert calls == [1]
