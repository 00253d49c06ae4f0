"""Two workers that start together after two days: each due action happens once, in due order for each return."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from guicang.audit import queries as audit
from guicang.returns.models import Clock
from guicang.returns.steps import tick
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.reject import Rejection, reject
from guicang.returns.steps.request import request
from tests.concurrency.test_claims import _row_locks, at_once  # noqa: F401 - the fixture skips SQLite
from tests.journeys.acts import give, verified
from tests.journeys.test_policies import state
from tests.world import Sold, World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
HOUR = timedelta(hours=1)


def due_twice(world: World, order: Callable[..., Sold], n: int) -> list[UUID]:
    """Requests whose review runs out after two days, and on which a platform agrees a day later."""
    state(world, {"terms": {"days": 30, "review_hours": 48, "review_then": "escalate", "ship_days": 30}})
    due = world.now + 72 * HOUR
    wanted = [
        replace(world.asked(order(1, buyer=f"b{k}"), 1), platform_due_at=due, platform_then="approve") for k in range(n)
    ]
    return [outcome.id for outcome in give(request, world, *wanted) if outcome.id]


def raised(found: list[Any]) -> list[Any]:
    for each in found:
        if isinstance(each, BaseException):
            raise each
    return found


def test_two_workers_act_once_and_in_order(
    transactional_db: None, world: World, order: Callable[..., Sold], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tick, "LOOK", 7)
    keys = due_twice(world, order, 30)
    now = world.now + 120 * HOUR
    acted = raised(at_once([lambda: tick.act_due(now)] * 2))
    tick.act_due(now)
    for key in keys:
        assert [each.action for each in audit.history(key)] == ["request", "escalate", "authorise"]
    assert sum(acted) == 60
    done = Clock.objects.filter(kind__in=("review", "platform"))
    assert set(done.values_list("kind", "outcome", "acted_at")) == {("review", "late", now), ("platform", "acted", now)}
    verified()


def test_two_workers_warn_once(transactional_db: None, world: World, order: Callable[..., Sold]) -> None:
    due_twice(world, order, 10)
    now = world.now + 71 * HOUR
    assert sum(raised(at_once([lambda: tick.warn_due(now)] * 2))) == 10


def test_people_against_the_worker(
    transactional_db: None, world: World, order: Callable[..., Sold], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is first decides; no return is decided twice, and nobody waits in a circle."""
    monkeypatch.setattr(tick, "LOOK", 5)
    state(world, {"terms": {"days": 30, "review_hours": 48, "review_then": "approve", "ship_days": 30}})
    wanted = [world.asked(order(1, buyer=f"b{k}"), 1) for k in range(20)]
    keys = [outcome.id for outcome in give(request, world, *wanted) if outcome.id]
    now = world.now + 50 * HOUR

    def people() -> Any:
        give(reject, world, *[Rejection(key, "too_late") for key in reversed(keys[:10])])
        return give(authorise, world, *[Authorisation(key) for key in keys[10:]])

    raised(at_once([lambda: tick.act_due(now), people]))
    for key in keys:
        assert [each.action for each in audit.history(key)] in (["request", "reject"], ["request", "authorise"])
    assert not Clock.objects.filter(kind="review", outcome="").exists()
    verified()
