"""Writers that meet at the same new levels and pools wait in line, whatever order they name them in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection, transaction

from guicang.inventory import operations
from guicang.inventory.models import LocationKind, StockLevel
from guicang.kernel.ids import new_id
from tests.unit.inventory.world import World, build, faults

pytestmark = pytest.mark.django_db(transaction=True)


def _fill(world: World, skus: list[UUID]) -> None:
    try:
        with transaction.atomic():
            operations.receive_stock(world.context, [world.receipt(sku, 1, 100) for sku in skus])
    finally:
        connection.close()


def test_parallel_receipts_in_any_order() -> None:
    world = build()
    rounds = [[new_id() for _ in range(20)] for _ in range(5)]
    for skus in rounds:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(_fill, [world] * 4, [skus, skus[::-1], skus[10:] + skus[:10], skus[5:]]))
    assert set(StockLevel.objects.filter(virtual=False).values_list("on_hand", flat=True)) == {3, 4}
    assert faults() == {}


def _ship_one(world: World, sku: UUID) -> bool:
    try:
        with transaction.atomic():
            move = world.move(sku, LocationKind.SELLABLE, LocationKind.CUSTOMER, 1)
            if operations.shortages([move]):
                return False
            operations.move(world.context, [move])
            world.value(world.change("issue", sku, 1))
            return True
    finally:
        connection.close()


def test_the_last_units_are_given_once() -> None:
    world = build()
    sku = world.sku()
    with transaction.atomic():
        operations.receive_stock(world.context, [world.receipt(sku, 3, 1000)])
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(_ship_one, [world] * 12, [sku] * 12))
    assert sum(answers) == 3
    assert world.pool(sku) == (0, 0, 0)
    assert faults() == {}
