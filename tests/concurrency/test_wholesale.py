"""Limits and rebates that two act on at once, on PostgreSQL: each is counted once, and never beyond."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from guicang.kernel.actor import Actor
from guicang.returns.models import MoneyGrant, MoneyMonth, RebateEntry
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.rebate import Reckoning, reckon_rebates
from guicang.returns.steps.settle import Settlement, settle
from tests.concurrency.test_claims import _row_locks  # noqa: F401 - the fixture skips SQLite
from tests.concurrency.test_money import unbroken
from tests.journeys.acts import SYSTEM, back, codes, verified
from tests.journeys.test_blind_prices import sale
from tests.journeys.test_money_limits import asked, somebody, state
from tests.journeys.test_rebates import agree, given
from tests.world import Sold, World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def granted(world: World, *acts: tuple[Any, Actor]) -> list[str]:
    """The codes of the refusals of grants, each given by somebody at the same time."""
    calls = [partial(authorise, authorisations=[Authorisation(key)], actor=actor, now=world.now) for key, actor in acts]
    return sorted(code for (outcome,) in unbroken(*calls) for code in codes(outcome) or ["granted"])


def test_two_agents_cannot_pass_the_month_of_a_customer(
    transactional_db: None, world: World, order: Callable[..., Sold]
) -> None:
    """10.00 a month of one customer, and two who grant 6.00 each."""
    sold = order()
    state(world, agent=(0, 1000, 0))
    acts = [(asked(world, sold, 600), somebody("agent")) for _ in range(2)]
    assert granted(world, *acts) == ["granted", "money_limit_customer"]
    assert MoneyMonth.objects.get(owner_id=sold.customer_id).given_minor == 600
    verified()


def test_an_agent_twice_at_once_cannot_pass_his_month(
    transactional_db: None, world: World, order: Callable[..., Sold]
) -> None:
    rosa = somebody("agent")
    state(world, agent=(0, 0, 1000))
    acts = [(asked(world, order(buyer=f"buyer-{n}"), 400), rosa) for n in range(5)]
    assert granted(world, *acts) == ["granted"] * 2 + ["money_limit_agent"] * 3
    assert sum(MoneyGrant.objects.values_list("amount_minor", flat=True)) == 800
    verified()


def test_reckoned_by_two_at_once_a_rebate_is_granted_once(transactional_db: None, world: World) -> None:
    key = agree(world, sale(world, 1000, 10, units=13))
    reckoning: Any = partial(reckon_rebates, reckonings=[Reckoning(key)], actor=SYSTEM, now=world.now)
    answers = unbroken(*[reckoning] * 4)
    assert sorted(outcome.data["change_minor"] for (outcome,) in answers) == [0, 0, 0, 650]
    assert (given(key), RebateEntry.objects.count()) == (650, 1)
    verified()


def test_reckoned_while_goods_come_back_the_next_reckoning_has_it_right(transactional_db: None, world: World) -> None:
    sold = sale(world, 1000, 10, units=13)
    key = agree(world, sold)
    reckoning: Any = partial(reckon_rebates, reckonings=[Reckoning(key)], actor=SYSTEM, now=world.now)
    unbroken(reckoning)
    goods = back(world, sold, 4)
    paying: Any = partial(settle, settlements=[Settlement(goods)], actor=SYSTEM, now=world.now)
    unbroken(reckoning, paying, reckoning)
    assert given(key) in (650, 180)
    unbroken(reckoning, reckoning)
    assert given(key) == 180
    assert sum(RebateEntry.objects.values_list("amount_minor", flat=True)) == 180
    verified()
