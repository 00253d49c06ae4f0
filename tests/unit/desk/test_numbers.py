"""How returns are numbered: set before a range begins, never after; nothing is drawn twice or lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from guicang.audit import queries as audit
from guicang.desk.views import settings
from guicang.kernel.models import NumberRange
from guicang.kernel.numbers import range_id
from guicang.returns.models import Return
from guicang.returns.steps.request import request
from tests.journeys.acts import verified
from tests.unit.desk.conftest import Hire, dump
from tests.world import NOW, SYSTEM, Sold, World, another_world

Order = Callable[..., Sold]
HOME = "/settings/numbers/"


@pytest.fixture(autouse=True)
def _the_hour_of_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "utcnow", lambda: NOW)
    monkeypatch.setattr("guicang.desk.saying.utcnow", lambda: NOW)


def address(company_id: UUID, year: int) -> str:
    return f"{HOME}{range_id((company_id, 'return', year))}/"


def numbered(world: World, sold: Sold, at: datetime) -> str:
    item = replace(world.asked(sold, 1), occurred_at=at)
    (outcome,) = request(requests=[item], actor=SYSTEM, now=at)
    assert outcome.ok, outcome.refusals
    return Return.objects.get(id=outcome.id or UUID(int=0)).number


def post(client: Client, where: str, prefix: str, width: str) -> Any:
    return client.post(where, {"prefix": prefix, "width": width})


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_next_year_is_written_otherwise_and_so_are_those_after_it(
    language: str, world: World, order: Order, hire: Hire
) -> None:
    ada = hire("admin", language=language, first_name="Ada")
    assert numbered(world, order(), NOW) == "R20260000001"
    where = address(world.company_id, 2027)
    assert where in ada.get(HOME).content.decode()
    assert post(ada, where, "RT-", "5").headers["Location"] == where
    shown = ada.get(where).content.decode()
    assert "RT-202700001" in shown
    assert "R → RT-" in shown
    assert "Ada" in shown
    last = audit.history(range_id((world.company_id, "return", 2027)))[-1]
    assert (last.action, last.before, last.after) == (
        "change",
        {"prefix": "R", "width": 7},
        {"prefix": "RT-", "width": 5},
    )
    assert numbered(world, order(), NOW) == "R20260000002"
    world.now = NOW + timedelta(days=100)
    assert numbered(world, order(), world.now) == "RT-202700001"
    assert numbered(world, order(), world.now + timedelta(days=10)) == "RT-202700002"
    world.now = NOW + timedelta(days=500)
    assert numbered(world, order(), world.now) == "RT-202800001"
    verified()


def test_a_year_that_has_begun_stays_as_it_is(world: World, order: Order, hire: Hire) -> None:
    ada, where = hire("admin"), address(world.company_id, 2026)
    assert post(ada, where, "X", "4").status_code == 302  # nothing was numbered yet
    assert numbered(world, order(), NOW) == "X20260001"
    assert 'name="prefix"' not in ada.get(where).content.decode()
    before = dump()
    refused = post(ada, where, "Y", "4")
    assert refused.status_code == 409
    assert "were given already" in refused.content.decode()
    assert dump() == before


def test_saying_the_same_again_leaves_no_trace_in_the_history(world: World, hire: Hire) -> None:
    ada, where = hire("admin"), address(world.company_id, 2027)
    for _ in range(2):
        assert post(ada, where, "RT", "7").status_code == 302
    assert len(audit.history(range_id((world.company_id, "return", 2027)))) == 1
    verified()


@pytest.mark.parametrize(
    ("prefix", "width", "why"),
    [
        ("", "7", "A prefix has"),
        ("R1", "7", "A prefix has"),
        ("r", "7", "A prefix has"),
        ("R" * 11, "7", "A prefix has"),
        ("R", "3", "4 to 12 digits"),
        ("R", "13", "4 to 12 digits"),
        ("R", "many", "4 to 12 digits"),
    ],
)
def test_what_is_wrong_sets_nothing(prefix: str, width: str, why: str, world: World, hire: Hire) -> None:
    ada, before = hire("admin"), dump()
    answer = post(ada, address(world.company_id, 2027), prefix, width)
    assert answer.status_code == 409
    assert why in answer.content.decode()
    assert dump() == before


def test_only_ranges_of_returns_and_of_one_s_own_company_can_be_set(world: World, order: Order, hire: Hire) -> None:
    other = another_world()
    ada = hire("admin", company_id=world.company_id)
    assert ada.get(address(other.company_id, 2027)).status_code == 404
    assert post(ada, address(other.company_id, 2027), "Z", "7").status_code == 404
    assert address(other.company_id, 2027) not in ada.get(HOME).content.decode()
    assert ada.get(address(world.company_id, 2029)).status_code == 404
    world.authorised(order(), 1)
    rma = NumberRange.objects.get(document="rma")
    assert post(ada, f"{HOME}{rma.id}/", "Z", "7").status_code == 409
    assert NumberRange.objects.get(document="rma").prefix == ""
