"""One key, one effect: the first answer is given again, other input is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from guicang.kernel.actor import Actor
from guicang.kernel.commands import once
from guicang.kernel.refusal import Refused

NOW = datetime(2026, 11, 3, tzinfo=UTC)


def call(calls: list[int], payload: object, answer: int = 1) -> object:
    def act() -> dict[str, int]:
        calls.append(answer)
        return {"answer": answer}

    return once("test", "key-1", payload, actor=Actor.system(), now=NOW, act=act)


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
