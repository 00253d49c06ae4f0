"""Each proof finds a planted fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from guicang.accounting.models import EntryLine
from guicang.inventory.models import StockValue
from guicang.kernel import guards
from guicang.sales.models import Cancellation, Order, OrderLine, Payment, Shipment, ShipmentLine, Tender
from guicang.trade import proofs
from tests.unit.trade.world import World, build

pytestmark = pytest.mark.django_db


def _bump(model: Any, column: str, **where: Any) -> Callable[[], None]:
    def plant() -> None:
        row = model.objects.filter(**where).order_by("pk").first()
        model.objects.filter(pk=row.pk).update(**{column: getattr(row, column) + 1})

    return plant


def _drop(model: Any, **where: Any) -> Callable[[], None]:
    def plant() -> None:
        model.objects.filter(**where).delete()

    return plant


def _traded() -> World:
    world = build(goods="owned")
    world.stock("A", 10, 5000)
    world.record(world.order(world.line("A", 4, "10.00", cancelled=1), ship={"A": 2}, pay={"p": 1000}))
    return world


@pytest.mark.parametrize(
    ("plant", "proof"),
    [
        (_bump(OrderLine, "cancelled"), "order_counters"),
        (_drop(Cancellation), "order_counters"),
        (_bump(Payment, "amount_minor"), "order_counters"),
        (_bump(Tender, "captured_minor"), "order_counters"),
        (_bump(Order, "total_minor"), "order_counters"),
        (_bump(ShipmentLine, "shipped"), "order_counters"),
        (_bump(Shipment, "value_minor"), "shipment_values"),
        (_bump(Order, "receivable_minor"), "order_balances"),
        (_bump(Order, "advance_minor"), "order_ledger"),
        (_bump(EntryLine, "amount_minor", party_kind="customer"), "order_ledger"),
        (_bump(ShipmentLine, "issue_cost_minor"), "issue_costs"),
        (_drop(StockValue, kind="issue"), "issue_costs"),
    ],
)
def test_a_planted_fault_is_found(plant: Callable[[], None], proof: str) -> None:
    _traded()
    assert [found.name for found in proofs.proofs() if not found.ok] == []
    with guards.removed(connection):
        plant()
        assert proof in [found.name for found in proofs.proofs() if not found.ok]


def test_what_does_not_arise_is_not_applicable() -> None:
    build(books="mirrored")
    found = {proof.name: proof.applicable for proof in proofs.proofs()}
    assert found == {
        "order_counters": True,
        "line_discounts": True,
        "sale_tax": True,
        "shipment_values": True,
        "order_balances": False,
        "order_ledger": True,
        "issue_costs": False,
        "set_offs": True,
    }
