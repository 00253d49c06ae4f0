"""Returns in one act beside each other and beside the usual steps, on PostgreSQL: nobody waits in a circle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from guicang.kernel.refusal import Outcome
from guicang.returns.models import Return
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.counter import Handed, Handover, take_back
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from tests.concurrency.test_claims import _row_locks  # noqa: F401 - the fixture skips SQLite
from tests.concurrency.test_same_return import act, answers
from tests.journeys.acts import SYSTEM, arrive, verified

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def at_counter(world: Any, sold: Any, key: str, units: int = 1) -> Callable[[], list[Outcome]]:
    line: UUID = sold.lines[0].id
    item = Handover(sold.shop_id, sold.customer_id, world.warehouse_id, [Handed(line, units, "too_small")])
    return lambda: [take_back(item, key=key, actor=SYSTEM, now=world.now)]


def test_counters_beside_the_usual_steps(transactional_db: None, world: Any, order: Any) -> None:
    """All touch the levels of one SKU, the ranges of one company and its heads."""
    rounds = 6
    for number in range(rounds):
        asked, granted, bay = world.request(order(), 1), world.authorised(order(), 1), world.authorised(order(), 1)
        arrive(world, bay, 1)
        acts = [
            *(at_counter(world, order(), f"counter-{number}-{n}") for n in range(3)),
            act(authorise, world, Authorisation(asked)),
            act(receive, world, Receiving(granted, [Arrived(world.line(granted).id, 1)])),
            act(inspect, world, Inspecting(bay, [Part(world.line(bay).id, 1)])),
        ]
        assert answers(*acts) == [[[]]] * len(acts)
    assert Return.objects.filter(entered_by="counter", state="settled").count() == 3 * rounds
    verified()


def test_a_double_click_at_once_is_one_return(transactional_db: None, world: Any, order: Any) -> None:
    sold = order()
    assert answers(*[at_counter(world, sold, "the same form")] * 3) == [[[]]] * 3
    assert Return.objects.count() == 1
    assert sold.row.refunded_minor == 1000
    verified()


def test_two_counters_never_take_one_unit_twice(transactional_db: None, world: Any, order: Any) -> None:
    sold = order(units=1)
    found = answers(*(at_counter(world, sold, f"counter-{n}") for n in range(3)))
    assert sorted(each[0] for each in found) == [[], ["over_return"], ["over_return"]]
    assert Return.objects.count() == 1
    verified()
