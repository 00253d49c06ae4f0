"""Freezing holds: what the catalogue says of a SKU later changes no verdict of what was sold before."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from guicang.catalog.models import Sku
from guicang.kernel.actor import Actor
from guicang.kernel.refusal import Outcome
from guicang.returns.steps.request import request
from guicang.sales.models import OrderLine
from tests.journeys.test_policies import state
from tests.world import Sold, World

Order = Callable[..., Sold]


def called(world: World, category: str, brand: str = "") -> None:
    Sku.objects.filter(id=world.sku_id).update(category=category, brand=brand)


def asked(world: World, sold: Sold) -> Outcome:
    customer = Actor(kind="customer", id=sold.customer_id)
    return request(requests=[world.asked(sold, 1)], actor=customer, now=world.now)[0]


@pytest.mark.parametrize(("then", "now"), [("shoes", "hats"), ("hats", "shoes")])
def test_a_later_category_changes_no_verdict(then: str, now: str, world: World, order: Order) -> None:
    state(world, {"scope": {"categories": ["shoes"]}, "terms": {"days": 1}}, {"terms": {"days": 30}})
    called(world, then, "acme")
    sold, as_it_was = order(), order()
    line = OrderLine.objects.get(order_id=sold.id)
    assert (line.category, line.brand) == (then, "acme")
    before = asked(world, as_it_was)
    called(world, now, "other")
    after = asked(world, sold)
    assert before.ok == after.ok == (then == "hats")
    new = order()
    assert asked(world, new).ok == (now == "hats")


def test_where_nobody_knew_the_category_it_is_todays(world: World, order: Order) -> None:
    state(world, {"scope": {"categories": ["shoes"]}, "terms": {"days": 1}}, {"terms": {"days": 30}})
    sold = order()
    assert OrderLine.objects.get(order_id=sold.id).category == ""
    called(world, "shoes")
    assert not asked(world, sold).ok
