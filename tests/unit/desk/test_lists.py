"""What lists hold: the four that cost money, pages of stock, moves of one's own warehouse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.db.models import F, Q
from django.test.utils import CaptureQueriesContext

from guicang.insights import queries as figures
from guicang.insights import stock, worklist
from guicang.kernel import commands
from guicang.kernel.actor import EVERYTHING, Scope
from guicang.org import queries as org
from guicang.proofs import queries as proofs
from guicang.returns.models import Return, ReturnLine
from guicang.returns.steps.close import Closing, close
from guicang.returns.steps.request import Request, Wanted, request
from guicang.trade.facts import StockFacts
from guicang.trade.operations import WarehouseFacts, set_up
from guicang.trade.steps import record_opening_stock
from tests.journeys.acts import arrive, back, do, look_at, pay
from tests.unit.desk.conftest import in_every_state
from tests.world import NOW, SYSTEM, Sold, World, another_world

#: Each list as a question to the lines.
LINES = {
    "refunded_not_received": Q(settled__gt=0, expected__gt=F("received") + F("lost") + F("short_closed")),
    "received_not_refunded": Q(received__gt=0, money="due"),
    "goods_differ": Q(held=True) | Q(kind__in=["surplus", "wrong"], received__gt=F("accepted") + F("rejected")),
    "parcels_unknown": Q(kind="blind"),
}


def test_the_four_lists_are_what_the_lines_say(world: World, order: Callable[..., Sold]) -> None:
    in_every_state(world, order)
    half = world.authorised(order(), 2)
    arrive(world, half, 1)
    look_at(world, half, (1, "restock"))
    pay(world, half)
    more = world.authorised(order(), 1)
    arrive(world, more, 2)
    blind = Wanted(sku_id=world.sku_id, quantity=1, reason="unknown_sender")
    sold = order()
    asked = Request(sold.shop_id, sold.customer_id, [blind], entered_by="parcel", warehouse_id=world.warehouse_id)
    do(request, world, asked)
    closed = back(world, order(), 1)
    pay(world, closed)
    do(close, world, Closing(closed))
    shown = {queue.code: queue for queue in worklist.four_lists(EVERYTHING)}
    for code, told in LINES.items():
        is_open = Q(ending="") & ~Q(decision="rejected")
        rows = Return.objects.filter(is_open, id__in=ReturnLine.objects.filter(told).values("parent_id"))
        wanted = {row.id: row for row in rows}
        assert set(worklist.four_list(EVERYTHING, code).values_list("id", flat=True)) == set(wanted), code
        assert wanted, code
        queue = shown[code]
        assert (queue.count, queue.oldest) == (len(wanted), min(row.requested_at for row in wanted.values())), code
        assert queue.at_risk == {"CNY": sum(row.refund_minor for row in wanted.values())}, code
    assert all(proof.ok for proof in proofs.run())


def test_a_wrong_label_of_a_list_is_found(world: World, order: Callable[..., Sold]) -> None:
    key = back(world, order(), 1)
    Return.objects.filter(id=key).update(leaks=1)
    assert {proof.name for proof in proofs.run() if not proof.ok} == {"return_labels"}


def test_pages_of_stock_lose_no_row_where_companies_share_a_code(world: World) -> None:
    another_world()
    another_world()
    found, after = [], None
    for _ in range(4):
        rows, after = stock.levels(EVERYTHING, after=after, size=1)
        found += [(row.code, row.sku_id) for row in rows]
        if after is None:
            break
    assert [code for code, _ in found] == ["GOODS"] * 3
    assert len({key for _, key in found}) == 3


def test_moves_of_other_warehouses_are_not_there(world: World, order: Callable[..., Sold]) -> None:
    order(units=5)
    code = org.companies([world.company_id])[world.company_id].code
    with transaction.atomic():
        context = commands.begin("test", actor=SYSTEM, now=NOW, items=1)
        company = {"code": code, "name": code, "currency": "CNY"}
        other = set_up(context, company=company, warehouses=[WarehouseFacts("OTHER")]).warehouses["OTHER"].id
    (done,) = record_opening_stock(items=[StockFacts(other, "GOODS", 7, 3500, NOW)], actor=SYSTEM, now=NOW)
    assert done.ok

    def seen(scope: Scope) -> list[int]:
        found = stock.moves(world.sku_id, scope)
        assert found is not None
        return sorted(move.quantity for move in found[1])

    assert seen(Scope(warehouse_id=world.warehouse_id)) == [5, 1_000]
    assert seen(Scope(warehouse_id=other)) == [7]
    assert seen(EVERYTHING) == [5, 7, 1_000]


def test_large_tables_are_near_enough(
    world: World, order: Callable[..., Sold], monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = len(in_every_state(world, order))
    assert figures.rows_of(Return) == wanted
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE returns_return")
    monkeypatch.setattr(figures, "COUNTED_UP_TO", 2)
    with CaptureQueriesContext(connection) as queries:
        assert figures.rows_of(Return) == wanted
    assert len(queries) == 2
