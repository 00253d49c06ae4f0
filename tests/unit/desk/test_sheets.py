"""Many returns at once: each row answered before anything is done, requested as one set, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guicang.desk.views import sheets as view
from guicang.intake import sheets
from guicang.kernel.ids import new_id
from guicang.org import queries as org
from guicang.returns.models import Return, ReturnLine
from guicang.trade.facts import LineFacts, ShipmentFacts, ShippedFacts
from tests.journeys.acts import verified
from tests.unit.desk.conftest import Hire, dump
from tests.world import NOW, Sold, World, another_world


@pytest.fixture(autouse=True)
def _the_hour_of_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "utcnow", lambda: NOW)


def look(client: Client, rows: str, **more: Any) -> str:
    answer = client.post("/returns/sheet/", {"rows": rows, "act": "look", **more})
    assert answer.status_code == 200, answer.content.decode()
    return str(answer.content.decode())


def ask(client: Client, rows: str, key: str) -> str:
    return str(client.post("/returns/sheet/", {"rows": rows, "act": "request", "key": key}).content.decode())


def row(sold: Sold, units: object = 1, reason: str = "too_small", sku: str = "GOODS", shop: str = "") -> str:
    return f"{sold.row.number}\t{sku}\t{units}\t{reason}\t{shop}\n"


def test_each_row_is_answered_and_nothing_done(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    rosa, first, second = hire("agent"), order(units=3), order(units=2)
    rows = "".join(
        (
            row(first, 2),
            row(first, 2),  # one too many with the row above
            row(second, 1, "尺码偏小"),
            row(second, "x"),
            row(second, 1, "because"),
            row(second, 1, sku="NONE"),
            "404\tGOODS\t1\ttoo_small\t\n",
            "\n",
        )
    )
    before = dump()
    shown = look(rosa, rows)
    assert dump() == before
    for words in (
        "2 of 7 rows can be requested, as 2 returns",
        "Only 1 units can still come back",
        "x is no number here",
        "because is no reason",
        "This order shipped no such SKU.",
        "There is no such order here.",
    ):
        assert words in shown, words
    assert shown.count(">Too small</td>") >= 5, "the reason in words, also where it was written in Chinese"


def test_a_set_is_requested_once(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    rosa, first, second, key = hire("agent"), order(units=3), order(units=2), str(new_id())
    rows = row(first, 2) + row(second, 9) + row(second, 1)
    shown = ask(rosa, rows, key)
    assert "2 returns were requested." in shown
    assert f"{second.row.number}\tGOODS\t9" in shown, "what nothing came of stands there to be corrected"
    assert Return.objects.count() == 2
    assert sorted(ReturnLine.objects.values_list("requested", flat=True)) == [1, 2]
    assert {found.entered_by for found in Return.objects.all()} == {"sheet"}
    before = dump()
    again = ask(rosa, rows, key)
    assert dump() == before
    assert "2 returns were requested." in again
    assert "was used before for other input" in ask(rosa, row(first, 1), key)
    assert dump() == before
    verified()


def test_rows_of_an_order_are_one_return_and_units_come_from_its_lines(world: World, hire: Hire) -> None:
    shipped = [ShippedFacts("1", 2), ShippedFacts("2", 1)]
    facts = world.facts(
        lines=[LineFacts("1", "GOODS", 2, Decimal(10), 2_000), LineFacts("2", "GOODS", 1, Decimal(9), 900)],
        shipments=[ShipmentFacts("1", world.warehouse_id, NOW - timedelta(days=3), shipped)],
        paid=False,
    )
    sold = world.sell(facts)[0]
    ask(hire("agent"), row(sold, 2) + row(sold, 1, "quality"), str(new_id()))
    found = Return.objects.get()
    assert sum(line.requested for line in ReturnLine.objects.filter(parent=found)) == 3
    verified()


def test_the_policy_answers_in_the_preview(
    world: World, order: Callable[..., Sold], hire: Hire, monkeypatch: Any
) -> None:
    sold = order()
    monkeypatch.setattr(view, "utcnow", lambda: NOW + timedelta(days=400))
    shown = look(hire("agent"), row(sold))
    assert "0 of 1 rows" in shown
    assert "not possible" in shown
    assert not Return.objects.exists()


def test_sheets_as_people_send_them(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    rosa, sold = hire("agent"), order()
    number = sold.row.number
    for body in (
        f"订单号,商家编码,数量,退货原因\n{number},GOODS,1,质量问题\n".encode("gb18030"),
        f"Order No;SKU;Qty;Reason\n{number};GOODS;1;Faulty or of poor quality\n".encode(),
        f"售后导出\n\n订单编号\t货号\t退货数量\t退货原因\n{number}\tGOODS\t1\tquality\n".encode("utf-16"),
    ):
        shown = look(rosa, "", file=SimpleUploadedFile("x.csv", body))
        assert "1 of 1 rows can be requested" in shown
    for body, words in ((b"%PDF-1.7", "a PDF"), (b"a,b\n1,2\n", "No row holds the columns")):
        answer = rosa.post("/returns/sheet/", {"act": "look", "file": SimpleUploadedFile("x.csv", body)})
        assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert rosa.post("/returns/sheet/", {"act": "look", "rows": " \n"}).status_code == 422
    evil = look(rosa, f"{number}\t<script>alert(1)</script>\t1\tother\n{number}\tGOODS\t=1+1\tother\n")
    assert "<script>alert" not in evil
    long = rosa.post("/returns/sheet/", {"act": "look", "rows": row(sold) * (sheets.MOST + 1)})
    assert "at most 1000 rows" in long.content.decode()
    assert not Return.objects.exists()


@pytest.mark.parametrize("bound", ["company_id", "shop_id"])
def test_orders_of_others_are_not_there(bound: str, world: World, order: Callable[..., Sold], hire: Hire) -> None:
    theirs = another_world()
    other = theirs.sell(theirs.facts(number="T-1"))[0]
    rosa = hire("agent", **{bound: getattr(world, bound)})
    before = dump()
    assert "There is no such order here." in look(rosa, row(other))
    assert "There is no such order here." in ask(rosa, row(other), str(new_id()))
    assert {**dump(), "kernel.Command": 0} == {**before, "kernel.Command": 0}
    # Two shops with one number: who sees both says which.
    twin = order(number="T-1")
    everywhere = hire("agent", name="all")
    assert "Several shops have this order number." in look(everywhere, row(twin))
    named = org.shops([theirs.shop_id])[theirs.shop_id].code
    assert "1 of 1 rows" in look(everywhere, row(twin, shop=named))


def test_statements_do_not_grow_with_the_rows(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    rosa = hire("agent")
    sold = world.sell(*[world.facts(units=2) for _ in range(40)])

    def statements(rows: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            look(rosa, rows)
        return len(queries)

    statements(row(sold[0]))
    few = statements(row(sold[0]))
    assert statements("".join(row(one) for one in sold)) == few <= 51
