"""Each proof finds the fault that it is there for."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from guicang.inventory import operations, proofs
from guicang.inventory.models import (
    CostLayer,
    LocationKind,
    StockLevel,
    StockMove,
    StockValue,
    ValuePool,
)
from guicang.kernel import guards
from tests.unit.inventory.world import World, build, faults

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = build("fifo")
    sku = world.sku()
    operations.receive_stock(world.context, [world.receipt(sku, 5, 1000), world.receipt(sku, 2, 500)])
    operations.move(world.context, [world.move(sku, LocationKind.SELLABLE, LocationKind.CUSTOMER, 1)])
    world.value(world.change("issue", sku, 1))
    assert faults() == {}
    return world


@pytest.mark.parametrize(
    ("model", "change", "found"),
    [
        (StockMove, {"quantity": 9}, "stock_levels"),
        (StockMove, {"weight_g": 9}, "stock_levels"),
        (StockLevel, {"on_hand": 99}, "stock_levels"),
        (StockLevel, {"virtual": True}, "stock_places"),
        (StockValue, {"cost_minor": 999}, "stock_value"),
        (StockValue, {"grade": "B"}, "stock_value"),
        (ValuePool, {"cost_minor": 999}, "stock_value"),
        (CostLayer, {"cost_minor": 999}, "stock_layers"),
        (ValuePool, {"quantity": 999}, "stock_quantities"),
    ],
)
def test_a_planted_fault_is_found(world: World, model: Any, change: dict[str, Any], found: str) -> None:
    row = model.objects.order_by("id").last() if model is not StockLevel else _sellable(world)
    with guards.removed(connection):
        model.objects.filter(pk=row.pk).update(**change)
    assert found in faults()
    assert all(isinstance(value, str | int) for value in faults()[found][0].values())


def _sellable(world: World) -> StockLevel:
    return StockLevel.objects.get(location_id=world.places[LocationKind.SELLABLE])


def test_a_removed_row_is_found(world: World) -> None:
    with guards.removed(connection):
        StockMove.objects.order_by("id")[:1].get().delete()
        StockValue.objects.order_by("id")[:1].get().delete()
        _sellable(world).delete()
    assert {"stock_levels", "stock_value", "stock_quantities"} <= set(faults())


def test_goods_that_an_erp_owns_need_no_value() -> None:
    world = build(goods="mirrored")
    operations.move(world.context, [world.move(world.sku(), LocationKind.CUSTOMER, LocationKind.REFURBISH, 1)])
    answers = {proof.name: proof for proof in proofs.proofs()}
    assert all(proof.ok for proof in answers.values())
    assert not answers["stock_quantities"].applicable
    assert not answers["stock_layers"].applicable
    assert answers["stock_levels"].checked == 2
