"""Masters and number ranges over the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest

from guicang.api.routes import settings as routes
from guicang.kernel.ids import new_id
from guicang.org import queries as org
from guicang.org.models import Channel, Company, Market, Shop, Warehouse
from tests.journeys.acts import verified
from tests.unit.api.conftest import Hire, codes
from tests.unit.api.test_commands import dump
from tests.world import Sold, World, another_world


def test_a_group_is_made_from_nothing(world: World, program: Hire) -> None:
    ada = program("admin")
    said: list[tuple[str, dict[str, str]]] = [
        ("company", {"code": "C2", "name": "Second", "currency": "EUR", "zone": "Europe/Berlin"}),
        ("market", {"code": "DE", "name": "Germany", "currency": "EUR", "zone": "Europe/Berlin"}),
        ("channel", {"code": "shop", "name": "Shops"}),
        ("shop", {"code": "S2", "name": "Berlin", "company": "C2", "channel": "shop", "market": "DE"}),
        ("warehouse", {"code": "W2", "name": "Hall", "company": "C2", "goods": "mirrored"}),
    ]
    made = {kind: ada.do(f"/settings/{kind}", body, idempotency_key=kind)["id"] for kind, body in said}
    assert {kind: ada.do(f"/settings/{kind}", body, idempotency_key=kind)["id"] for kind, body in said} == made
    for model, kind in ((Company, "company"), (Market, "market"), (Channel, "channel"), (Shop, "shop")):
        assert str(model._default_manager.get(id=made[kind]).id) == made[kind]
    assert Warehouse.objects.get(id=made["warehouse"]).goods == "mirrored"
    shop = ada.get(f"/settings/shop/{made['shop']}")
    assert (shop["company"], shop["facts"]["currency"], shop["editable"]) == ("Second", "EUR", ["name"])
    assert [(one["action"], one["actor_id"]) for one in shop["history"]] == [("create", str(ada.user.id))]
    verified()


def test_what_may_change_changes(world: World, program: Hire) -> None:
    ada = program("admin")
    path = f"/settings/warehouse/{world.warehouse_id}"
    ada.do(f"{path}/change", {"return_to": "Returns desk", "return_address": "Road 5"})
    assert org.return_address(world.warehouse_id) == ("Returns desk", "", "Road 5")
    name = ada.get(path)["name"]
    ada.do(f"{path}/change", {"return_phone": "021-5555"})
    assert (ada.get(path)["name"], org.return_address(world.warehouse_id)) == (
        name,
        ("Returns desk", "021-5555", "Road 5"),
    )
    assert "Road 5" not in str(ada.get(path)["history"]), "the trail outlives every person"
    ada.do(f"{path}/archive")
    assert ada.get("/settings/warehouse")[0]["archived_at"]
    ada.do(f"{path}/restore")
    assert ada.get(path)["archived_at"] is None
    verified()


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("shop", {"code": "x y", "name": "x"}, "code_bad"),
        ("shop", {"code": "S9", "name": "x", "company": "nonsense"}, "master_not_found"),
        ("market", {"code": "M9", "name": "x", "zone": "Mars/City", "currency": "CNY"}, "zone_unknown"),
        ("market", {"code": "M9", "name": "x", "zone": "UTC"}, "currency_unknown"),
        ("channel", {"code": "C9", "name": "x", "zone": "UTC"}, "bad_field"),
        ("company", {"code": "", "name": "x", "zone": "UTC", "currency": "CNY"}, "code_bad"),
        ("shop/{shop}/change", {"zone": "UTC"}, "bad_field"),
        ("shop/{shop}/change", {"name": ""}, "name_bad"),
        ("warehouse/{warehouse}/change", {"return_address": "x" * 5_000}, "master_text_too_long"),
        ("company/{company}/archive", {}, "master_in_use"),
        ("nonsense", {"code": "x", "name": "x"}, "bad_field"),
    ],
)
def test_what_cannot_be(path: str, body: dict[str, str], code: str, world: World, program: Hire) -> None:
    ids = {"shop": world.shop_id, "warehouse": world.warehouse_id, "company": world.company_id}
    ada = program("admin")
    before = dump()
    assert codes(ada.send("POST", f"/settings/{path.format(**ids)}", body)) == [code]
    assert dump() == before


def test_masters_of_others(world: World, program: Hire) -> None:
    theirs = another_world()
    ada = program("admin", company_id=world.company_id)
    assert [one["id"] for one in ada.get("/settings/shop")] == [str(world.shop_id)]
    foreign = f"/settings/warehouse/{theirs.warehouse_id}"
    assert codes(ada.send("GET", foreign)) == ["not_found"]
    for act, body in (("change", {"name": "x"}), ("archive", {}), ("restore", {})):
        assert codes(ada.send("POST", f"{foreign}/{act}", body)) == ["master_not_found"], act
    assert codes(ada.send("POST", "/settings/channel", {"code": "x", "name": "x"})) == ["of_the_group"]
    company = Company.objects.get(id=theirs.company_id).code
    said = {"code": "W9", "name": "x", "company": company, "goods": "owned"}
    assert codes(ada.send("POST", "/settings/warehouse", said)) == ["master_not_found"]


def test_numbers_are_set_before_they_begin(world: World, order: Callable[..., Sold], program: Hire) -> None:
    ada = program("admin")
    world.request(order(), 1)
    rows: list[Any] = [one for one in ada.get("/settings/numbers") if one["document"] == "return"]
    (begun,) = [one for one in rows if one["last"]]
    (ahead,) = [one for one in rows if not one["last"] and one["year"] == begun["year"] + 1]
    ada.do(f"/settings/numbers/{ahead['id']}/change", {"prefix": "TH", "width": 5})
    (after,) = [one for one in ada.get("/settings/numbers") if one["id"] == ahead["id"]]
    assert after["following"] == f"TH{ahead['year']}00001"
    said = {"prefix": "TH", "width": 5}
    assert codes(ada.send("POST", f"/settings/numbers/{begun['id']}/change", said)) == ["range_begun"]
    assert codes(ada.send("POST", f"/settings/numbers/{new_id()}/change", said)) == ["not_found"]


def test_every_kind_of_master_is_here() -> None:
    assert set(get_args(routes.MasterKind)) == set(org.KINDS)
