"""What is refused, all findings at once, and that nothing of a refused order is written."""

from __future__ import annotations

from typing import Any

import pytest

from guicang.kernel.actor import Actor
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Refused
from guicang.parties.models import Customer
from guicang.sales.models import Order, OrderLine
from guicang.trade.facts import DiscountFacts, LineFacts, OrderFacts, PaymentFacts, ShippedFacts
from guicang.trade.steps import record_orders
from tests.unit.trade.world import NOW, World, build, codes

pytestmark = pytest.mark.django_db


def _unknown_sku(world: World) -> OrderFacts:
    return world.order(world.line("A", 1, "1.00", sku_code="nobody"))


def _unknown_warehouse(world: World) -> OrderFacts:
    facts = world.order(world.line("A", 1, "1.00"), ship=True)
    facts.shipments[0].warehouse_id = new_id()
    return facts


def _unknown_shipped_line(world: World) -> OrderFacts:
    return world.order(world.line("A", 1, "1.00"), ship={"B": 1})


def _too_much_shipped(world: World) -> OrderFacts:
    return world.order(world.line("A", 3, "1.00", cancelled=1), ship={"A": 3})


def _discount_too_large(world: World) -> OrderFacts:
    return world.order(world.line("A", 1, "1.00", discounts=[DiscountFacts("shop", 101)]))


def _unknown_funder(world: World) -> OrderFacts:
    return world.order(world.line("A", 1, "1.00", discounts=[DiscountFacts("nobody", 1)]))


def _tax_too_large(world: World) -> OrderFacts:
    return world.order(world.line("A", 1, "1.00", tax_minor=101))


def _negative_payment(world: World) -> OrderFacts:
    return world.order(world.line("A", 1, "1.00"), pay=[PaymentFacts("p", "cash", -1, NOW)])


def _line_twice(world: World) -> OrderFacts:
    return world.order(world.line("A", 1, "1.00"), world.line("A", 1, "1.00"))


def _no_lines(world: World) -> OrderFacts:
    return world.order()


def _long_number(world: World) -> OrderFacts:
    return world.order(world.line("A", 1, "1.00"), number="9" * 81)


def _shipping_tax(world: World) -> OrderFacts:
    return world.order(world.line("A", 1, "1.00"), shipping_tax_minor=1)


def _negative_shipped(world: World) -> OrderFacts:
    facts = world.order(world.line("A", 1, "1.00"), ship=True)
    facts.shipments[0].lines = [ShippedFacts("A", -1)]
    return facts


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (_unknown_sku, ["sku_unknown"]),
        (_unknown_warehouse, ["warehouse_unknown"]),
        (_unknown_shipped_line, ["line_unknown"]),
        (_too_much_shipped, ["shipped_over_ordered"]),
        (_discount_too_large, ["amounts_invalid"]),
        (_unknown_funder, ["amounts_invalid"]),
        (_tax_too_large, ["amounts_invalid"]),
        (_negative_payment, ["payment_invalid"]),
        (_line_twice, ["line_repeated"]),
        (_no_lines, ["order_empty"]),
        (_long_number, ["text_too_long"]),
        (_shipping_tax, ["shipping_invalid"]),
        (_negative_shipped, ["quantity_invalid"]),
    ],
)
def test_refusals(make: Any, expected: list[str]) -> None:
    world = build()
    bad, good = make(world), world.order(world.line("G", 1, "1.00"))
    outcomes = world.record(bad, good)
    assert codes(outcomes[0]) == expected
    assert outcomes[0].data["result"] == "refused"
    assert str(outcomes[0].refusals[0])
    assert outcomes[1].ok
    assert Order.objects.count() == 1
    assert OrderLine.objects.count() == 1


def test_all_findings_of_an_order_at_once() -> None:
    world = build()
    lines = [world.line("A", 0, "1.00"), LineFacts("B", "nobody", 1, world.line("A", 1, "1").unit_price, 100)]
    assert codes(world.record(world.order(*lines))[0]) == ["quantity_invalid", "sku_unknown"]


def test_an_unknown_shop_and_an_order_stated_twice() -> None:
    world = build()
    stranger = world.order(world.line("A", 1, "1.00"), shop_id=new_id())
    twice = world.order(world.line("A", 1, "1.00"))
    outcomes = world.record(stranger, twice, twice)
    assert [codes(outcome) for outcome in outcomes] == [["shop_unknown"], [], ["order_repeated"]]


def test_all_or_nothing_writes_nothing() -> None:
    world = build()
    good, bad = world.order(world.line("A", 1, "1.00")), world.order()
    outcomes = world.record(good, bad, all_or_nothing=True)
    assert [outcome.ok for outcome in outcomes] == [True, False]
    assert (Order.objects.count(), Customer.objects.count()) == (0, 0)


def test_it_takes_the_permission() -> None:
    world = build()
    nobody = Actor(kind="staff", id=new_id())
    with pytest.raises(Refused) as refused:
        record_orders(orders=[world.order(world.line("A", 1, "1.00"))], actor=nobody, now=NOW)
    assert [refusal.code for refusal in refused.value.refusals] == ["not_permitted"]
