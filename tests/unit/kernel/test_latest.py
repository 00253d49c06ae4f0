"""The newest rows of each owner, and no more of them than were asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guicang.kernel.ids import NIL, new_id
from guicang.kernel.latest import latest
from guicang.returns.models import Return
from tests.world import Sold, World

pytestmark = pytest.mark.django_db


def test_the_newest_of_each_and_only_what_is_asked_for(world: World, order: Callable[..., Sold]) -> None:
    made: dict[str, list[tuple[object, object]]] = {"a": [], "b": []}
    for number in range(4):
        for buyer in ("a", "b")[: 2 if number < 2 else 1]:
            key = world.request(order(buyer=buyer), 1)
            made[buyer].append((key, world.row(key).customer_id))
        world.now += timedelta(hours=1)
    people = {said[0][1] for said in made.values()}
    with CaptureQueriesContext(connection) as seen:
        found = latest(Return, "customer_id", [*people, new_id()], "requested_at", 3)  # type: ignore[list-item]
    assert len(seen) == 1
    assert found == {key for key, _ in (*made["a"][1:], *made["b"])}
    newest = latest(Return, "customer_id", people, "requested_at", 1, type="refund")  # type: ignore[arg-type]
    assert newest == {made["a"][-1][0], made["b"][-1][0]}
    assert latest(Return, "customer_id", people, "requested_at", 3, type="repair") == set()  # type: ignore[arg-type]
    assert latest(Return, "customer_id", [], "requested_at", 3) == set()
    assert latest(Return, "number", [world.row(next(iter(found))).number, ""], "requested_at", 3) <= found
    assert NIL not in found
