"""Policies over the API: written, looked at, published, taken out, brought in, and asked beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from guicang.audit import queries as audit
from guicang.kernel import commands, worker
from guicang.kernel.ids import new_id
from guicang.policy import operations
from guicang.policy.models import PolicyDraft, PolicyVersion
from guicang.sales.models import Order as OrderRow
from tests.journeys.acts import verified
from tests.unit.api.conftest import Hire, Program, codes
from tests.world import NOW, SYSTEM, Sold, World, another_world

Order = Callable[..., Sold]
ALL = {"code": "all", "zh": "全部", "en": "All", "terms": {"days": 7, "counted_from": "shipment"}}


def statement(*policies: Mapping[str, Any]) -> dict[str, Any]:
    return {"currency": "CNY", "policies": [*policies, ALL]}


def state(world: World, data: Mapping[str, Any]) -> str:
    with transaction.atomic():
        context = commands.begin("test", actor=SYSTEM, now=NOW, items=1)
        at = NOW - timedelta(days=300)
        made = operations.state_version(context, world.company_id, name="ours", effective_from=at, statement=data)
    return str(made)


def begun(ada: Program, **more: Any) -> str:
    """The ETag of a new draft."""
    answer = ada.send("POST", "/policy/draft/start", more)
    assert answer.status_code == 200, answer.content
    return str(answer.headers["ETag"])


def test_from_a_preset_to_the_version_in_force(world: World, order: Order, program: Hire) -> None:
    ada, sold = program("admin"), order()
    assert next(one["code"] for one in ada.get("/policy/presets")) == "seven_days"
    etag = begun(ada, source="seven_days")
    draft = ada.get("/policy/draft")
    assert (draft["revision"], draft["statement"]["policies"][-1]["code"]) == (1, "all")
    body = {"name": "七天", "statement": statement()}
    put = ada.send("PUT", "/policy/draft", body, if_match=etag)
    assert (put.json()["revision"], put.headers["ETag"]) == (2, '"2"')
    assert codes(ada.send("PUT", "/policy/draft", body, if_match=etag)) == ["policy_draft_changed"]
    assert ada.send("GET", "/policy/draft").headers["ETag"] == '"2"'
    assert [one["code"] for one in ada.get("/policy/draft/findings")] == []
    sent = {"backfill": True}
    made = ada.do("/policy/draft/publish", sent, if_match='"2"', idempotency_key="once")["id"]
    assert ada.do("/policy/draft/publish", sent, if_match='"2"', idempotency_key="once")["id"] == made
    worker.Worker().drain()
    assert str(OrderRow.objects.get(id=sold.id).policy_version_id) == made
    first, second = ada.get("/policy/versions")
    assert (first["id"], first["state"], first["name"], second["provisional"]) == (made, "in_force", "七天", True)
    assert ada.get(f"/policy/versions/{made}")["statement"] == statement()
    assert audit.history(PolicyVersion.objects.get(id=made).id)[0].actor_id == ada.user.id
    verified()


def test_a_file_goes_out_and_comes_in(world: World, program: Hire) -> None:
    version, ada = state(world, statement()), program("admin")
    file = ada.send("GET", f"/policy/versions/{version}/toml")
    assert file.headers["Content-Type"] == "application/toml"
    ada.do("/policy/draft/import", {"toml": file.content.decode()})
    assert (ada.get("/policy/draft")["statement"], ada.get("/policy/draft")["name"]) == (statement(), "ours")
    assert codes(ada.send("POST", "/policy/draft/import", {"toml": "x = 1"})) == ["policy_bad"]
    assert codes(ada.send("POST", "/policy/draft/start", {})) == ["policy_draft_exists"]
    ada.do("/policy/draft/discard", {}, if_match="*")
    assert codes(ada.send("GET", "/policy/draft")) == ["policy_draft_missing"]
    etag = begun(ada, source=version)
    assert ada.get("/policy/draft")["base_id"] == version
    assert codes(ada.send("POST", "/policy/draft/discard", {}, if_match='"7"')) == ["policy_draft_changed"]
    ada.do("/policy/draft/discard", {}, if_match=etag)


@pytest.mark.parametrize(
    ("method", "path", "body", "match", "code"),
    [
        ("PUT", "", {"name": "x", "statement": statement()}, "", "draft_match_needed"),
        ("PUT", "", {"name": "x", "statement": {"policies": [{"code": "A!"}]}}, "*", "policy_bad"),
        ("PUT", "", {"name": "", "statement": statement()}, "*", "bad_field"),
        ("PUT", "", {"name": "x", "statement": statement()}, '"²"', "policy_draft_changed"),
        ("POST", "/publish", {}, "", "draft_match_needed"),
        ("POST", "/publish", {"effective_from": "2026-01-01T00:00:00Z"}, "*", "policy_reaches_back"),
        ("POST", "/publish", {"company": str(new_id())}, "*", "not_found"),
        ("POST", "/start", {"source": "nonsense"}, "", "not_found"),
        ("POST", "/discard", {}, "x", "draft_match_needed"),
    ],
)
def test_what_is_refused(method: str, path: str, body: Any, match: str, code: str, world: World, program: Hire) -> None:
    ada = program("admin")
    if path != "/start":
        begun(ada)
    before = list(PolicyDraft.objects.values())
    assert codes(ada.send(method, f"/policy/draft{path}", body, **({"if_match": match} if match else {}))) == [code]
    assert list(PolicyDraft.objects.values()) == before
    assert PolicyVersion.objects.count() == 1


def test_a_draft_with_faults_is_not_published(world: World, program: Hire) -> None:
    ada = program("admin", language="zh-hans")
    begun(ada)
    nobody = {"code": "none", "zh": "无", "terms": {"conditions": []}}
    ada.send("PUT", "/policy/draft", {"name": "x", "statement": statement(nobody)}, if_match="*")
    found = ada.get("/policy/draft/findings")
    assert ("accepts_nothing", "none") in {(one["code"], one["policy"]) for one in found}
    assert all(one["sentence"] and one["sentence"] != one["code"] for one in found)
    wrong = {"error"} & {one["level"] for one in found}
    answer = ada.send("POST", "/policy/draft/publish", {}, if_match="*")
    assert codes(answer) == (["policy_draft_has_faults"] if wrong else [])


def lines(sold: Sold, **more: Any) -> dict[str, Any]:
    return {"order_line_id": str(sold.lines[0].id), **more}


def test_each_line_is_answered_by_the_version_its_order_froze(world: World, order: Order, program: Hire) -> None:
    cosmetics = {"code": "sealed", "zh": "拆封", "scope": {"skus": ["GOODS"]}, "terms": {"conditions": ["unopened"]}}
    version = state(world, {**statement(cosmetics)})
    rosa, sold = program("agent"), order()
    asked = [
        lines(sold, reason="changed_mind", condition="unopened", amount_minor=100),
        lines(sold, reason="changed_mind", condition="used"),
        lines(sold, reason="quality", condition="used"),
        {"order_line_id": str(new_id())},
        lines(sold, resolution="unshipped"),
    ]
    items = rosa.do("/policy/check", {"lines": asked})["items"]
    assert [one["answer"] for one in items] == ["allow", "refuse", "allow", None, "allow"]
    against = next(one for one in items[1]["reasons"] if one["answer"] == "refuse")
    assert (against["code"], against["policy"]) == ("condition_not_accepted", "sealed")
    assert against["data"] == {"condition": "used", "accepted": ["unopened"]}
    assert "Used" in against["sentence"]
    assert (items[0]["version"], items[0]["terms"]["freight"]) == (2, "buyer")
    assert items[0]["deadline"]
    assert [one["code"] for one in items[3]["errors"]] == ["order_line_not_found"]
    later = rosa.do("/policy/check", {"lines": asked[:1], "asked_at": "2027-12-01T00:00:00Z"})["items"]
    assert [one["answer"] for one in later] == ["refuse"]
    same = rosa.do("/policy/check", {"lines": asked, "against": version})["items"]
    assert same == items
    plain = rosa.get("/policy/versions")[1]["id"]
    assert rosa.do("/policy/check", {"lines": asked[1:2], "against": plain})["items"][0]["answer"] == "allow"


def test_a_draft_is_asked_before_it_is_published(world: World, order: Order, program: Hire) -> None:
    ada, sold = program("admin"), order()
    body = {"lines": [lines(sold)], "against": "draft"}
    assert codes(ada.send("POST", "/policy/check", body)) == ["policy_draft_missing"]
    begun(ada)
    shut = {"code": "shut", "zh": "不退", "scope": {"payments": ["cash"]}, "terms": {"excluded": "by_law"}}
    paid = {**shut, "code": "paid", "scope": {"payments": ["wechat"]}}
    ada.send("PUT", "/policy/draft", {"name": "x", "statement": statement(shut, paid)}, if_match="*")
    (item,) = ada.do("/policy/check", body)["items"]
    # Ways of paying are looked up where the draft alone asks about them.
    assert (item["version"], item["answer"]) == (None, "refuse")
    assert [one["policy"] for one in item["reasons"] if one["answer"] == "refuse"] == ["paid"]


def test_nobody_asks_about_what_he_does_not_see(world: World, order: Order, program: Hire) -> None:
    sold, other = order(), another_world()
    stranger = program("agent", company_id=other.company_id)
    (item,) = stranger.do("/policy/check", {"lines": [lines(sold)]})["items"]
    assert (item["answer"], item["errors"][0]["code"]) == (None, "order_line_not_found")
    version = state(world, statement())
    assert codes(stranger.send("GET", f"/policy/versions/{version}")) == ["not_found"]
    assert codes(stranger.send("POST", "/policy/check", {"lines": [lines(sold)], "against": version})) == ["not_found"]
    all_seen = program("agent")
    theirs = PolicyVersion.objects.get(company_id=other.company_id).id
    asked = {"lines": [lines(sold)], "against": str(theirs)}
    assert all_seen.do("/policy/check", asked)["items"][0]["errors"], "a company's version is for its own orders"


def test_a_hundred_lines_cost_what_one_costs(world: World, order: Order, program: Hire) -> None:
    state(world, statement())
    rosa, sold = program("agent"), [order() for _ in range(4)]

    def cost(count: int) -> int:
        body = {"lines": [lines(sold[at % 4]) for at in range(count)]}
        rosa.do("/policy/check", body)
        with CaptureQueriesContext(connection) as queries:
            rosa.do("/policy/check", body)
        return len(queries)

    assert cost(100) <= cost(1) <= 20
    assert codes(rosa.send("POST", "/policy/check", {"lines": [lines(sold[0])] * 101})) == ["bad_field"]
