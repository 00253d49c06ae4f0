"""Many at once on PostgreSQL: sets and their components on one counter, one serial (HARD-CASES 17, 18)."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.db import connection

from guicang.catalog.models import Serial
from guicang.returns.models import ReturnLine
from guicang.returns.steps.request import request
from tests.concurrency.test_claims import SYSTEM, at_once, whole
from tests.journeys.test_goods_bound import bundle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


@pytest.fixture(autouse=True)
def _row_locks() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")


def test_sets_and_components_asked_for_at_once(transactional_db: None, world: Any) -> None:
    sold = bundle(world)
    asked = [world.asked(sold, 1, order_line_id=sold.lines[place % 3].id) for place in range(24)]
    answers = at_once([partial(request, requests=[one], actor=SYSTEM, now=world.now) for one in asked])
    assert {type(answer) for answer in answers} == {list}, answers
    assert {why.code for (answer,) in answers for why in answer.refusals} <= {"over_return"}
    for row in sold.shipped:
        held = ReturnLine.objects.filter(shipment_line_id=row.id).values_list("claimed", flat=True)
        assert row.claimed == sum(held) <= row.shipped
    assert sold.claimed >= 6  # nobody is refused before one of the two is all gone
    assert whole()


def test_one_serial_is_in_one_open_return(transactional_db: None, world: Any, order: Any) -> None:
    sold = order(units=1, serials=["SN-A"])
    asked = world.asked(sold, 1, serial="SN-A")
    answers = at_once([lambda: request(requests=[asked], actor=SYSTEM, now=world.now)[0]] * 12)
    assert sorted(getattr(answer, "ok", answer) for answer in answers) == [False] * 11 + [True]
    assert ReturnLine.objects.count() == 1
    assert Serial.objects.get().open_return_line_id == ReturnLine.objects.get().id
    assert whole()
