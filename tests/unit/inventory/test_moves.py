"""Moves and levels; HARD-CASES 14 at the ledger."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from guicang.inventory import operations, queries
from guicang.inventory.models import REAL, UNINSPECTED, Grade, LocationKind, StockMove
from guicang.kernel.ids import new_id
from tests.unit.inventory.world import World, build, faults

pytestmark = pytest.mark.django_db
BAY, SELLABLE, CUSTOMER = LocationKind.BAY, LocationKind.SELLABLE, LocationKind.CUSTOMER


@pytest.fixture
def world() -> World:
    return build()


def test_places_are_made_once(world: World) -> None:
    again = operations.ensure_locations(world.company.id, world.warehouse.id)
    assert again == world.places == operations.places([world.warehouse.id])[world.warehouse.id]
    totals = queries.stock_by_location(world.company.id)
    assert {total.kind: total.virtual for total in totals} == {
        kind.value: kind.value not in REAL for kind in LocationKind
    }
    assert dict(Grade.objects.filter(company_id=world.company.id).values_list("code", "worth_ppm")) == {
        "A": 1_000_000,
        "R": 1_000_000,
        "B": 600_000,
        "S": 0,
    }
    with pytest.raises(ValueError, match="no places"):
        operations.places([new_id()])


def test_goods_are_conserved(world: World) -> None:
    sku = world.sku()
    operations.move(world.context, [world.move(sku, CUSTOMER, BAY, 5, from_grade=UNINSPECTED, to_grade=UNINSPECTED)])
    assert (world.on_hand(sku, BAY, UNINSPECTED), world.on_hand(sku, SELLABLE)) == (5, 0)
    ways = [
        (SELLABLE, "A", 2),
        (LocationKind.REFURBISH, "R", 1),
        (LocationKind.SCRAP, "S", 1),
        (CUSTOMER, UNINSPECTED, 1),
    ]
    operations.move(
        world.context,
        [world.move(sku, BAY, end, count, from_grade=UNINSPECTED, to_grade=grade) for end, grade, count in ways],
    )
    assert (world.on_hand(sku, BAY, UNINSPECTED), world.on_hand(sku, SELLABLE)) == (0, 2)
    assert world.on_hand(sku, CUSTOMER, UNINSPECTED) == -4
    assert sum(row.on_hand for row in queries.levels_by_location(world.places.values())) == 0
    assert "stock_levels" not in faults()


def test_a_real_place_never_runs_negative_and_a_virtual_one_may(world: World) -> None:
    sku = world.sku()
    with pytest.raises(IntegrityError), transaction.atomic():
        operations.move(world.context, [world.move(sku, SELLABLE, CUSTOMER, 1)])
    assert not StockMove.objects.filter(sku_id=sku).exists()
    operations.move(world.context, [world.move(sku, LocationKind.SUPPLIER, SELLABLE, 3, weight_g=300)])
    assert world.on_hand(sku, LocationKind.SUPPLIER) == -3
    level = queries.levels_by_location([world.places[SELLABLE]], sku_ids=[sku], grade="A")[0]
    assert (level.on_hand, level.weight_g) == (3, 300)


def test_moves_of_one_set_pass_through_a_place(world: World) -> None:
    sku = world.sku()
    operations.move(world.context, [world.move(sku, CUSTOMER, BAY, 2), world.move(sku, BAY, SELLABLE, 2)])
    assert (world.on_hand(sku, BAY), world.on_hand(sku, SELLABLE)) == (0, 2)
    assert faults() == {"stock_quantities": [*faults()["stock_quantities"]]}


def test_shortages_are_found_in_order(world: World) -> None:
    sku = world.sku()
    operations.move(world.context, [world.move(sku, CUSTOMER, SELLABLE, 3)])
    moves = [world.move(sku, SELLABLE, CUSTOMER, count) for count in (2, 2, 1)]
    refused = operations.shortages(moves)
    assert list(refused) == [1]
    assert refused[1].data["available"] == 1
    assert "1" in str(refused[1])
    key = operations.LevelKey(sku, "", "A", world.owner_id, world.places[SELLABLE])
    assert operations.available([key]) == {key: 3}


def test_a_move_to_an_unknown_place_is_a_fault_of_the_caller(world: World) -> None:
    with pytest.raises(ValueError, match="does not exist"):
        operations.move(world.context, [world.move(world.sku(), CUSTOMER, SELLABLE, 1, to_location_id=new_id())])


def test_goods_come_in_with_their_cost_or_the_best_known_one(world: World) -> None:
    sku, standard, unknown = world.sku(), world.sku(250), world.sku()
    results = operations.receive_stock(
        world.context,
        [
            world.receipt(sku, 3, 1000, from_kind=LocationKind.SUPPLIER),
            world.receipt(standard, 2, None),
            world.receipt(unknown, 2, None),
        ],
    )
    assert [(result.cost_minor, result.cost_source) for result in results] == [
        (1000, "stated"),
        (500, "standard"),
        (0, "zero"),
    ]
    found = operations.receive_stock(world.context, [world.receipt(sku, 1, None)])[0]
    assert (found.cost_minor, found.cost_source) == (333, "average")
    assert StockMove.objects.get(id=found.move_id).event == "opening"
    assert world.pool(sku) == (4, 1333, 0)
    assert queries.pool_value(world.company.id) == (8, 1833, 0)
    assert {(row.cost_source, row.quantity) for row in queries.costs_by_source(world.company.id)} == {
        ("stated", 3),
        ("standard", 2),
        ("zero", 2),
        ("average", 1),
    }
    assert faults() == {}


def test_nothing_is_done_for_an_empty_set(world: World, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        operations.move(world.context, [])
        assert operations.value(world.context, []) == []
        assert operations.acceptance(world.context, []) == []
        assert operations.receive_stock(world.context, []) == []
