"""An exchange at the counter: what came back and what goes out are scanned, the difference is paid, in one act."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from guicang.catalog.models import Barcode, Sku
from guicang.inventory.models import Reservation, StockLevel
from guicang.payments.models import Refund
from guicang.returns.models import Collection, Return, Swap
from guicang.sales.models import Order, OrderLine, Shipment
from guicang.trade.facts import LineFacts, PaymentFacts
from tests.journeys.acts import verified
from tests.journeys.test_exchange import priced
from tests.unit.api.conftest import Program
from tests.unit.api.conftest import codes as problems
from tests.unit.api.conftest import program as program  # noqa: PLC0414 - a fixture
from tests.unit.desk.conftest import Hire, dump
from tests.unit.portal.conftest import Visit, buyer
from tests.unit.portal.conftest import visit as visit  # noqa: PLC0414 - a fixture
from tests.world import NOW, Sold, World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dear(world: World) -> str:
    """Another item at 90.00 and 6 % tax beside: its code."""
    priced(world, "DEAR", 9000, units=3)
    return "DEAR"


@pytest.fixture
def sold(world: World) -> Sold:
    """Three at 80 + 6 % = 84.80."""
    facts = world.facts(3, tax_inclusive=False, customer=buyer())
    facts.lines = [LineFacts("1", "GOODS", 3, Decimal(80), 24000, tax_rate=Decimal("0.06"))]
    facts.payments = [PaymentFacts("p", "wechat", 25440, facts.payments[0].paid_at, "wx-1")]
    return world.sell(facts)[0]


def form(world: World, sold: Sold, units: int = 1, **more: Any) -> dict[str, str]:
    line = sold.lines[0].id
    said = {f"units.{line}": str(units), f"reason.{line}": "too_small", "warehouse": str(world.warehouse_id)}
    return {"key": "counter-1", **said, **more}


def give(sold: Sold, *goods: tuple[str, str]) -> dict[str, Any]:
    line = sold.lines[0].id
    found: dict[str, Any] = {}
    for place, (code, units) in enumerate(goods):
        found |= {f"other.code.{line}.{place}": code, f"other.units.{line}.{place}": units}
    return found


def test_scanned_back_scanned_out_paid_and_gone(world: World, sold: Sold, dear: str, hire: Hire) -> None:
    client, at = hire("counter"), f"/orders/{sold.id}/counter/"
    Barcode.objects.create(
        company_id=world.company_id, sku=Sku.objects.get(code=dear), code="6901234567892", quantity=1
    )
    said = form(world, sold, **give(sold, ("6901234567892", "")), paid_by="card", paid_reference="SLIP-9")
    page = re.sub(r"<[^>]+>", "", client.post(at, {**said, "check": "1"}).content.decode())
    assert "Still to be paid" in page
    assert "10.60" in page
    answer = client.post(at, said)
    header = Return.objects.get()
    assert answer.headers["Location"] == f"/returns/{header.id}/receipt/"
    new = Order.objects.get(return_id=header.id)
    assert (header.type, header.state, new.total_minor, new.captured_minor) == ("exchange", "settled", 9540, 9540)
    assert [(row.amount_minor, row.tender_kind, row.reference) for row in Collection.objects.all()] == [
        (1060, "card", "SLIP-9")
    ]
    assert (OrderLine.objects.get(order=new).shipped, Shipment.objects.get(order=new).delivered_at) == (1, NOW)
    kept = StockLevel.objects.get(sku_id=Sku.objects.get(code=dear).id, virtual=False)
    assert (kept.on_hand, kept.reserved, Reservation.objects.count()) == (2, 0, 0)
    receipt = client.get(answer.headers["Location"]).content.decode()
    for text in (new.number, "SLIP-9", "95.40"):
        assert text in receipt, text
    assert client.post(at, said).headers["Location"] == answer.headers["Location"], "the same form is the same act"
    assert Return.objects.count() == 1
    verified()


def test_what_is_to_be_paid_is_paid_before_anything_leaves(world: World, sold: Sold, dear: str, hire: Hire) -> None:
    client, before = hire("counter"), dump()
    answer = client.post(f"/orders/{sold.id}/counter/", form(world, sold, **give(sold, (dear, "1"))))
    assert answer.status_code == 409
    assert "cost 10.60 CNY more" in answer.content.decode()
    assert f'value="{dear}"' in answer.content.decode(), "what was typed stays"
    assert dump() == before
    unknown = client.post(f"/orders/{sold.id}/counter/", form(world, sold, **give(sold, ("NOSUCH", "1"))))
    assert "NOSUCH" in unknown.content.decode()
    many = form(world, sold, **give(sold, (dear, "4")), paid_by="card")
    assert client.post(f"/orders/{sold.id}/counter/", many).status_code == 409
    assert dump() == before


def test_a_cheaper_one_pays_back_the_rest_and_several_come_for_one(world: World, sold: Sold, hire: Hire) -> None:
    priced(world, "CHEAP", 1000, units=5)
    said = form(world, sold, **give(sold, ("GOODS", "1"), ("CHEAP", "2")), paid_by="cash")
    assert hire("counter").post(f"/orders/{sold.id}/counter/", said).status_code == 302
    new = Order.objects.get(return_id=Return.objects.get().id)
    # The same once more at what was paid, and two at 10.60 besides.
    assert (new.total_minor, new.captured_minor) == (8480 + 2120, 8480 + 2120)
    assert dict(OrderLine.objects.filter(order=new).values_list("sku_id", "ordered")) == {
        world.sku_id: 1,
        Sku.objects.get(code="CHEAP").id: 2,
    }
    other = {**form(world, sold, **give(sold, ("CHEAP", "1"))), "key": "counter-2"}
    assert hire("counter", name="two").post(f"/orders/{sold.id}/counter/", other).status_code == 302
    out = Refund.objects.filter(method="").values_list("amount_minor", flat=True)
    assert sum(out) == 8480 - 1060
    verified()


def test_who_may_not_collect_cannot_exchange_here(world: World, sold: Sold, dear: str, hire: Hire) -> None:
    assert hire("agent").get(f"/orders/{sold.id}/counter/").status_code == 403


def test_programs_do_it_too(world: World, sold: Sold, dear: str, program: Callable[..., Program]) -> None:
    cora, sku = program("counter"), Sku.objects.get(code=dear)
    line: dict[str, Any] = {"order_line_id": str(sold.lines[0].id), "units": 1, "reason": "too_small"}
    line["instead"] = [{"sku_id": str(sku.id), "units": 1}]
    said = {"warehouse_id": str(world.warehouse_id), "lines": [line]}
    assert problems(cora.send("POST", f"/orders/{sold.id}/counter", said)) == ["difference_open"]
    done = cora.do(f"/orders/{sold.id}/counter", {**said, "paid_by": "wechat", "paid_reference": "wx-2"})
    assert done["state"] == "settled"
    verified()


def test_staff_enter_several_for_one(world: World, sold: Sold, dear: str, hire: Hire) -> None:
    line = sold.lines[0].id
    said = {f"units.{line}": "1", "reason": "too_small", "resolution": "exchange", "key": "k"}
    said |= give(sold, (dear, "1"), ("GOODS", "1"))
    client = hire("agent")
    assert "Still to be paid" in client.post(f"/orders/{sold.id}/return/", {**said, "check": "1"}).content.decode()
    assert client.post(f"/orders/{sold.id}/return/", said).status_code == 302
    found = Swap.objects.order_by("position").values_list("sku_id", "units", "pricing")
    assert set(found) == {(Sku.objects.get(code=dear).id, 1, "listed"), (world.sku_id, 1, "same")}


def test_a_buyer_chooses_several_of_what_is_offered(world: World, sold: Sold, visit: Visit) -> None:
    large, other = world.sku("GOODS-XL"), world.sku("ELSE")
    Sku.objects.filter(code="GOODS").update(product_id=large, list_price_minor=8000)
    Sku.objects.filter(id=large).update(product_id=large, list_price_minor=8000, variant="XL")
    line, client = sold.lines[0].id, visit(sold)
    page = client.get(f"/my/orders/{sold.id}/?type=exchange").content.decode()
    assert f'name="swap.{line}.{large}"' in page
    said = {f"units.{line}": "2", "type": "exchange", "reason": "too_small"}
    said |= {f"swap.{line}.{large}": "1", f"swap.{line}.{world.sku_id}": "1", f"swap.{line}.{other}": "5"}
    page = client.get(f"/my/orders/{sold.id}/", said).content.decode()
    assert re.search(rf'name="swap\.{line}\.{large}"[^>]* value="1"', page), "what was chosen is kept"
    page = client.post(f"/my/orders/{sold.id}/confirm/", said).content.decode()
    key = re.search(r'name="key" value="(\w+)"', page)
    assert key
    assert client.post(f"/my/orders/{sold.id}/submit/", {**said, "key": key[1]}).status_code == 302
    found = set(Swap.objects.values_list("sku_id", "units", "pricing"))
    assert found == {(large, 1, "same"), (world.sku_id, 1, "same")}, "what was not offered is not chosen"
