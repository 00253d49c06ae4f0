"""Staff of one shop, warehouse or company: what is somebody else's is not there, by any id and in any list."""

from __future__ import annotations

import pytest

from guicang.org import queries as org
from guicang.returns.models import Inspection, Return, Settlement
from guicang.sales.models import Order
from tests.journeys.acts import arrive, back, pay
from tests.unit.desk.conftest import Hire, dump
from tests.world import World, another_world

BOUNDS = ("company_id", "shop_id", "warehouse_id")


@pytest.mark.parametrize("bound", BOUNDS)
def test_other_returns_are_not_there(bound: str, world: World, hire: Hire) -> None:
    theirs = another_world()
    mine, other = world.sell(world.facts())[0], theirs.sell(theirs.facts(buyer="other"))[0]
    own, foreign = world.authorised(mine, 1), theirs.authorised(other, 1)
    arrive(world, own, 1)
    arrive(theirs, foreign, 1)
    assert Return.objects.get(id=foreign).warehouse_id == theirs.warehouse_id
    client = hire("admin", **{bound: getattr(world, bound)})
    shown = client.get("/returns/").content.decode()
    assert str(own) in shown
    assert str(foreign) not in shown
    number = Return.objects.get(id=foreign).number
    assert str(foreign) not in client.get("/returns/", {"q": number}).content.decode()
    before = dump()
    assert client.get(f"/returns/{own}/").status_code == 200
    assert client.get(f"/returns/{foreign}/").status_code == 404
    for command in ("cancel", "receive", "inspect", "settle", "close", "short_close", "authorise", "ship"):
        assert client.post(f"/returns/{foreign}/{command}/", {"reason": "other"}).status_code == 404, command
    client.post("/returns/batch/", {"command": "receive", "pick": str(foreign)})
    assert dump() == before


@pytest.mark.parametrize("bound", ["company_id", "shop_id"])
def test_other_orders_are_not_there(bound: str, world: World, hire: Hire) -> None:
    theirs = another_world()
    mine, other = world.sell(world.facts())[0], theirs.sell(theirs.facts(number="T-1"))[0]
    client = hire("admin", **{bound: getattr(world, bound)})
    shown = client.get("/orders/").content.decode()
    assert str(mine.id) in shown
    assert str(other.id) not in shown
    assert str(other.id) not in client.get("/orders/", {"q": "T-1"}).content.decode()
    assert client.get(f"/orders/{other.id}/").status_code == 404
    asked = {f"units.{other.lines[0].id}": "1", "reason": "too_small"}
    assert client.post(f"/orders/{other.id}/return/", asked).status_code == 404
    # A foreign line on an order of one's own is no way in either.
    client.post(f"/orders/{mine.id}/return/", asked)
    assert not Return.objects.exists()
    assert Order.objects.get(id=other.id).return_label == "none"


def test_other_goods_books_and_users_are_not_there(world: World, hire: Hire) -> None:
    theirs = another_world()
    theirs.sku("THEIRS")
    hire("agent", name="stranger", company_id=theirs.company_id)
    client = hire("admin", company_id=world.company_id)
    assert "THEIRS" not in client.get("/stock/").content.decode()
    assert client.get(f"/stock/{theirs.sku_id}/").status_code == 404
    journal = client.get("/journal/", {"company": str(theirs.company_id)}).content.decode()
    assert org.companies([theirs.company_id])[theirs.company_id].name not in journal
    assert "stranger" not in client.get("/users/").content.decode()


def test_rows_of_another_return_are_no_way_in(world: World, hire: Hire) -> None:
    """An inspection or settlement id of a foreign return, sent to one of one's own."""
    theirs = another_world()
    own = back(world, world.sell(world.facts())[0], 1)
    foreign = back(theirs, theirs.sell(theirs.facts(buyer="other"))[0], 1)
    pay(theirs, foreign)
    client = hire("admin", shop_id=world.shop_id)
    inspection = Inspection.objects.get(line__parent_id=foreign).id
    settlement = Settlement.objects.get(parent_id=foreign).id
    before = dump()
    client.post(
        f"/returns/{own}/redispose/",
        {"inspection": str(inspection), "disposition": "scrap", "quantity": "1", "reason": "other"},
    )
    client.post(f"/returns/{own}/reverse_settlement/", {"settlement": str(settlement), "reason": "other"})
    assert dump() == before
