"""An exchange is undone while its new goods are shipped, on PostgreSQL: one of the two happens, and nothing is lost."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.db import connection

from guicang.catalog.models import Sku
from guicang.inventory.models import Reservation, StockLevel
from guicang.kernel.refusal import Outcome
from guicang.returns.operations.asking import Instead
from guicang.returns.steps.undo_exchange import Undoing, undo_exchange
from guicang.sales.models import Order, OrderLine
from guicang.trade.facts import OrderShipment, ShipmentFacts, ShippedFacts
from guicang.trade.steps import record_shipments
from tests.concurrency.test_claims import SYSTEM, at_once, whole
from tests.journeys.test_exchange import exchanged, sell_at_80

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
ROUNDS = 6


@pytest.fixture(autouse=True)
def _row_locks() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")


def test_undone_or_shipped_never_both(transactional_db: None, world: Any) -> None:
    want = world.sku("NEW", ROUNDS)
    Sku.objects.filter(id=want).update(list_price_minor=9000)
    for _ in range(ROUNDS):
        key, new = exchanged(world, sell_at_80(world), Instead(want, 1))
        assert new is not None
        lines = [ShippedFacts(line.line_key, line.ordered) for line in OrderLine.objects.filter(order=new)]
        parcel = OrderShipment(new.shop_id, new.number, ShipmentFacts("1", world.warehouse_id, world.now, lines))
        undo = partial(undo_exchange, undoings=[Undoing(key, "typed_twice")], actor=SYSTEM, now=world.now)
        ship = partial(record_shipments, items=[parcel], actor=SYSTEM, now=world.now)
        answers = at_once([undo, ship, undo])
        assert {type(answer) for answer in answers} == {list}, answers
        done: list[Outcome] = [answer[0] for answer in answers]
        assert sum(outcome.ok for outcome in done) == 1, [outcome.refusals for outcome in done]
        order = Order.objects.get(id=new.id)
        shipped = sum(OrderLine.objects.filter(order=new).values_list("shipped", flat=True))
        assert (shipped, order.refunded_minor) in ((1, 0), (0, order.captured_minor))
    level = StockLevel.objects.get(sku_id=want, virtual=False)
    assert (level.reserved, Reservation.objects.count()) == (0, 0)
    assert whole()
