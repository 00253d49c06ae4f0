"""Payments, shipments and cancellations of known orders; goods that come in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from guicang.accounting.queries import balances, party_balances
from guicang.catalog.models import Sku
from guicang.inventory.queries import pool_value
from guicang.kernel.ids import new_id
from guicang.parties.models import Supplier
from guicang.sales.models import Payment, Shipment
from guicang.trade.facts import LineCancellation, OrderPayment, OrderShipment, PaymentFacts, StockFacts
from guicang.trade.operations import ShopFacts, set_up
from guicang.trade.steps import (
    cancel_lines,
    record_opening_stock,
    record_payments,
    record_purchases,
    record_shipments,
)
from tests.unit.trade.world import ACTOR, NOW, World, build, codes, context, faults

pytestmark = pytest.mark.django_db


def _payment(world: World, number: str, key: str, minor: int, **more: str) -> OrderPayment:
    return OrderPayment(world.shop_id, number, PaymentFacts(key, "bank", minor, NOW), **more)


def test_payments_of_known_orders() -> None:
    world = build()
    first, second = (world.order(world.line("A", 1, "10.00"), ship=True) for _ in range(2))
    world.record(first, second)
    items = [
        _payment(world, first.number, "1", 400),
        _payment(world, "nobody", "1", 400),
        _payment(world, first.number, "2", 800),
        _payment(world, second.number, "1", 100, currency="USD"),
    ]
    outcomes = record_payments(items=items, actor=ACTOR, now=NOW)
    assert [codes(outcome) for outcome in outcomes] == [[], ["order_unknown"], [], ["order_mismatch"]]
    order = world.row(first)
    assert (order.receivable_minor, order.advance_minor, order.captured_minor) == (0, 200, 1200)
    assert outcomes[0].id == outcomes[2].id == order.id
    again = record_payments(items=items[:1], actor=ACTOR, now=NOW)
    assert again[0].data["result"] == "unchanged"
    assert Payment.objects.count() == 2
    assert faults() == {}


def test_shipments_of_known_orders() -> None:
    world = build()
    facts = world.order(world.line("A", 3, "10.00"), world.line("B", 1, "1.00"), pay={"p": 3100})
    world.record(facts)
    items = [
        OrderShipment(world.shop_id, facts.number, world.shipment({"A": 2}, "S1")),
        OrderShipment(world.shop_id, facts.number, world.shipment({"A": 1, "B": 1}, "S2")),
    ]
    assert [outcome.data["result"] for outcome in record_shipments(items=items, actor=ACTOR, now=NOW)] == [
        "updated"
    ] * 2
    assert [outcome.data["result"] for outcome in record_shipments(items=items, actor=ACTOR, now=NOW)] == [
        "unchanged",
        "unchanged",
    ]
    items[1].shipment.lines[0].quantity = 2
    assert codes(record_shipments(items=items[1:], actor=ACTOR, now=NOW)[0]) == ["shipped_over_ordered"]
    order = world.row(facts)
    assert (order.advance_minor, order.receivable_minor, Shipment.objects.count()) == (0, 0, 2)
    assert faults() == {}


def test_lines_are_cancelled_before_shipment() -> None:
    world = build()
    facts = world.order(world.line("A", 5, "10.00"), ship={"A": 2}, pay={"p": 5000})
    world.record(facts)

    def cancel(units: int, key: str = "A") -> list[str]:
        items = [LineCancellation(world.shop_id, facts.number, key, units)]
        return codes(cancel_lines(items=items, actor=ACTOR, now=NOW)[0])

    assert cancel(2) == []
    assert cancel(2) == ["shipped_over_ordered"]
    assert cancel(0) == ["quantity_invalid"]
    assert cancel(1, "Z") == ["line_unknown"]
    (line,) = world.lines(facts)
    assert (line.shipped, line.cancelled) == (2, 2)
    assert world.row(facts).advance_minor == 3000
    # The source does not say how many are cancelled, so the same file still changes nothing.
    assert world.record(facts)[0].data["result"] == "unchanged"
    assert faults() == {}


def test_opening_stock_is_equity_and_the_same_again_is_no_change() -> None:
    world = build(goods="owned")
    world.skus("A", "B")
    Sku.objects.filter(code="B").update(standard_cost_minor=30)

    def item(code: str, quantity: int, cost: int | None, reference: str = "") -> StockFacts:
        return StockFacts(world.warehouse_id, code, quantity, cost, NOW - timedelta(days=9), reference)

    items = [item("A", 10, 5000), item("A", 10, 5000), item("B", 4, None), item("A", 1, 700, "second")]
    outcomes = record_opening_stock(items=items, actor=ACTOR, now=NOW)
    assert [codes(outcome) for outcome in outcomes] == [[], ["stock_repeated"], [], []]
    assert outcomes[2].data["cost_source"] == "standard"
    assert pool_value(world.company_id).cost_minor == 5820
    assert balances("stock")[world.company_id] == 5820
    assert balances("opening_equity")[world.company_id] == -5820
    again = record_opening_stock(items=[items[0], item("B", 5, None)], actor=ACTOR, now=NOW)
    assert again[0].data["result"] == "unchanged"
    assert codes(again[1]) == ["stock_mismatch"]
    assert faults() == {}


def test_purchases_are_owed_to_their_supplier() -> None:
    world = build(goods="owned")
    world.skus("A")
    items = [StockFacts(world.warehouse_id, "A", 3, 900, NOW, f"PO-{n}", supplier="acme") for n in range(2)]
    assert all(outcome.ok for outcome in record_purchases(items=items, actor=ACTOR, now=NOW))
    supplier = Supplier.objects.get()
    assert party_balances(world.company_id, "payable") == {("supplier", supplier.id): -1800}
    assert faults() == {}


def test_receipts_that_cannot_be() -> None:
    owned, mirrored = build(goods="owned"), build()
    owned.skus("A")
    mirrored.skus("A")

    def receive(world: World, code: str, quantity: int, **more: object) -> list[str]:
        item = StockFacts(world.warehouse_id, code, quantity, 100, NOW)
        for name, value in more.items():
            setattr(item, name, value)
        return codes(record_purchases(items=[item], actor=ACTOR, now=NOW)[0])

    assert receive(mirrored, "A", 1) == ["goods_mirrored"]
    assert receive(owned, "B", 1) == ["sku_unknown"]
    assert receive(owned, "A", 0) == ["stock_invalid"]
    assert receive(owned, "A", 2, serial="S") == ["serial_quantity"]
    assert receive(owned, "A", 1, cost_minor=-1) == ["stock_invalid"]
    assert receive(owned, "A", 1, warehouse_id=new_id()) == ["warehouse_unknown"]


def test_set_up_again_changes_nothing() -> None:
    facts = {"code": "c", "name": "c", "currency": "CNY"}
    with transaction.atomic():
        first = set_up(context(), company=facts, shops=[ShopFacts("s")])
        again = set_up(context(), company={**facts, "name": "other"}, shops=[ShopFacts("s")])
    assert first.company.id == again.company.id
    assert again.company.name == "c"
    assert first.shops["s"].id == again.shops["s"].id
