"""Any sequence of changes leaves a pool that equals its rows, and an empty one worth nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guicang.inventory import rules
from guicang.inventory.models import LocationKind, StockValue, ValuePool
from guicang.inventory.operations import ValueChange, move
from guicang.kernel.ids import new_id
from tests.unit.inventory.world import World, build

KINDS = ("receive", "issue", "leave", "write_down", "scrap", "adjust")
STEPS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(1, 7), st.integers(-500, 5_000)), min_size=1, max_size=25
)

KIND = st.sampled_from(LocationKind)


def check(pool: rules.Pool) -> None:
    assert 0 <= pool.provision_minor <= pool.cost_minor
    assert pool.quantity >= 0
    if not pool.quantity:
        assert (pool.cost_minor, pool.provision_minor) == (0, 0)
    if pool.layers is not None:
        assert sum(layer.quantity for layer in pool.layers) == pool.quantity
        assert sum(layer.cost_minor for layer in pool.layers) == pool.cost_minor
        assert all(layer.quantity > 0 and layer.cost_minor >= 0 for layer in pool.layers)


@given(steps=STEPS, fifo=st.booleans(), through_provision=st.booleans())
def test_a_pool_never_loses_a_cent(steps: list[tuple[str, int, int]], fifo: bool, through_provision: bool) -> None:
    pool = rules.Pool(layers=deque() if fifo else None)
    cost = provision = quantity = 0
    for kind, units, amount in steps:
        if kind == "receive":
            rules.receive(pool, units, abs(amount), new_id())
            quantity, cost = quantity + units, cost + abs(amount)
        elif kind in ("issue", "leave"):
            taken = rules.take(pool, units)
            assert taken.quantity == min(units, quantity)
            assert 0 <= taken.provision_minor <= taken.cost_minor + provision
            quantity, cost = quantity - taken.quantity, cost - taken.cost_minor
            provision -= taken.provision_minor
        elif kind == "write_down":
            down = min(abs(amount), pool.carrying_minor)
            rules.write_down(pool, down, through_provision=through_provision)
            cost, provision = (cost, provision + down) if through_provision else (cost - down, provision)
        elif kind == "adjust":
            cost += rules.adjust(pool, amount)
        assert (pool.quantity, pool.cost_minor, pool.provision_minor) == (quantity, cost, provision)
        check(pool)
    if pool.quantity:
        last = rules.take(pool, pool.quantity)
        assert (last.cost_minor, last.provision_minor) == (cost, provision)
        check(pool)


@given(
    cost=st.integers(0, 10**12),
    provision=st.integers(0, 10**12),
    parts=st.lists(st.integers(1, 9), min_size=1, max_size=30),
)
def test_however_a_pool_is_emptied_the_parts_sum_to_the_whole(cost: int, provision: int, parts: list[int]) -> None:
    provision = min(cost, provision)
    pool = rules.Pool(sum(parts), cost, provision)
    taken = [rules.take(pool, part) for part in parts]
    assert sum(part.cost_minor for part in taken) == cost
    assert sum(part.provision_minor for part in taken) == provision
    assert min(part.cost_minor for part in taken) >= 0
    check(pool)


def _changes(world: World, sku: UUID, steps: list[tuple[str, int, int]]) -> list[ValueChange]:
    """The steps as changes that a caller may ask for: no write-down of more than the pool is carried at."""
    pool = rules.Pool(layers=deque() if world.company.cost_method == "fifo" else None)
    changes = []
    for kind, units, signed in steps:
        amount = signed if kind == "adjust" else abs(signed)
        if kind == "receive":
            rules.receive(pool, units, amount, new_id())
        elif kind in ("issue", "leave"):
            rules.take(pool, units)
        elif kind == "adjust":
            rules.adjust(pool, amount)
        elif kind == "write_down":
            amount = min(amount, pool.carrying_minor)
            rules.write_down(pool, amount, through_provision=world.company.write_down == "provision")
        changes.append(world.change(kind, sku, units, amount, first_entry_minor=amount))
    return changes


def _totals(rows: Sequence[tuple[int, ...]], width: int) -> tuple[int, ...]:
    return tuple(map(sum, zip(*rows, strict=True))) if rows else (0,) * width


@pytest.mark.django_db
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    steps=STEPS,
    method=st.sampled_from(["average", "fifo"]),
    write_down=st.sampled_from(["direct", "provision"]),
    size=st.integers(1, 10),
)
def test_rows_pools_and_layers_agree_however_the_set_is_cut(
    steps: list[tuple[str, int, int]], method: str, write_down: str, size: int
) -> None:
    world = build(method, write_down)
    whole, cut = world.sku(), world.sku()
    together = world.value(*_changes(world, whole, steps))
    changes = _changes(world, cut, steps)
    apart = [result for at in range(0, len(steps), size) for result in world.value(*changes[at : at + size])]
    assert together == apart
    assert world.pool(whole) == world.pool(cut)
    assert world.layers(whole) == world.layers(cut)
    for sku in (whole, cut):
        rows = StockValue.objects.filter(sku_id=sku).values_list("quantity", "cost_minor", "provision_minor")
        assert _totals(list(rows), 3) == world.pool(sku)
        assert method == "average" or _totals(world.layers(sku), 2) == world.pool(sku)[:2]


@pytest.mark.django_db
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=st.lists(st.tuples(KIND, KIND, st.integers(1, 9)), max_size=30))
def test_units_are_conserved_by_any_moves(steps: list[tuple[LocationKind, LocationKind, int]]) -> None:
    world = build()
    sku = world.sku()
    filled = [(LocationKind.SUPPLIER, kind, 1_000) for kind in LocationKind if kind != LocationKind.SUPPLIER]
    steps = [*filled, *(step for step in steps if step[0] != step[1])]
    move(world.context, [world.move(sku, *step) for step in steps])
    for kind in LocationKind:
        expected = sum(((end == kind) - (start == kind)) * count for start, end, count in steps)
        assert world.on_hand(sku, kind) == expected
    assert sum(world.on_hand(sku, kind) for kind in LocationKind) == 0
    assert not ValuePool.objects.filter(sku_id=sku).exists()
