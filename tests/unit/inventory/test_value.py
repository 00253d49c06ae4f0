"""HARD-CASES 13 at the pool, and what the pool promises beside it."""

from __future__ import annotations

from uuid import UUID

import pytest

from guicang.inventory import queries
from guicang.inventory.models import StockValue
from guicang.inventory.operations import fallback_cost
from guicang.kernel.ids import new_id
from tests.unit.inventory.world import build, faults

pytestmark = pytest.mark.django_db
METHODS = pytest.mark.parametrize("method", ["average", "fifo"])


def rows(sku_id: UUID) -> list[tuple[str, int, int, int, int]]:
    found = StockValue.objects.filter(sku_id=sku_id).order_by("id")
    return list(found.values_list("kind", "quantity", "cost_minor", "provision_minor", "difference_minor"))


@METHODS
def test_a_return_comes_back_at_its_issue_cost(method: str) -> None:
    world = build(method)
    sku = world.sku()
    _, sale, _ = world.value(
        world.change("receive", sku, 10, 5000), world.change("issue", sku, 1), world.change("receive", sku, 5, 5000)
    )
    assert (sale.cost_minor, sale.cost_source) == (500, method)
    assert world.pool(sku) == (14, 9500, 0)
    result = world.accept(sku, 1, 500)
    assert (result.cost_minor, result.loss_minor, result.worth_minor) == (500, 0, 500)
    assert world.pool(sku) == (15, 10000, 0)


@METHODS
@pytest.mark.parametrize(("write_down", "pool"), [("direct", (1, 300, 0)), ("provision", (1, 500, 200))])
def test_second_grade_is_written_down_as_the_company_chose(
    method: str, write_down: str, pool: tuple[int, int, int]
) -> None:
    world = build(method, write_down)
    sku = world.sku()
    result = world.accept(sku, 1, 500, grade="B", worth_minor=300)
    assert world.pool(sku, "B") == pool
    assert (result.cost_minor, result.loss_minor, result.worth_minor) == (500, 200, 300)
    assert (result.write_down_minor, result.provision_minor) == ((200, 0) if write_down == "direct" else (0, 200))
    assert queries.pool_value(world.company.id).carrying_minor == 300


def test_without_a_stated_worth_the_grade_decides() -> None:
    world = build()
    sku = world.sku()
    assert world.accept(sku, 1, 505, grade="B").worth_minor == 303
    assert world.accept(sku, 1, 505, grade="A").worth_minor == 505
    assert world.accept(sku, 1, 505, grade="A", worth_minor=900).worth_minor == 505
    with pytest.raises(ValueError, match="no grade X"):
        world.accept(sku, 1, 505, grade="X")


@METHODS
def test_scrap_leaves_nothing_in_a_pool_and_takes_nothing_along(method: str) -> None:
    world = build(method)
    sku = world.sku()
    world.value(world.change("receive", sku, 2, 2000, grade="S"))
    result = world.accept(sku, 1, 500, grade="S", scrap=True)
    assert (result.cost_minor, result.write_down_minor, result.provision_minor) == (500, 500, 0)
    assert world.pool(sku, "S") == (2, 2000, 0)
    assert rows(sku)[1:] == [("receive", 1, 500, 0, 0), ("scrap", -1, -500, 0, 0)]


@pytest.mark.parametrize(
    ("method", "sold", "left", "difference"), [("average", 200, 200, 100), ("fifo", 300, 100, 200)]
)
def test_a_redisposed_unit_leaves_at_the_present_cost(method: str, sold: int, left: int, difference: int) -> None:
    world = build(method)
    sku = world.sku()
    first = world.change("receive", sku, 1, 300, grade="B")
    world.value(first, world.change("receive", sku, 1, 100, grade="B"))
    sale, back = world.value(
        world.change("issue", sku, 1, grade="B"), world.change("leave", sku, 1, grade="B", first_entry_minor=300)
    )
    assert (sale.cost_minor, back.cost_minor, back.difference_minor) == (sold, left, difference)
    assert world.pool(sku, "B") == (0, 0, 0)
    assert rows(sku)[-1] == ("difference", 0, 0, 0, difference)
    assert [amount for _, amount in queries.differences(world.company.id)] == [difference]


def test_a_leaving_unit_takes_its_share_of_the_provision() -> None:
    world = build(write_down="provision")
    sku = world.sku()
    world.accept(sku, 3, 1000, grade="B", worth_minor=600)
    back = world.value(world.change("leave", sku, 1, grade="B", first_entry_minor=200))[0]
    assert (back.cost_minor, back.provision_minor, back.difference_minor) == (333, 133, 0)
    world.value(world.change("issue", sku, 2, grade="B"))
    assert world.pool(sku, "B") == (0, 0, 0)


