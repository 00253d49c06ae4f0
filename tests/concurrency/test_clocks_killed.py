"""A worker killed while clocks act, before it could commit: the next one does what is left, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from guicang.audit import queries as audit
from guicang.kernel import clock
from guicang.kernel.models import OutboxMessage
from guicang.returns.models import Clock
from guicang.returns.steps.request import request
from tests.concurrency.test_worker_killed import Start, kill_at, queue, start, wait_for
from tests.journeys.acts import give
from tests.journeys.test_policies import state
from tests.world import Sold, World

__all__ = ["start"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_worker_killed_among_its_clocks(
    transactional_db: None, world: World, order: Callable[..., Sold], start: Start, tmp_path: Path
) -> None:
    world.now = clock.utcnow() - timedelta(days=4)
    state(world, {"terms": {"days": 30, "review_hours": 48, "review_then": "approve", "ship_days": 30}})
    wanted = [world.asked(order(1, buyer=f"b{k}"), 1) for k in range(12)]
    keys = [outcome.id for outcome in give(request, world, *wanted) if outcome.id]
    queue("returns.clocks")
    kill_at(tmp_path / "reached-returns.clocks", start(settings="tests.concurrency.clock_settings"))
    # Two sets of five were committed; the last one was written and is gone with its transaction.
    assert Clock.objects.filter(kind="review", outcome="acted").count() == 10
    start(settings="tests.concurrency.clock_settings")
    told = OutboxMessage.objects.filter(topic="returns.clocks", done_at__isnull=True)
    wait_for(lambda: not told.exists(), "the second worker")
    for key in keys:
        assert [each.action for each in audit.history(key)] == ["request", "authorise"]
    reviews = Clock.objects.filter(kind="review")
    assert all(each.outcome == "acted" and each.acted_at and each.acted_at > each.due_at for each in reviews)
