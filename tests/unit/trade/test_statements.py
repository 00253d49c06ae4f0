"""How many statements sets of 1, 1,000 and 5,000 orders take: a + b * ceil(n / 1000)."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from django.db import connection

from guicang.trade.facts import CustomerFacts, OrderFacts, OrderPayment, PaymentFacts
from guicang.trade.steps import record_payments
from tests.unit.trade.world import ACTOR, NOW, World, build

#: No transaction around the test: within a savepoint SQLite takes longer for each statement than for the last one.
pytestmark = pytest.mark.django_db(transaction=True)

SIZES = (1, 1_000, 5_000)
#: (a, b) at most. One line, shipment, payment and customer an order.
LIMITS = {"new": (24, 27), "unchanged": (14, 8), "updated": (24, 27), "payments": (18, 17)}


class Counter:
    """Counts statements. Django's own capture renders the parameters of each, ten times as long as the step."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)


def _orders(world: World, size: int) -> list[OrderFacts]:
    return [
        world.order(
            world.line("A", 3, "10.00"),
            ship={"A": 1},
            pay={"p": 3000},
            customer=CustomerFacts(f"buyer-{size}-{number}", personal={"phone": f"138{number:08d}"}),
        )
        for number in range(size)
    ]


def test_statements_grow_by_the_thousand() -> None:
    world = build(goods="owned")
    world.stock("A", 100_000, 1_000_000)
    counts: dict[str, dict[int, int]] = {name: {} for name in LIMITS}

    def count(name: str, size: int, orders: list[OrderFacts]) -> None:
        counter = Counter()
        with connection.execute_wrapper(counter):
            outcomes = world.record(*orders)
        assert all(outcome.ok for outcome in outcomes)
        counts[name][size] = counter.count

    for size in SIZES:
        orders = _orders(world, size)
        count("new", size, orders)
        count("unchanged", size, orders)
        later = deepcopy(orders)
        for facts in later:
            facts.shipments[0].lines[0].quantity, facts.status = 2, "more"
        count("updated", size, later)
        items = [OrderPayment(world.shop_id, facts.number, PaymentFacts("q", "bank", 1, NOW)) for facts in orders]
        counter = Counter()
        with connection.execute_wrapper(counter):
            record_payments(items=items, actor=ACTOR, now=NOW)
        counts["payments"][size] = counter.count

    for name, found in counts.items():
        fixed, each = LIMITS[name]
        assert all(count <= fixed + each * -(-size // 1000) for size, count in found.items()), (name, found)
        # The step from one thousand to five is four times the slope: nothing grows with the rows.
        assert found[5_000] - found[1_000] <= 4 * each, (name, found)
