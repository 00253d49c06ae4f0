"""How many statements sets of 1, 1,000 and 5,000 take: a + b * ceil(n / 1000)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guicang.inventory import operations
from guicang.inventory.models import LocationKind
from guicang.kernel.ids import new_id
from tests.unit.inventory.world import World, build

pytestmark = pytest.mark.django_db

SIZES = (1, 1_000, 5_000)
#: (a, b) at most; PostgreSQL reads a balance before it locks it.
LIMITS = {
    "move new": (1, 11),
    "move": (0, 7),
    "value new": (1, 10),
    "value": (1, 8),
    "acceptance": (2, 9),
    "receive": (2, 20),
}


def _moves(world: World, skus: list[UUID]) -> None:
    operations.move(world.context, [world.move(sku, LocationKind.SUPPLIER, LocationKind.SELLABLE, 2) for sku in skus])


def _receive(world: World, skus: list[UUID]) -> None:
    world.value(*(world.change("receive", sku, 2, 100) for sku in skus))


def _issue(world: World, skus: list[UUID]) -> None:
    world.value(*(world.change("issue", sku, 1) for sku in skus))


def _accept(world: World, skus: list[UUID]) -> None:
    receipts = [world.receipt(sku, 1, None) for sku in skus]
    items = [
        operations.Acceptance(
            company_id=item.company_id,
            owner_id=item.owner_id,
            sku_id=item.sku_id,
            grade="B",
            quantity=1,
            cost_minor=50,
            cost_source="average",
            source_kind="test",
            source_id=item.source_id,
            occurred_at=item.occurred_at,
            book_date=item.book_date,
        )
        for item in receipts
    ]
    operations.acceptance(world.context, items)


def _receipts(world: World, skus: list[UUID]) -> None:
    operations.receive_stock(world.context, [world.receipt(sku, 1, None) for sku in skus])


ACTS: dict[str, Callable[[World, list[UUID]], None]] = {
    "move new": _moves,
    "move": _moves,
    "value new": _receive,
    "value": _issue,
    "acceptance": _accept,
    "receive": _receipts,
}


@pytest.mark.parametrize(("method", "names"), [("average", list(ACTS)), ("fifo", ["value new", "value"])])
def test_statements_grow_by_the_thousand(method: str, names: list[str]) -> None:
    world = build(method)
    sets = {size: [new_id() for _ in range(size)] for size in SIZES}
    for name in names:
        counts = {}
        for size, skus in sets.items():
            with CaptureQueriesContext(connection) as captured:
                ACTS[name](world, skus)
            counts[size] = len(captured)
        fixed, each = LIMITS[name]
        assert all(count <= fixed + each * -(-size // 1000) for size, count in counts.items()), (name, counts)
        # The step from one thousand to five is four times the slope: nothing grows with the rows.
        assert counts[5_000] - counts[1_000] <= 4 * each, (name, counts)


def test_a_set_in_one_pool_takes_no_more_than_one_in_many() -> None:
    world = build("fifo")
    sku = world.sku()
    with CaptureQueriesContext(connection) as captured:
        world.value(*(world.change("receive", sku, 1, 100) for _ in range(1_000)))
        world.value(*(world.change("issue", sku, 1) for _ in range(1_000)))
    assert len(captured) <= 16
    assert world.pool(sku) == (0, 0, 0)
