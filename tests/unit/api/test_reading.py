"""What programs read: everything the desk shows, page by page, in bounded statements, and nothing of others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guicang.api.service import v1
from guicang.kernel.ids import new_id
from guicang.policy.models import PolicyVersion
from guicang.returns.models import Return
from guicang.sales.models import Order
from tests.unit.api.conftest import Hire, Program, codes
from tests.unit.desk.conftest import in_every_state
from tests.unit.desk.files import imported, kept, order_rows
from tests.world import Sold, World, another_world


def everything(program: Program, path: str, limit: int = 2) -> list[Any]:
    """All items of a list, page by page."""
    items: list[Any] = []
    joint = "&" if "?" in path else "?"
    page = program.get(f"{path}{joint}limit={limit}")
    while True:
        assert len(page["items"]) <= limit or path == "/stock"
        items += page["items"]
        if page["next"] is None:
            return items
        page = program.get(f"{path}{joint}limit={limit}&cursor={quote(page['next'])}")


def test_a_return_with_everything_on_it(world: World, order: Callable[..., Sold], program: Hire) -> None:
    ada = program("admin")
    for state, key in in_every_state(world, order).items():
        answer = ada.send("GET", f"/returns/{key}")
        found = answer.json()
        assert (found["id"], found["state"]) == (str(key), state)
        assert answer.headers["ETag"] == f'"{found["version"]}"' == f'"{found["history"][-1]["seq"]}"'
        free = {one["command"] for one in found["commands"] if not one["why"]}
        assert (found["next_command"] in free) is bool(found["next_command"])
        assert found["lines"][0]["requested"] >= 1
        if state == "settled":
            assert found["settlements"][0]["credit_minor"] == 1_000
            assert sum(line["book_minor"] for entry in found["entries"] for line in entry["lines"]) == 0
            assert found["moves"]
        if state == "inspected":
            assert [plan["cash_minor"] for plan in found["preview"]] == [1_000]
            assert found["preview"][0]["explanation"][0]["label"] == "paid_share"


def test_lists_are_whole_and_in_order(world: World, order: Callable[..., Sold], program: Hire) -> None:
    ada = program("admin")
    in_every_state(world, order)
    new = [row["id"] for row in everything(ada, "/returns")]
    assert len(new) == len(set(new)) == Return.objects.count()
    assert [row["id"] for row in everything(ada, "/returns?sort=old")] == new[::-1]
    assert len(everything(ada, "/orders")) == Order.objects.count()
    moves = everything(ada, f"/stock/{world.sku_id}/moves")
    assert len(moves) == len({row["id"] for row in moves}) > 10
    entries = everything(ada, "/journal")
    assert len(entries) == len({row["id"] for row in entries}) > 10
    assert {row["grade"] for row in everything(ada, "/stock")} >= {"A", "uninspected"}


def test_an_order_says_what_its_deposit_is(world: World, program: Hire) -> None:
    (sold,) = world.sell(world.facts(3, 0, deposit_minor=500, deposit_kind="earnest"))
    found = program("admin").get(f"/orders/{sold.id}")
    assert (found["deposit_minor"], found["deposit_kind"]) == (500, "earnest")


def test_filters(world: World, order: Callable[..., Sold], program: Hire) -> None:
    ada, returns = program("admin"), in_every_state(world, order)
    ids = {state: str(key) for state, key in returns.items()}

    def found(query: str) -> set[str]:
        return {row["id"] for row in ada.get(f"/returns?{query}")["items"]}

    assert found("state=requested&state=closed") == {ids["requested"], ids["closed"]}
    assert found("queue=review") == {ids["requested"]}
    waiting = {one["code"]: one["count"] for one in ada.get("/returns/queues")}
    assert (waiting["review"], waiting["received_not_refunded"]) == (1, 1)
    assert found("attention=received_not_refunded") == {ids["inspected"]}
    number = Return.objects.get(id=returns["settled"]).number
    assert found(f"q={number}") == {ids["settled"]}
    assert found("since=2031-01-01T00:00:00Z") == set()
    assert found(f"shop={new_id()}") == set()
    assert ada.get("/orders?q=nobody")["items"] == []
    row = ada.get("/orders?label=part")["items"][0]
    assert ada.get(f"/orders/{row['id']}")["returns"]
    assert ada.get("/balances")
    assert ada.get("/proofs")["ok"] is True
    assert {row["command"] for row in ada.get("/lifecycle")} >= {"request", "settle"}
    assert {row["command"] for row in ada.get("/reasons")} >= {"request", "override", "reject"}
    assert ada.get("/me")["permissions"] == sorted(ada.get("/me")["permissions"])
    assert ada.get("/me")["company_id"] is None


def test_nobody_reads_what_is_not_his(world: World, program: Hire) -> None:
    theirs = another_world()
    mine, other = world.sell(world.facts())[0], theirs.sell(theirs.facts(buyer="other", number="T-1"))[0]
    own, foreign = world.authorised(mine, 1), theirs.authorised(other, 1)
    theirs.sku("THEIRS")
    for bound in ("company_id", "shop_id"):
        fay = program("admin", **{bound: getattr(world, bound)})
        assert [row["id"] for row in everything(fay, "/returns")] == [str(own)]
        assert [row["id"] for row in everything(fay, "/orders")] == [str(mine.id)]
        for path in (f"/returns/{foreign}", f"/orders/{other.id}", f"/returns/{new_id()}", f"/orders/{new_id()}"):
            assert codes(fay.send("GET", path)) == ["not_found"], path
    fay = program("admin", company_id=world.company_id)
    assert codes(fay.send("GET", f"/stock/{theirs.sku_id}/moves")) == ["not_found"]
    assert codes(fay.send("GET", f"/journal?company={theirs.company_id}")) == ["not_found"]
    assert codes(fay.send("GET", f"/balances?company={theirs.company_id}")) == ["not_found"]
    assert "THEIRS" not in str(everything(fay, "/stock"))
    for masters in ("/companies", "/shops", "/warehouses"):
        assert len(fay.get(masters)) == 1, masters
    everywhere = program("admin")
    assert codes(everywhere.send("GET", "/journal")) == ["company_needed"]
    assert len(everywhere.get("/companies")) == 2


def test_cursors_are_ours(world: World, order: Callable[..., Sold], program: Hire) -> None:
    ada = program("admin")
    in_every_state(world, order)
    cursor = ada.get("/returns?limit=1")["next"]
    for path in (f"/orders?cursor={cursor}", f"/returns?cursor={new_id()}", "/returns?cursor=%00", "/stock?cursor=é"):
        answer = ada.send("GET", path)
        assert answer.status_code == 422, path
        assert codes(answer)[0] in ("bad_cursor", "bad_field"), path


#: Statements of an operation, that of the token included; what grows with the data would be seen in `few`.
MOST = {
    "/credit": 6,
    "/coupons": 6,
    "/me": 1,
    "/companies": 2,
    "/shops": 2,
    "/warehouses": 2,
    "/reasons": 3,
    "/lifecycle": 1,
    "/returns": 10,
    "/orders": 9,
    "/stock": 6,
    "/journal": 7,
    "/balances": 4,
    "/returns/queues": 9,
    "/persons?q=nobody": 7,
    "/settings/refund-ways": 3,
    "/settings/freight": 4,
    "/exchanges?show=all": 9,
    "/rebates": 9,
    "/settings/money-limits": 4,
    "/prices/rules": 8,
    "/prices/agreed": 9,
    "/quotas/rules": 8,
    "/refunds?state=paid": 9,
    "/payment-files": 4,
    "/shifts": 5,
    "/settings/numbers": 3,
    "/policy/versions": 3,
    "/policy/presets": 1,
    "/settings/approvals": 3,
    "/settings/fields": 3,
    "/settings/assignment": 3,
    "/delegations": 2,
    "/roles": 1,
    "/users": 2,
    "/tokens": 2,
    "/webhooks": 3,
    "/webhooks/events": 1,
    "/outbox": 7,
    "/imports": 4,
    "/imports/kinds": 1,
    "/imports/profiles": 2,
    "/imports/files": 3,
}


def counted(program: Program, path: str) -> int:
    program.get(path)  # notes the use of the token
    with CaptureQueriesContext(connection) as queries:
        program.get(path)
    return len(queries)


@pytest.mark.parametrize("path", MOST)
def test_statements_of_a_list(path: str, world: World, order: Callable[..., Sold], program: Hire) -> None:
    ada = program("admin")
    in_every_state(world, order)
    few = counted(ada, path)
    in_every_state(world, order)
    assert counted(ada, path) == few <= MOST[path]


def test_statements_of_one(world: World, order: Callable[..., Sold], program: Hire) -> None:
    ada, returns = program("admin"), in_every_state(world, order)
    assert max(counted(ada, f"/returns/{key}") for key in returns.values()) <= 48
    assert counted(ada, f"/orders/{order().id}") <= 23
    assert counted(ada, f"/stock/{world.sku_id}/moves") <= 7
    assert counted(ada, f"/persons/{order().customer_id}") <= 14
    assert counted(ada, "/settings/shop") <= 2
    assert counted(ada, f"/settings/shop/{world.shop_id}") <= 4
    version = PolicyVersion.objects.get(company_id=world.company_id).id
    assert counted(ada, f"/policy/versions/{version}") <= 4
    answer = ada.send("POST", "/policy/draft/start", {})
    assert answer.status_code == 200
    assert counted(ada, "/policy/draft") <= 3
    assert counted(ada, "/policy/draft/findings") <= 14
    run, file = imported(order_rows(*["x"] * 60)).run_id, kept(order_rows(*["x"] * 60))
    assert counted(ada, f"/imports/{run}") <= 5
    assert counted(ada, f"/imports/{run}/rows") <= 5
    assert counted(ada, f"/imports/files/{file}") <= 9


def test_every_reading_operation_has_a_bound() -> None:
    paths = {
        path.removeprefix("/api/v1") for path, methods in v1.get_openapi_schema()["paths"].items() if "get" in methods
    }
    one = {"/returns/{pk}", "/orders/{pk}", "/stock/{sku}/moves", "/proofs"}
    one |= {"/returns/{pk}/pictures", "/returns/{pk}/notes", "/pictures/{pk}", "/returns/{pk}/evidence.pdf"}
    one |= {"/settings/{kind}", "/settings/{kind}/{pk}"}
    one |= {"/settings/approvals/{pk}", "/settings/fields/{pk}"}
    one |= {"/webhooks/{pk}", "/webhooks/{pk}/deliveries"}
    one |= {"/imports/{pk}", "/imports/{pk}/rows", "/imports/files/{pk}"}
    one |= {"/refunds/{pk}/payees", "/payment-files/{pk}", "/shifts/{pk}"}
    one |= {"/persons/{pk}", "/accounts/{pk}", "/credit/{pk}"}
    one |= {"/policy/versions/{pk}", "/policy/versions/{pk}/toml", "/policy/draft", "/policy/draft/findings"}
    assert paths == {*(path.partition("?")[0] for path in MOST), *one}
