"""A return before it is asked for, and one in a single act, over the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from guicang.returns.models import Return
from tests.journeys.acts import verified
from tests.unit.api.conftest import Hire, codes
from tests.unit.api.test_commands import asked, dump
from tests.world import Sold, World, another_world


def handed(world: World, sold: Sold, units: int = 2, **more: Any) -> dict[str, Any]:
    line = {"order_line_id": str(sold.lines[0].id), "units": units, "reason": "too_small", **more}
    return {"warehouse_id": str(world.warehouse_id), "lines": [line], "reference": "TILL-7"}


def test_a_preview_is_what_settling_pays(world: World, order: Callable[..., Sold], program: Hire) -> None:
    cora, sold = program("counter"), order(units=5)
    before = dump()
    said = {"lines": asked(sold, 2)["lines"]}
    found = cora.do(f"/orders/{sold.id}/preview", said)
    assert dump() == before
    assert (found["possible"], found["errors"], found["refund_minor"]) == (True, [], 2_000)
    assert [(line["units"], line["reason"]) for line in found["lines"]] == [(2, "too_small")]
    assert found["plans"][0]["explanation"][0]["label"] == "paid_share"
    refused = cora.do(f"/orders/{sold.id}/preview", {"lines": asked(sold, 9)["lines"]})
    assert (refused["possible"], [one["code"] for one in refused["errors"]]) == (False, ["over_return"])
    done = cora.do(f"/orders/{sold.id}/counter", handed(world, sold))
    settlement = cora.get(f"/returns/{done['id']}")["settlements"][0]
    assert settlement["cash_minor"] == found["refund_minor"]
    labels = [part["label"] for part in found["plans"][0]["explanation"]]
    assert [part["label"] for part in settlement["explanation"]] == labels


def test_one_act_takes_back_and_refunds_once(world: World, order: Callable[..., Sold], program: Hire) -> None:
    cora, sold = program("counter"), order(units=5)
    answer = cora.send("POST", f"/orders/{sold.id}/counter", handed(world, sold), idempotency_key="k")
    done = answer.json()
    row = Return.objects.get()
    assert (done["id"], done["state"], row.state, row.refund_minor) == (str(row.id), "settled", "settled", 2_000)
    assert answer.headers["ETag"] == f'"{done["version"]}"' == f'"{cora.get(f"/returns/{row.id}")["version"]}"'
    again = cora.send("POST", f"/orders/{sold.id}/counter", handed(world, sold), idempotency_key="k")
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (done, "true")
    assert Return.objects.count() == 1
    verified()


def test_what_one_step_refuses_undoes_all(world: World, order: Callable[..., Sold], program: Hire) -> None:
    cora, sold = program("counter"), order(units=5)
    theirs = another_world()
    other = theirs.sell(theirs.facts(buyer="other"))[0]
    bound = program("counter", shop_id=world.shop_id)
    before = dump()
    for path, body, code in (
        (sold, handed(world, sold, 9), "over_return"),
        (sold, {**handed(world, sold), "warehouse_id": str(theirs.warehouse_id)}, "other_warehouse"),
        (sold, handed(world, other), "line_not_found"),
    ):
        answer = cora.send("POST", f"/orders/{path.id}/counter", body, idempotency_key="k")
        assert codes(answer) == [code], answer.content
    for name, said in (("counter", handed(theirs, other)), ("preview", {"lines": asked(other)["lines"]})):
        assert codes(bound.send("POST", f"/orders/{other.id}/{name}", said)) == ["order_not_found"]
    assert dump() == before
    # A refused act is no act: its key may be used again.
    assert cora.do(f"/orders/{sold.id}/counter", handed(world, sold), idempotency_key="k")["state"] == "settled"
