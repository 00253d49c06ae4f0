"""Whose returns are, over the API: assigned in sets, filtered, and the rules of a company."""

from __future__ import annotations

from collections.abc import Callable

from guicang.returns.operations.assigning import assignment_rules
from tests.journeys.test_approvals import somebody
from tests.unit.api.conftest import Hire, codes
from tests.world import Sold, World


def test_assigned_in_a_set_and_read(world: World, order: Callable[..., Sold], program: Hire) -> None:
    ada, rosa = program("admin"), somebody("agent", "rosa")
    key, other = world.request(order(), 1), world.request(order(), 1)
    said = [{"id": str(key), "to": str(rosa.id), "note": "Speaks French"}, {"id": str(other), "to": str(other)}]
    done = ada.do("/returns/assign", {"items": said}, idempotency_key="a")
    assert [(item["ok"], [one["code"] for one in item["errors"]]) for item in done["items"]] == [
        (True, []),
        (False, ["no_such_colleague"]),
    ]
    (row,) = ada.get(f"/returns?owner={rosa.id}")["items"]
    assert (row["id"], row["department"], row["owner"]) == (str(key), "service", "rosa")
    assert [row["id"] for row in ada.get("/returns?owner=nobody&department=service")["items"]] == [str(other)]
    assert ada.get("/returns?owner=me")["items"] == []
    assert ada.get(f"/returns/{key}")["owner_id"] == str(rosa.id)
    ada.do("/returns/assign", {"items": [{"id": str(key), "to": None}]})
    assert ada.get(f"/returns/{key}")["owner_id"] is None
    assert ada.send("GET", "/returns?owner=somebody").status_code == 422


def test_rules(world: World, program: Hire) -> None:
    ada = program("admin")
    (mine,) = [one for one in ada.get("/settings/assignment") if one["company_id"] == str(world.company_id)]
    assert {one["way"] for one in mine["rules"]} == {"nobody"}
    rules = [{**one, "way": "last_person"} for one in mine["rules"]]
    ada.do(f"/settings/assignment/{world.company_id}", {"rules": rules})
    assert assignment_rules(world.company_id)["finance"] == ("last_person", "finance")
    twice = ada.send("POST", f"/settings/assignment/{world.company_id}", {"rules": [rules[0]] * 4})
    assert codes(twice) == ["bad_choice"] * 3
    nowhere = ada.send("POST", f"/settings/assignment/{world.shop_id}", {"rules": rules})
    assert nowhere.status_code == 404
