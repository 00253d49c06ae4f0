"""Goods that carry more than a number: pieces with weights, serials, bundles with one counter (HARD-CASES 17, 18)."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from guicang.catalog.models import Serial
from guicang.catalog.operations import ComponentFacts, ensure_skus, set_bundle
from guicang.insights.orders import lines_of
from guicang.insights.shopper import offer
from guicang.inventory.models import StockLevel
from guicang.kernel.commands import begin
from guicang.returns.models import Inspection
from guicang.returns.models import Settlement as SettlementRow
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.redispose import Redisposition, redispose
from guicang.returns.steps.release import Release, release
from guicang.returns.steps.request import request
from guicang.returns.steps.settle import Settlement, settle
from guicang.trade.facts import ShippedFacts, StockFacts
from guicang.trade.steps import record_opening_stock
from tests.journeys.acts import SYSTEM, codes, do, give, pay, undo, verified
from tests.journeys.test_resettling import state
from tests.world import NOW, World

pytestmark = pytest.mark.django_db

PIECES = {"H1": 812, "H2": 640, "H3": 705}


def hams(world: Any) -> Any:
    """Three hams of 2,157 g together for 107.85."""
    facts = world.facts(3, price_minor=3595)
    facts.lines[0].weight_g = sum(PIECES.values())
    facts.shipments[0].lines = [ShippedFacts("1", 1, serial=name, weight_g=grams) for name, grams in PIECES.items()]
    return world.sell(facts)[0]


def piece_back(world: Any, sold: Any, name: str, grams: int) -> UUID:
    key: UUID = world.authorised(sold, 1, serial=name)
    do(receive, world, Receiving(key, [Arrived(world.line(key).id, 1, weight_g=grams)]))
    return key


def cash() -> list[int]:
    return list(SettlementRow.objects.order_by("id").values_list("cash_minor", flat=True))


@pytest.mark.parametrize("order", list(permutations(PIECES))[:3])
def test_each_piece_is_paid_back_by_what_it_weighed(world: Any, order: tuple[str, ...]) -> None:
    sold = hams(world)
    paid = {"H1": 4060, "H2": 3200, "H3": 3525}
    for name in order:
        key = piece_back(world, sold, name, PIECES[name] - 5)
        do(inspect, world, Inspecting(key, [Part(world.line(key).id, 1)]))
        pay(world, key)
        verified()
    assert cash() == [paid[name] for name in order]
    assert (sold.row.refunded_minor, sold.lines[0].settled_measure) == (10785, 3 * 2157)


def test_a_piece_taken_back_and_paid_again(world: Any) -> None:
    sold, settled = hams(world), []
    for name in ("H1", "H2"):
        key = piece_back(world, sold, name, PIECES[name])
        do(inspect, world, Inspecting(key, [Part(world.line(key).id, 1)]))
        settled.append((key, pay(world, key)))
    undo(world, settled[0][1])
    assert sold.row.refunded_minor == 3200
    verified()
    pay(world, settled[0][0])
    assert sold.row.refunded_minor == 7260
    verified()


def test_a_lighter_piece_holds_the_refund_until_somebody_decides(world: Any) -> None:
    sold = hams(world)
    key: UUID = world.authorised(sold, 1, serial="H1")
    line = world.line(key).id
    assert codes(give(receive, world, Receiving(key, [Arrived(line, 1)]))[0]) == ["not_weighed"]
    do(receive, world, Receiving(key, [Arrived(line, 1, weight_g=640)]))
    assert world.line(key).held
    part = Inspecting(key, [Part(line, 1)])
    assert codes(give(inspect, world, part)[0]) == ["held"]
    assert "held" in codes(give(settle, world, Settlement(key))[0])
    do(release, world, Release(key, accept=False, reason="other_item"))
    assert codes(give(inspect, world, part)[0]) == ["hold_rejected"]
    do(inspect, world, Inspecting(key, [Part(line, 1, accepted=False)]))
    assert (sold.row.refunded_minor, world.row(key).state) == (0, "settled")
    verified()


def test_case_18_the_other_item_is_taken_once_somebody_said_so(world: Any, order: Any) -> None:
    sold = order(units=1, serials=["SN-A"], price_minor=8000)
    key = world.authorised(sold, 1, serial="SN-A")
    line = world.line(key).id
    do(receive, world, Receiving(key, [Arrived(line, 1)]))
    swapped = Inspecting(key, [Part(line, 1, found_serial="SN-B")])
    do(inspect, world, swapped)
    assert (world.line(key).held, world.line(key).accepted) == (True, 0)
    assert "held" in codes(give(settle, world, Settlement(key))[0])
    assert Serial.objects.get(number="SN-A").open_return_line_id == line
    do(release, world, Release(key, accept=True, reason="agreed_with_customer"))
    do(inspect, world, swapped)
    pay(world, key)
    assert sold.row.refunded_minor == 8000
    verified()


def bundle(world: Any, units: int = 3) -> Any:
    """HARD-CASES 17: 159.99 and 9.60 tax a set; A 83.00 and, twice in each, B 70.00."""
    for code in ("A", "B"):
        world.sku(code, 20)
    with transaction.atomic():
        context = begin("test", actor=SYSTEM, now=NOW, items=1)
        ensure_skus(context, world.company_id, {"SET": "set"})
        parts = [ComponentFacts("A", 1, 8300), ComponentFacts("B", 2, 3500)]
        set_bundle(context, world.company_id, "SET", parts)
    facts = world.facts(units, price_minor=16959, sku="SET")
    facts.lines[0].tax_minor = 960 * units
    world.skus["SET"] = world.sku_id
    return world.sell(facts)[0]


@pytest.mark.parametrize("walk", [(0, 2, 1, 2, 0), (2, 2, 0, 1, 0), (1, 0, 0, 2, 2), (2, 0, 2, 0, 1, 2)])
def test_case_17_bundles_and_components_share_one_counter(world: Any, walk: tuple[int, ...]) -> None:
    """`walk`: which line is asked for, one at a time: 0 the set, 1 and 2 its components."""
    sold = bundle(world)
    left = {1: 3, 2: 6}
    for place in walk:
        takes = {1: 1, 2: 2} if place == 0 else {place: 1}
        possible = all(left[part] >= units for part, units in takes.items())
        (answer,) = give(request, world, world.asked(sold, 1, order_line_id=sold.lines[place].id))
        assert answer.ok == possible, (place, left)
        if possible:
            left = {part: units - takes.get(part, 0) for part, units in left.items()}
        for part, units in left.items():
            rows = [row for row in sold.shipped if row.order_line_id == sold.lines[part].id]
            assert sum(row.shipped - row.claimed for row in rows) == units
    verified()


def lots(world: World, *names: str, days: int = 20) -> None:
    """Ten of each lot, good for so many days from today."""
    best = world.now.date() + timedelta(days=days)
    ago = world.now - timedelta(days=20)
    stock = [
        StockFacts(world.warehouse_id, "GOODS", 10, 5000, ago, f"{days}", name, best_before=best) for name in names
    ]
    assert all(one.ok for one in record_opening_stock(items=stock, actor=SYSTEM, now=world.now))


def of_lot(world: World, units: int, lot: str = "L1") -> UUID:
    """An authorised return of goods that were sold as a lot."""
    facts = world.facts(units)
    facts.shipments[0].lines = [ShippedFacts("1", units, lot=lot)]
    key: UUID = world.authorised(world.sell(facts)[0], units)
    return key


def test_another_lot_holds_the_refund_and_lies_as_what_it_is(world: World) -> None:
    lots(world, "L1", "L2")
    key = of_lot(world, 2)
    line = world.line(key).id
    do(receive, world, Receiving(key, [Arrived(line, 1, lot="L2")]))
    assert (world.line(key).held, world.line(key).lot) == (True, "L2")
    assert "held" in codes(give(settle, world, Settlement(key))[0])
    do(receive, world, Receiving(key, [Arrived(line, 1, lot="L1")]))
    assert [(one.kind, one.lot, one.received) for one in world.row(key).lines.order_by("position")] == [
        ("goods", "L2", 1),
        ("wrong", "L1", 1),
    ]
    verified()
    do(release, world, Release(key, accept=True, reason="agreed_with_customer"))
    do(inspect, world, Inspecting(key, [Part(line, 1)]))
    pay(world, key)
    here = StockLevel.objects.filter(lot="L2", virtual=False, grade="A").values_list("on_hand", flat=True)
    assert sum(here) == 11
    verified()


@pytest.mark.parametrize(("days", "least", "refused"), [(20, None, False), (20, 30, True), (30, 30, False)])
def test_what_is_short_dated_is_not_sold_again_as_new(
    world: World, days: int, least: int | None, refused: bool
) -> None:
    state(world, **({} if least is None else {"shelf_days": least}))
    lots(world, "L1", days=days)
    key = of_lot(world, 1)
    line = world.line(key).id
    do(receive, world, Receiving(key, [Arrived(line, 1, lot="L1")]))
    (answer,) = give(inspect, world, Inspecting(key, [Part(line, 1)]))
    assert codes(answer) == (["short_dated"] if refused else [])
    if refused:
        do(inspect, world, Inspecting(key, [Part(line, 1, "second", grade="B")]))
        again = Redisposition(Inspection.objects.get().id, 1, "restock", "entered_wrongly")
        assert codes(give(redispose, world, again)[0]) == ["short_dated"]
    verified()


def test_a_lot_that_is_over_is_never_sold_again_as_new(world: World) -> None:
    lots(world, "L1", days=3)
    key = of_lot(world, 1)
    line = world.line(key).id
    do(receive, world, Receiving(key, [Arrived(line, 1)]))
    part = Inspecting(key, [Part(line, 1)])
    world.now += timedelta(days=4)
    assert codes(give(inspect, world, part)[0]) == ["short_dated"]
    lots(world, "L1", days=30)  # the supplier says otherwise: the latest word counts
    do(inspect, world, part)
    verified()


def test_case_17_pages_offer_the_set_and_its_components_on_one_counter(world: World) -> None:
    sold = bundle(world)
    header, first, second = (line.id for line in sold.lines)

    def offered() -> dict[UUID, int]:
        found = offer(sold.id, sold.customer_id, world.now)
        assert found is not None
        assert {line.id: line.free for line in lines_of(sold.id)} == {one.id: one.most["refund"] for one in found.lines}
        return {one.id: one.most["refund"] for one in found.lines}

    assert offered() == {header: 3, first: 3, second: 6}
    do(request, world, world.asked(sold, 1, order_line_id=header))
    assert offered() == {header: 2, first: 2, second: 4}
    do(request, world, world.asked(sold, 3, order_line_id=second))
    assert offered() == {header: 0, first: 2, second: 1}