def test_under_fifo_the_provision_never_exceeds_the_cost_that_stays() -> None:
    world = build("fifo", "provision")
    sku = world.sku()
    world.value(
        world.change("receive", sku, 1, 900),
        world.change("receive", sku, 2, 200),
        world.change("write_down", sku, 0, 800),
    )
    sale = world.value(world.change("issue", sku, 1))[0]
    assert (sale.cost_minor, sale.provision_minor) == (900, 600)
    assert world.pool(sku) == (2, 200, 200)


def test_fifo_takes_the_oldest_and_a_return_is_a_new_layer() -> None:
    world = build("fifo")
    sku = world.sku()
    world.value(world.change("receive", sku, 3, 1000), world.change("receive", sku, 2, 1600))
    sale = world.value(world.change("issue", sku, 4))[0]
    assert (sale.cost_minor, sale.cost_source) == (1800, "fifo")
    world.accept(sku, 1, 333)
    assert world.layers(sku) == [(1, 800), (1, 333)]
    assert faults() == {"stock_quantities": [*faults()["stock_quantities"]]}


def test_a_direct_write_down_lowers_the_newest_layer() -> None:
    world = build("fifo")
    sku = world.sku()
    world.value(world.change("receive", sku, 1, 500, grade="B"))
    world.accept(sku, 1, 500, grade="B", worth_minor=300)
    assert world.layers(sku) == [(1, 500), (1, 300)]


@METHODS
def test_a_pool_gives_no_more_than_it_has(method: str) -> None:
    world = build(method)
    sku, known, unknown = world.sku(), world.sku(standard_cost_minor=250), world.sku()
    world.value(world.change("receive", sku, 2, 1001))
    first, second, third = world.value(*(world.change("issue", item, 3) for item in (sku, known, unknown)))
    assert (first.cost_minor, first.cost_source, first.short_quantity, first.short_cost_minor) == (1001, method, 1, 501)
    assert (second.cost_minor, second.cost_source, second.short_cost_minor) == (0, "standard", 750)
    assert (third.cost_minor, third.cost_source, third.short_quantity, third.short_cost_minor) == (0, "zero", 3, 0)
    assert world.pool(sku) == (0, 0, 0)
    assert rows(known) == [("short", 0, 0, 0, 750)]


def test_value_without_a_quantity_needs_units_to_carry_it() -> None:
    world = build()
    sku = world.sku()
    nothing = world.value(world.change("adjust", sku, 0, 70))[0]
    assert (nothing.cost_minor, nothing.difference_minor) == (0, 70)
    world.value(world.change("receive", sku, 2, 100))
    up, down = world.value(world.change("adjust", sku, 0, 50), world.change("adjust", sku, 0, -200))
    assert (up.cost_minor, up.difference_minor) == (50, 0)
    assert (down.cost_minor, down.difference_minor) == (-150, -50)
    assert world.pool(sku) == (2, 0, 0)


def test_what_a_caller_must_not_ask() -> None:
    world, other = build(), build()
    sku = world.sku()
    world.value(world.change("receive", sku, 1, 100))
    with pytest.raises(ValueError, match="no value pool"):
        world.value(world.change("receive", sku, 1, 100, grade="uninspected"))
    with pytest.raises(ValueError, match="cannot write 101"):
        world.value(world.change("write_down", sku, 0, 101))
    with pytest.raises(ValueError, match="belongs to company"):
        world.value(world.change("receive", sku, 1, 100, company_id=other.company.id))
    with pytest.raises(ValueError, match="does not exist"):
        world.value(world.change("receive", sku, 1, 100, company_id=new_id()))
    assert world.pool(sku) == (1, 100, 0)


def test_an_unknown_cost_falls_back_and_says_so() -> None:
    world = build()
    pooled, standard, unknown = world.sku(900), world.sku(250), world.sku()
    world.value(world.change("receive", pooled, 3, 1000))
    costs = fallback_cost([(sku, world.owner_id) for sku in (pooled, standard, unknown)])
    told = [costs[sku, world.owner_id] for sku in (pooled, standard, unknown)]
    assert [(cost.source, cost.of(1), cost.of(2), cost.of(6)) for cost in told] == [
        ("average", 333, 667, 2000),
        ("standard", 250, 500, 1500),
        ("zero", 0, 0, 0),
    ]
