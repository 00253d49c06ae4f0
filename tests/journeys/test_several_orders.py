"""One return over two orders and none (B6): each line has an outcome of its own, each order its settlement."""

from __future__ import annotations

from typing import Any

import pytest

from guicang.returns.models import Settlement as SettlementRow
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.request import Request, Wanted, request
from guicang.returns.steps.reverse_settlement import Reversal, reverse_settlement
from guicang.returns.steps.settle import Settlement, preview, settle
from tests.journeys.acts import SYSTEM, do, verified
from tests.journeys.test_blind_prices import lines, sale, state
from tests.world import World

pytestmark = pytest.mark.django_db


def test_each_line_has_its_own_outcome_and_each_order_its_settlement(world: World) -> None:
    """Of two orders one unit is taken and one is sent back; one came without an order, priced by the last sale."""
    state(world, sources=("last",))
    first, second = sale(world, 3000, 20, units=2), sale(world, 2000, 10, units=3)
    wanted = [
        Wanted(first.lines[0].id, 2, "too_small"),
        Wanted(second.lines[0].id, 1, "too_small"),
        Wanted(sku_id=world.sku_id, quantity=1, reason="too_small"),
    ]
    asked = Request(first.shop_id, first.customer_id, wanted, warehouse_id=world.warehouse_id)
    key = do(request, world, asked).id
    assert key is not None
    do(authorise, world, Authorisation(key))
    rows = lines(key)
    do(receive, world, Receiving(key, [Arrived(row.id, row.requested) for row in rows]))
    parts = [Part(rows[0].id, 1), Part(rows[0].id, 1, accepted=False), Part(rows[1].id, 1), Part(rows[2].id, 1)]
    do(inspect, world, Inspecting(key, parts))
    shown = preview(Settlement(key), SYSTEM, world.now)
    made = do(settle, world, Settlement(key)).data["settlements"]
    found: dict[Any, SettlementRow] = {row.order_id: row for row in SettlementRow.objects.filter(id__in=made)}
    assert len(found) == 3
    assert (first.row.refunded_minor, second.row.refunded_minor) == (3000, 2000)
    assert sorted(plan.cash_minor for plan in shown) == sorted(row.cash_minor for row in found.values())
    assert [(row.accepted, row.rejected, row.settled) for row in lines(key)] == [(1, 1, 1), (1, 0, 1), (1, 0, 1)]
    assert [row.refund_minor for row in lines(key)] == [3000, 2000, 2000]
    verified()
    # One order's settlement is taken back by itself.
    do(reverse_settlement, world, Reversal(found[second.id].id, "typed_twice"))
    assert (first.row.refunded_minor, second.row.refunded_minor) == (3000, 0)
    verified()
    do(settle, world, Settlement(key))
    assert second.row.refunded_minor == 2000
    verified()
