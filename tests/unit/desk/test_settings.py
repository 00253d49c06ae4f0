"""Masters through the pages: made whole, changed, archived, never lost; and the history of each."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from guicang.audit import queries as audit
from guicang.intake.files import keep
from guicang.org import queries as org
from guicang.org.models import Company, Market, Shop, Warehouse
from tests.journeys.acts import verified
from tests.unit.desk.conftest import Hire, dump
from tests.unit.desk.files import order_rows
from tests.world import SYSTEM, World, another_world


def said(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def address(kind: str, key: Any = None) -> str:
    return f"/settings/{kind}/{key}/" if key else f"/settings/{kind}/"


def post(client: Client, where: str, **form: str) -> Any:
    client.get("/me/")  # reads what was said before
    return client.post(where, form)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_warehouse_is_told_where_goods_are_sent_to(language: str, world: World, hire: Hire) -> None:
    ada = hire("admin", language=language, company_id=world.company_id, first_name="Ada")
    assert org.return_address(world.warehouse_id) is None
    form = {"name": "New hall", "return_to": "Returns desk", "return_phone": "021-5555", "return_address": "Road 5"}
    where = address("warehouse", world.warehouse_id)
    assert post(ada, where, **form).headers["Location"] == where
    assert org.return_address(world.warehouse_id) == ("Returns desk", "021-5555", "Road 5")
    shown = ada.get(where).content.decode()
    assert "New hall" in shown
    assert "Ada" in shown
    listed = ada.get(address("warehouse")).content.decode()
    assert "Road 5" in listed
    assert '<a href="/settings/" aria-current="page">' in listed  # the navigation says where one is
    last = audit.history(world.warehouse_id)[-1]
    assert (last.action, last.after["name"]) == ("change", "New hall")
    # An address and a phone may be somebody's: the trail outlives every person.
    assert last.after["return_address"] == last.after["return_phone"] == "given"
    verified()


def test_a_shop_and_a_warehouse_made_by_hand_are_whole(world: World, hire: Hire) -> None:
    ada, company = hire("admin"), Company.objects.get(id=world.company_id)
    market = Market.objects.get()
    channel = Shop.objects.get().channel
    form = {"company": company.code, "channel": channel.code, "market": market.code}
    assert post(ada, address("shop"), code="S2", name="Second shop", **form).status_code == 302
    assert (
        post(ada, address("warehouse"), code="W2", name="Hall 2", company=company.code, goods="owned").status_code
        == 302
    )
    made = Warehouse.objects.get(code="W2")
    assert Shop.objects.get(code="S2").company_id == made.company_id == world.company_id
    world.warehouse_id = made.id
    world.sku("ELSE", 3)  # goods can lie there at once
    verified()


def test_a_company_made_by_hand_has_books(world: World, hire: Hire) -> None:
    assert (
        post(hire("admin"), address("company"), code="C2", name="Two", currency="EUR", zone="Europe/Berlin").status_code
        == 302
    )
    made = Company.objects.get(code="C2")
    assert (made.currency, made.chart, made.zone) == ("EUR", "plain", "Europe/Berlin")
    verified()


WRONG = [
    ("market", {"code": "a b", "name": "x", "currency": "CNY", "zone": "Asia/Shanghai"}, "A code has"),
    ("market", {"code": "M", "name": "", "currency": "CNY", "zone": "Asia/Shanghai"}, "Give it a name"),
    ("market", {"code": "M", "name": "x", "currency": "yuan", "zone": "Asia/Shanghai"}, "three letters"),
    ("market", {"code": "M", "name": "x", "currency": "CNY", "zone": "Mars/Base"}, "no time zone Mars/Base"),
    ("channel", {"code": "M", "name": "x" * 121}, "Give it a name"),
    ("warehouse", {"code": "W9", "name": "x", "company": "nobody", "goods": "owned"}, "Open the list again"),
]


@pytest.mark.parametrize(("kind", "form", "why"), WRONG)
def test_what_is_wrong_makes_nothing(kind: str, form: dict[str, str], why: str, world: World, hire: Hire) -> None:
    ada = hire("admin")
    before = dump()
    answer = post(ada, address(kind), **form)
    assert answer.status_code == 409
    assert why in answer.content.decode()
    assert dump() == before


def test_a_code_is_taken_once_also_by_what_is_archived(world: World, hire: Hire) -> None:
    ada, code = hire("admin"), Warehouse.objects.get().code
    post(ada, address("warehouse", world.warehouse_id), act="archive")
    answer = post(ada, address("warehouse"), code=code, name="x", company=Company.objects.get().code)
    assert "is taken already" in answer.content.decode()
    assert Warehouse.objects.count() == 1


def test_archiving_goes_from_below_and_back_from_above(world: World, hire: Hire) -> None:
    ada = hire("admin")
    where = address("company", world.company_id)
    assert "Archive those first" in post(ada, where, act="archive").content.decode()
    assert (
        "Archive those first" in post(ada, address("market", Market.objects.get().id), act="archive").content.decode()
    )
    for kind, key in (("shop", world.shop_id), ("warehouse", world.warehouse_id), ("company", world.company_id)):
        assert post(ada, address(kind, key), act="archive").status_code == 302
    assert Company.objects.get().archived_at is not None
    assert "Bring that back first" in post(ada, address("shop", world.shop_id), act="restore").content.decode()
    for kind, key in (("company", world.company_id), ("shop", world.shop_id)):
        assert post(ada, address(kind, key), act="restore").status_code == 302
    assert [one.action for one in audit.history(world.shop_id)] == ["create", "archive", "restore"]
    verified()


def test_an_archived_warehouse_is_offered_to_nobody(world: World, order: Any, hire: Hire) -> None:
    ada, sold = hire("admin"), order()
    assert str(world.warehouse_id) in ada.get(f"/orders/{sold.id}/counter/").content.decode()
    offered = f'<option value="{world.warehouse_id}"'
    assert offered in ada.get("/users/").content.decode()
    post(ada, address("warehouse", world.warehouse_id), act="archive")
    for where in (f"/orders/{sold.id}/counter/", "/users/"):
        assert offered not in ada.get(where).content.decode()


def option(page: str, key: Any) -> str:
    """The group of a page's choices in which `key` stands, '' for none, 'absent' where it is not offered."""
    before, found, _ = page.partition(f'<option value="{key}"')
    if not found:
        return "absent"
    opened = before.rfind("<optgroup")
    group = before[opened:] if opened > before.rfind("</optgroup") else ""
    return group.partition('label="')[2].partition('"')[0]


