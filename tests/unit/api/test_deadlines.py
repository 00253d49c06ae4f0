"""Clocks over the API: read with a return and by lists; a platform's deadline told with a request and afterwards."""

from __future__ import annotations

from collections.abc import Callable

from tests.unit.api.conftest import Hire, codes
from tests.world import Sold, World

DUE = "2026-11-06T08:00:00Z"


def test_a_platforms_deadline_from_end_to_end(world: World, order: Callable[..., Sold], program: Hire) -> None:
    sold, ada = order(2), program("admin")
    line = {"order_line_id": str(sold.lines[0].id), "units": 1, "reason": "too_small"}
    item = {"order_id": str(sold.id), "lines": [line], "platform_due_at": DUE, "platform_then": "approve"}
    key = ada.do("/returns", {"items": [item]}, idempotency_key="a")["items"][0]["id"]
    sheet = ada.get(f"/returns/{key}")
    assert (sheet["due_at"], sheet["escalated_to"]) == (DUE, "")
    (clock,) = sheet["clocks"]
    assert {name: clock[name] for name in ("kind", "side", "due_at", "then", "outcome")} == {
        "kind": "platform",
        "side": "platform",
        "due_at": DUE,
        "then": "approve",
        "outcome": "",
    }
    assert [row["id"] for row in ada.get("/returns?clock=platform&sort=due")["items"]] == [key]
    assert ada.get("/returns?clock=refund")["items"] == []
    assert ada.get("/returns?overdue=true")["items"] == []
    path = f"/returns/{key}/platform-deadline"
    ada.do(path, {"due_at": "2026-11-08T08:00:00Z"})
    ada.do(path, {"due_at": None})
    assert [one["outcome"] for one in ada.get(f"/returns/{key}")["clocks"]] == ["replaced", "met"]
    assert ada.send("POST", path, {"due_at": DUE, "then": "refund"}).status_code == 422
    assert codes(program("warehouse").send("POST", path, {"due_at": None})) == ["not_permitted"]
