"""Programs that listen are told what changed in a return; where nobody listens nothing is queued."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guicang.kernel import outbox
from guicang.kernel.ids import NIL
from guicang.kernel.models import OutboxMessage
from guicang.returns.operations.events import TOPIC
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.expire import Expiry, expire
from tests.journeys.acts import arrive, back, do, give, pay, undo, verified
from tests.world import Sold, World, another_world

pytestmark = pytest.mark.django_db


def told() -> list[dict[str, Any]]:
    return [row.body for row in OutboxMessage.objects.filter(topic=TOPIC).order_by("created_at", "id")]


def test_nobody_listens_and_nothing_is_queued(world: World, order: Callable[..., Sold]) -> None:
    outbox.listen(TOPIC, another_world().company_id, True)
    pay(world, back(world, order(), 2))
    assert told() == []


def test_a_life_as_programs_hear_it(world: World, order: Callable[..., Sold]) -> None:
    outbox.listen(TOPIC, world.company_id, True)
    key = back(world, order(2), 1)
    settlement = pay(world, key)
    undo(world, settlement)
    heard = [(body["type"], body["state_before"], body["state"], body["refund_minor"]) for body in told()]
    assert heard == [
        ("return.requested", "", "requested", 0),
        ("return.authorised", "requested", "authorised", 0),
        ("return.received", "authorised", "received", 0),
        ("return.inspected", "received", "inspected", 0),
        ("return.settled", "inspected", "settled", 1000),
        ("return.inspected", "settled", "inspected", 0),
    ]
    row = world.row(key)
    assert {(body["return_id"], body["number"], body["shop_id"]) for body in told()} == {
        (str(key), row.number, str(world.shop_id))
    }
    outbox.listen(TOPIC, world.company_id, False)
    pay(world, key)
    assert len(told()) == len(heard)
    verified()


def test_a_follow_up_that_a_parcel_opened_comes_from_nothing(world: World, order: Callable[..., Sold]) -> None:
    outbox.listen(TOPIC, NIL, True)
    key = world.authorised(order(), 1)
    world.now += timedelta(days=30)
    do(expire, world, Expiry(key))
    arrive(world, key, 1)
    last = told()[-1]
    assert (last["type"], last["state_before"], last["command"]) == ("return.received", "", "receive")
    assert last["number"] != world.row(key).number


def test_a_set_tells_all_in_one_statement_more(world: World, order: Callable[..., Sold]) -> None:
    counts = []
    for wanted in (False, False, True):  # the first makes the heads of the trail
        outbox.listen(TOPIC, world.company_id, wanted)
        keys = [world.request(sold, 1) for sold in world.sell(*[world.facts(1) for _ in range(5)])]
        with CaptureQueriesContext(connection) as queried:
            assert all(done.ok for done in give(authorise, world, *[Authorisation(key) for key in keys]))
        counts.append(len(queried))
    assert counts[2] == counts[1] + 1
    assert sum(body["type"] == "return.authorised" for body in told()) == 5
    assert give(authorise, world, Authorisation(keys[0]))[0].refusals
    assert sum(body["type"] == "return.authorised" for body in told()) == 5