def test_what_is_archived_is_offered_by_filters_alone_and_apart(world: World, order: Any, hire: Hire) -> None:
    ada, sold, other = hire("admin"), order(), another_world()
    for kind, key in (("shop", world.shop_id), ("warehouse", world.warehouse_id), ("company", world.company_id)):
        assert post(ada, address(kind, key), act="archive").status_code == 302
    for where in ("/orders/", "/returns/"):
        page = ada.get(where).content.decode()
        assert (option(page, world.shop_id), option(page, other.shop_id)) == ("Archived", ""), where
    journal = ada.get("/journal/").content.decode()
    assert (option(journal, world.company_id), option(journal, other.company_id)) == ("Archived", "")
    assert f'<option value="{other.company_id}" selected' in journal, "what is in use comes first"
    found = ada.get("/orders/", {"shop": str(world.shop_id)}).content.decode()
    assert sold.row.number in found
    assert f'<option value="{world.shop_id}" selected' in found
    assert option(ada.get("/users/").content.decode(), world.shop_id) == "absent"
    assert option(ada.get("/imports/new/").content.decode(), world.company_id) == "absent"
    assert str(world.company_id) not in ada.get("/webhooks/").content.decode()
    assert str(world.company_id) not in ada.get("/settings/reasons/").content.decode()
    numbers = ada.get("/settings/numbers/").content.decode()
    assert f">{Company.objects.get(id=other.company_id).name}<" in numbers
    assert f">{Company.objects.get(id=world.company_id).name}<" not in numbers
    code = Company.objects.get(id=world.company_id).code
    assert post(ada, address("warehouse"), code="W4", name="x", company=code, goods="owned").status_code == 409


def test_a_file_is_read_for_places_in_use(world: World, hire: Hire) -> None:
    """What a profile says stays, also where that was archived later: nothing changes behind its back."""
    ada, shop = hire("admin", company_id=world.company_id), Shop.objects.get(id=world.shop_id)
    Shop.objects.filter(id=shop.id).update(code="S1")  # the world calls company and shop alike
    shop.code = "S1"

    def choices() -> str:
        sent = [order_rows("x").encode()]
        key = keep(sent, kind="orders", name="f.csv", company_id=world.company_id, actor=SYSTEM, now=world.now)
        return f"/imports/files/{key}/"

    before = choices()
    post(ada, address("shop", shop.id), act="archive")
    assert f'<option value="{shop.code}" selected' in ada.get(before).content.decode()
    assert option(ada.get(choices()).content.decode(), shop.code) == "absent"


def test_users_are_bound_to_places_of_one_s_own_company(world: World, hire: Hire) -> None:
    other = another_world()
    page = hire("admin", company_id=world.company_id).get("/users/").content.decode()
    assert (option(page, world.shop_id), option(page, other.shop_id)) == ("", "absent")
    assert (option(page, world.warehouse_id), option(page, other.warehouse_id)) == ("", "absent")


def test_nobody_touches_another_company_s_or_the_group_s(world: World, hire: Hire) -> None:
    other = another_world()
    ada = hire("admin", company_id=world.company_id)
    for kind, key in (("company", other.company_id), ("shop", other.shop_id), ("warehouse", other.warehouse_id)):
        assert ada.get(address(kind, key)).status_code == 404
        assert post(ada, address(kind, key), name="mine now").status_code == 404
        assert str(key) not in ada.get(address(kind)).content.decode()
    market = Market.objects.get()
    assert "whole group" in post(ada, address("market", market.id), name="mine", zone="UTC").content.decode()
    assert (
        "whole group" in post(ada, address("company"), code="C3", name="x", currency="CNY", zone="UTC").content.decode()
    )
    code = Company.objects.get(id=other.company_id).code
    assert post(ada, address("warehouse"), code="W3", name="x", company=code, goods="owned").status_code == 409
    assert not Warehouse.objects.filter(code="W3").exists()


def test_an_unknown_kind_is_not_found(world: World, hire: Hire) -> None:
    assert hire("admin").get("/settings/nothing/").status_code == 404
    assert hire("admin", name="two").get(f"/settings/nothing/{world.shop_id}/").status_code == 404


def test_number_ranges_are_shown_and_never_another_company_s(world: World, order: Any, hire: Hire) -> None:
    world.authorised(order(), 1)
    other = another_world()
    other.request(other.sell(other.facts())[0], 1)
    ada = hire("admin", company_id=world.company_id)
    shown = ada.get("/settings/numbers/").content.decode()
    assert Company.objects.get(id=world.company_id).name in shown
    assert Company.objects.get(id=other.company_id).name not in shown
    assert "RMA codes" in shown
    assert ada.post("/settings/numbers/").status_code == 405
