"""What comes by parcel: twice in one message, too late, to another warehouse, another item, weighed, of a lot."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from guicang.catalog.models import Serial
from guicang.inventory.models import StockLevel
from guicang.kernel import commands
from guicang.kernel.models import OutboxMessage
from guicang.org.models import Company
from guicang.returns.models import Inspection, Receipt
from guicang.returns.steps.expire import Expiry, expire
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.redispose import Redisposition, redispose
from guicang.returns.steps.release import Release, release
from guicang.returns.steps.settle import Settlement, settle
from guicang.returns.steps.ship import Sending, ship
from guicang.trade.facts import ShippedFacts, StockFacts
from guicang.trade.operations import WarehouseFacts, set_up
from guicang.trade.steps import record_opening_stock
from tests.journeys.acts import SYSTEM, arrive, back, codes, do, give, look_at, pay, verified


def house(world: Any, goods: str) -> UUID:
    """A second warehouse of the same company."""
    company = Company.objects.get(id=world.company_id)
    facts = {"code": company.code, "name": company.name, "currency": "CNY"}
    with transaction.atomic():
        context = commands.begin("test", actor=SYSTEM, now=world.now, items=1)
        made = set_up(context, company=facts, shops=[], warehouses=[WarehouseFacts(f"{goods}-2", goods=goods)])
    found: UUID = made.warehouses[f"{goods}-2"].id
    return found


def expired(world: Any, sold: Any, units: int, **more: Any) -> UUID:
    key: UUID = world.authorised(sold, units, **more)
    world.now += timedelta(days=15)
    do(expire, world, Expiry(key))
    return key


def test_a_message_names_a_line_more_than_once(world: Any, order: Any) -> None:
    key = world.authorised(order(units=5), 3)
    line = world.line(key).id
    boxes = Receiving(key, [Arrived(line, 1), Arrived(line, 2), Arrived(line, 1), Arrived(line, 1)], key="m")
    assert do(receive, world, boxes).data == {"surplus": 2, "wrong": 0, "weight_off": 0}
    assert do(receive, world, boxes).data == {"repeat": True}
    assert sorted(Receipt.objects.values_list("quantity", flat=True)) == [2, 3]
    assert (world.line(key).received, world.line(key, 2).received) == (3, 2)
    verified()


def test_a_late_parcel_in_another_warehouse_is_not_mixed_with_what_lies_in_the_first(world: Any, order: Any) -> None:
    sold = order(units=5)
    first = expired(world, sold, 3)
    second = world.authorised(sold, 4)
    arrive(world, second, 1)
    elsewhere = house(world, "owned")
    late = arrive(world, first, 3, warehouse_id=elsewhere)
    follow_up = UUID(late.data["follow_up"])
    assert (late.data["taken_by"], world.row(follow_up).warehouse_id) == ({}, elsewhere)
    assert world.row(second).warehouse_id == world.warehouse_id
    assert [(line.kind, line.received) for line in world.row(follow_up).lines.order_by("position")] == [
        ("goods", 1),
        ("surplus", 2),
    ]
    look_at(world, second, (1, "restock"))
    look_at(world, follow_up, (1, "restock"))
    verified()


def test_the_item_of_a_late_parcel_is_compared_with_what_was_sold(world: Any, order: Any) -> None:
    sold = order(units=1, serials=["SN-A"])
    late = arrive(world, expired(world, sold, 1, serial="SN-A"), 1)
    follow_up = UUID(late.data["follow_up"])
    line = world.line(follow_up)
    assert (line.serial, Serial.objects.get(number="SN-A").open_return_line_id) == ("SN-A", line.id)
    do(inspect, world, Inspecting(follow_up, [Part(line.id, 1, found_serial="SN-B")]))
    assert (world.line(follow_up).held, sold.row.refunded_minor) == (True, 0)
    assert codes(give(settle, world, Settlement(follow_up))[0])[0] == "held"
    do(release, world, Release(follow_up, accept=False, reason="other_item"))
    do(inspect, world, Inspecting(follow_up, [Part(line.id, 1, accepted=False)]))
    assert (world.row(follow_up).state, sold.row.return_label) == ("settled", "none")
    verified()


def test_weight_is_shared_by_what_was_expected_and_what_was_not(world: Any, order: Any) -> None:
    sold = order(units=5)
    key = world.authorised(sold, 2)
    do(receive, world, Receiving(key, [Arrived(world.line(key).id, 3, weight_g=1000)]))
    assert sorted(Receipt.objects.values_list("quantity", "weight_g")) == [(1, 333), (2, 667)]
    first = expired(world, order(units=2), 2)
    do(receive, world, Receiving(first, [Arrived(world.line(first).id, 3, weight_g=700)]))
    assert sorted(Receipt.objects.values_list("quantity", "weight_g"))[-2:] == [(2, 467), (2, 667)]
    verified()


def test_a_lot_comes_back_as_that_lot(world: Any) -> None:
    stock = StockFacts(world.warehouse_id, "GOODS", 5, 2500, world.now - timedelta(days=20), lot="L1")
    (outcome,) = record_opening_stock(items=[stock], actor=SYSTEM, now=world.now)
    assert outcome.ok
    facts = world.facts(2)
    facts.shipments[0].lines[0] = ShippedFacts("1", 2, lot="L1")
    sold = world.sell(facts)[0]
    key = back(world, sold, 1)
    assert world.line(key).lot == "L1"
    assert StockLevel.objects.get(lot="L1", grade="A", virtual=False).on_hand == 4
    verified()


def test_a_refused_parcel_without_a_request(world: Any, order: Any) -> None:
    sold = order(units=2)
    key = world.request(sold, 2, resolution="refused_parcel")
    assert world.row(key).state == "authorised", "it is under way without anybody's word"
    do(ship, world, Sending(key, "SF", "1"))
    assert world.row(key).state == "in_transit"
    arrive(world, key, 2)
    look_at(world, key, (2, "restock"))
    pay(world, key)
    assert (world.row(key).type, sold.row.refunded_minor, sold.row.return_label) == ("refused_parcel", 2000, "full")
    verified()


def test_wrong_goods_are_taken_without_a_refund(world: Any, order: Any) -> None:
    sold, other = order(units=2), world.sku("OTHER", 3, cost_minor=300)
    key = world.authorised(sold, 2)
    do(receive, world, Receiving(key, [Arrived(world.line(key).id, 1), Arrived(quantity=1, sku_id=other)]))
    assert world.row(key).state == "receiving"
    wrong = world.line(key, 2)
    assert (wrong.kind, wrong.claimed) == ("wrong", 0)
    do(inspect, world, Inspecting(key, [Part(wrong.id, 1), Part(world.line(key).id, 1)]))
    pay(world, key)
    assert (sold.row.refunded_minor, sold.claimed) == (1000, 2)
    verified()


def test_what_an_erp_owns_is_handed_over_also_when_it_is_disposed_anew(world: Any) -> None:
    erp = house(world, "mirrored")
    facts = world.facts(2)
    facts.shipments[0].warehouse_id = erp
    sold = world.sell(facts)[0]
    key = world.authorised(sold, 2)
    arrive(world, key, 2)
    look_at(world, key, (1, "refurbish"), (1, "restock"))
    told = OutboxMessage.objects.filter(topic="handover.goods")
    assert told.count() == 1
    refurbished, restocked = (Inspection.objects.get(disposition=name) for name in ("refurbish", "restock"))
    do(redispose, world, Redisposition(refurbished.id, 1, "restock", "as_new"))
    assert told.count() == 2
    (gone,) = give(redispose, world, Redisposition(restocked.id, 1, "scrap", "broken"))
    assert codes(gone) == ["not_redisposable"]
    verified()
