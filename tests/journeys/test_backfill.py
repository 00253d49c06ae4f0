"""The first stated policy takes in the orders made before it, once, and none of which anything was asked back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from guicang.audit import queries as audit
from guicang.catalog.models import Sku
from guicang.integrations.demo import ten
from guicang.integrations.demo.orders import BY_CODE
from guicang.kernel import commands, worker
from guicang.policy import operations as policy
from guicang.returns.steps import backfill
from guicang.returns.steps.request import preview, request
from tests.journeys.acts import codes, give, verified
from tests.world import SYSTEM, Sold, World

SHORT = {"policies": [{"code": "all", "zh": "全部", "terms": {"days": 1}}]}


def state(
    world: World, statement: dict[str, Any] = SHORT, *, since: timedelta = timedelta(0), back: bool = True
) -> UUID:
    with transaction.atomic():
        context = commands.begin("test", actor=SYSTEM, now=world.now, items=1)
        at = world.now - since
        version = policy.state_version(context, world.company_id, name="ours", effective_from=at, statement=statement)
        if back:
            backfill.queue(context, world.company_id, version)
    return version


def worked() -> None:
    worker.run(once=True)


@pytest.mark.django_db(transaction=True)
def test_orders_of_which_nothing_was_asked_back_move_once(
    world: World, order: Callable[..., Sold], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill, "CHUNK", 2)
    untouched = [order() for _ in range(5)]
    asked, turned_down = order(), order()
    assert give(request, world, world.asked(asked, 1))[0].ok
    default = asked.row.policy_version_id
    version = state(world)
    worked()
    assert {one.row.policy_version_id for one in (*untouched, turned_down)} == {version}
    assert not any(one.row.policy_provisional for one in untouched)
    assert (asked.row.policy_version_id, asked.row.policy_provisional) == (default, True)
    assert sum(item.after.get("orders", 0) for item in audit.history(version) if item.action == "backfill") == 6
    # Shipped three days ago, one day to return: too late now, and still in time where it was asked before.
    assert codes(give(request, world, world.asked(untouched[0], 1))[0]) == ["not_eligible"]
    again = state(world, {"policies": [{"code": "all", "zh": "全部", "terms": {"days": 90}}]})
    worked()
    assert untouched[1].row.policy_version_id == version != again
    verified()


@pytest.mark.django_db(transaction=True)
def test_a_message_that_comes_twice_moves_nothing_twice(world: World, order: Callable[..., Sold]) -> None:
    sold = order()
    version = state(world)
    worked()
    worked()
    assert sold.row.policy_version_id == version
    assert [item.action for item in audit.history(version)] == ["state", "backfill"]


@pytest.mark.django_db
@pytest.mark.parametrize("one", ten.TEN, ids=lambda one: one.number)
def test_the_ten_orders_of_the_demo(one: ten.Prepared, world: World) -> None:
    """As the documents print them: which verdict, and by which reason."""
    statement = {
        "policies": [
            {
                "code": "cosmetics",
                "zh": "美妆",
                "scope": {"categories": ["美妆"]},
                "terms": {"conditions": ["unopened"]},
            },
            {"code": "members", "zh": "会员", "scope": {"tiers": [ten.MEMBER]}, "terms": {"days": 30}},
            {
                "code": "all",
                "zh": "其他",
                "terms": {"days": 7, "counted_from": "delivery", "freight_fault": "seller", "freight_choice": "buyer"},
            },
        ]
    }
    state(world, statement, since=timedelta(days=90), back=False)
    Sku.objects.filter(id=world.sku(one.sku)).update(category=BY_CODE[one.sku].category)
    made = ten.orders(world.shop_id, world.warehouse_id, world.now)
    (sold,) = world.sell(next(each.facts for each in made if each.facts.number == one.number))
    asked = world.asked(sold, 1, reason=one.reason, condition=one.condition)
    said = preview(asked, actor=SYSTEM, now=world.now).verdict
    assert (said["answer"], said["reasons"][0]["code"], said["terms"]["freight"]) == (
        one.answer,
        one.because,
        one.freight,
    )
