"""Own fields over the API: defined, given with a request, corrected, read again, and told in the description."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from guicang.api.service import v1
from guicang.kernel.ids import new_id
from tests.journeys.acts import verified
from tests.unit.api.conftest import Hire, codes
from tests.world import Sold, World

Order = Callable[..., Sold]
PLACE: dict[str, Any] = {
    **{"code": "place", "zh": "购买渠道", "en": "Bought at", "kind": "choice", "required": True},
    "options": [{"code": "tmall", "zh": "天猫", "en": "Tmall"}],
}


def item(sold: Sold, fields: dict[str, Any], line: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    wanted = {"order_line_id": str(sold.lines[0].id), "units": 1, "reason": "too_small", "fields": line or {}}
    return {"order_id": str(sold.id), "lines": [wanted], "entered_by": "web", "fields": fields, **more}


def test_a_field_is_made_changed_moved_archived_and_listed(world: World, program: Hire) -> None:
    ada, home = program("admin"), "/settings/fields"
    body = {**PLACE, "company_id": str(world.company_id)}
    key = ada.do(home, body, idempotency_key="a")["id"]
    assert ada.do(home, body, idempotency_key="a")["id"] == key
    assert codes(ada.send("POST", home, body, idempotency_key="b")) == ["field_code_taken"]
    other = ada.do(home, {**body, "code": "worn", "kind": "number", "options": []})["id"]
    ada.do(f"{home}/{other}/move", {"up": True})
    facts = {name: value for name, value in PLACE.items() if name not in ("code", "kind")}
    ada.do(f"{home}/{key}/change", {**facts, "en": "Where bought", "asked_of": "staff"})
    ada.do(f"{home}/{other}/archive")
    listed = program("agent").get(home)
    assert [(one["code"], one["archived_at"] is None) for one in listed] == [("worn", False), ("place", True)]
    ada.do(f"{home}/{other}/restore")
    found = ada.get(f"{home}/{key}")
    assert (found["en"], found["asked_of"], found["options"]) == ("Where bought", "staff", PLACE["options"])
    assert [one["action"] for one in found["history"]] == ["change", "change", "create"]
    assert ada.send("GET", f"{home}/{new_id()}").status_code == 404
    verified()


def test_answers_come_in_with_a_request_and_go_out_with_the_return(world: World, order: Order, program: Hire) -> None:
    ada = program("admin")
    ada.do("/settings/fields", {**PLACE, "company_id": str(world.company_id)})
    worn = {"code": "worn", "zh": "次数", "en": "Worn", "kind": "number", "company_id": str(world.company_id)}
    ada.do("/settings/fields", {**worn, "per_line": True})
    ada.do("/settings/fields", {**worn, "code": "new", "kind": "yes_no"})
    refused = ada.do("/returns", {"items": [item(order(), {"place": "moon"})]})["items"][0]
    assert [one["code"] for one in refused["errors"]] == ["custom_field_answer_bad"]
    assert "“place” cannot be understood" in str(refused["errors"][0])
    good = item(order(), {"place": "tmall", "new": True}, {"worn": 2.5})
    made = ada.do("/returns", {"items": [good, item(order(), {}, entered_by="platform")]})["items"]
    assert [one["ok"] for one in made] == [True, True]
    path = f"/returns/{made[0]['id']}"
    sheet = ada.get(path)
    line = sheet["lines"][0]["id"]
    assert {(one["code"], one["line_id"], one["value"]) for one in sheet["fields"]} == {
        ("place", None, "tmall"),
        ("new", None, "yes"),
        ("worn", line, "2.5"),
    }
    ada.do(f"{path}/fields", {"fields": {"worn": 3}, "line": line})
    assert "3" in {one["value"] for one in ada.get(path)["fields"]}
    assert codes(ada.send("POST", f"{path}/fields", {"fields": {"place": ""}})) == ["custom_field_missing"]
    assert codes(ada.send("POST", f"/returns/{new_id()}/fields", {"fields": {"place": "tmall"}})) == [
        "return_not_found"
    ]
    sold = order()
    asked = ada.do(f"/orders/{sold.id}/preview", {"lines": item(sold, {})["lines"]})
    assert [one["code"] for one in asked["errors"]] == ["custom_field_missing"]
    verified()


def test_the_description_tells_of_fields() -> None:
    schemas = v1.get_openapi_schema()["components"]["schemas"]
    for name in ("RequestItem", "WantedLine", "PreviewItem", "CounterItem", "ReturnSheet"):
        assert "fields" in schemas[name]["properties"], name
    assert "own fields" in schemas["RequestItem"]["description"]
    assert "fields" in schemas["Conditions"]["properties"]
