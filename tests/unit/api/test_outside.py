"""Webhooks with their log, and the outbox, over the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from guicang.integrations.webhooks.models import Delivery, Endpoint
from guicang.kernel.ids import new_id
from guicang.kernel.models import Command, OutboxMessage
from tests.receiver import endpoint
from tests.unit.api.conftest import Hire, codes
from tests.unit.api.test_reading import everything
from tests.unit.desk.test_outbox import queue, spoil
from tests.world import Sold, World, another_world

URL = "https://hook.example/x?key=1"


def test_a_webhook_from_end_to_end(world: World, program: Hire) -> None:
    ada = program("admin")
    said = {"url": URL, "description": "ERP", "events": ["return.settled"]}
    made = ada.do("/webhooks", said, idempotency_key="k")
    assert made["secret"].startswith("whsec_")
    again = ada.do("/webhooks", said, idempotency_key="k")
    assert again == {"id": made["id"], "secret": None}, "a secret is told once"
    path = f"/webhooks/{made['id']}"
    found = ada.get(path)
    assert (found["url"], found["events"], found["is_on"]) == (URL, ["return.settled"], True)
    assert found["company_id"] == str(world.company_id)
    ada.do(f"{path}/change", {"url": URL, "events": []})
    assert [(one["events"], one["description"]) for one in ada.get("/webhooks")] == [([], "")]
    fresh = ada.do(f"{path}/rotate")["secret"]
    assert fresh.startswith("whsec_")
    assert fresh != made["secret"]
    assert [bool(one["ends_at"]) for one in ada.get(path)["secrets"]] == [True, False]
    ada.do(f"{path}/ping")
    ada.do(f"{path}/ping")
    assert [one["type"] for one in everything(ada, f"{path}/deliveries", 1)] == ["ping", "ping"]
    assert codes(ada.send("POST", f"{path}/replay", {})) == ["webhook_nothing_to_send"]
    Delivery.objects.update(state="failed")
    assert len(ada.get(f"{path}/deliveries?state=failed")["items"]) == 2
    assert ada.do(f"{path}/replay", {"deliveries": [str(Delivery.objects.all()[0].id)]}) == {"sent": 1}
    assert ada.do(f"{path}/replay") == {"sent": 1}
    ada.do(f"{path}/switch", {"on": False})
    assert ada.get(path)["off_reason"] == "manual"
    assert codes(ada.send("POST", f"{path}/ping", {})) == ["webhook_off"]
    ada.do(f"{path}/remove")
    assert ada.get("/webhooks") == []
    assert "whsec_" not in repr(list(Command.objects.values_list("reply", flat=True)))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"url": "ftp://x"}, "webhook_url_bad"),
        ({"url": "https://127.0.0.1/"}, "webhook_url_private"),
        ({"url": URL, "events": ["nonsense"]}, "webhook_event_unknown"),
        ({"url": "x" * 501}, "bad_field"),
        ({"url": URL, "company": str(new_id())}, "not_found"),
    ],
)
def test_webhooks_that_cannot_be(said: dict[str, Any], code: str, world: World, program: Hire) -> None:
    assert codes(program("admin").send("POST", "/webhooks", said)) == [code]
    assert not Endpoint.objects.exists()


def test_webhooks_of_others(world: World, program: Hire) -> None:
    theirs = another_world()
    foreign = endpoint(theirs)
    ada, bound = program("admin", company_id=world.company_id), program("admin", shop_id=theirs.shop_id)
    said = {"url": URL, "company": str(theirs.company_id)}
    assert codes(ada.send("POST", "/webhooks", said)) == ["not_found"]
    assert codes(bound.send("POST", "/webhooks", said)) == ["not_permitted"]
    assert codes(program("admin").send("POST", "/webhooks", {"url": URL})) == ["company_needed"]
    for caller in (ada, bound):
        assert caller.get("/webhooks") == []
        for path in ("", "/deliveries"):
            assert codes(caller.send("GET", f"/webhooks/{foreign}{path}")) == ["not_found"]
        bodies: dict[str, Any] = {"change": {"url": URL}, "switch": {"on": False}}
        for act in ("change", "switch", "ping", "remove", "rotate", "replay"):
            answer = caller.send("POST", f"/webhooks/{foreign}/{act}", bodies.get(act, {}))
            assert codes(answer) == ["webhook_not_found"], act
    assert Endpoint.objects.get().is_on


def test_what_was_given_up_is_tried_again_or_dropped(world: World, order: Callable[..., Sold], program: Hire) -> None:
    ada = program("admin")
    key = world.authorised(order(), 1)
    row = ada.get("/outbox?topic=notice.send")["items"][0]
    assert (row["return_id"], row["state"]) == (str(key), "waiting")
    assert world.row(key).number in row["text"]
    one, other = queue("handover.goods"), queue("handover.goods")
    spoil(one)
    spoil(other)
    page = ada.get("/outbox?state=dead&limit=1")
    assert (page["counts"]["dead"], page["items"][0]["id"]) == (2, str(other))
    assert "ConnectionRefusedError" in page["items"][0]["error"]
    assert ada.get(f"/outbox?state=dead&limit=1&cursor={page['next']}")["items"][0]["id"] == str(one)
    assert ada.do("/outbox/retry", {"ids": [str(one)]}, idempotency_key="k") == {"changed": 1}
    assert ada.do("/outbox/retry", {"ids": [str(one)]}, idempotency_key="k") == {"changed": 1}
    assert codes(ada.send("POST", "/outbox/retry", {"ids": [str(one)]})) == ["outbox_not_dead"]
    assert ada.do("/outbox/drop", {"ids": [str(other), str(new_id())]}) == {"changed": 1}
    assert {row["id"]: row["state"] for row in ada.get("/outbox?topic=handover.goods")["items"]} == {
        str(one): "retrying",
        str(other): "dropped",
    }


def test_messages_of_others_and_codes(world: World, program: Hire) -> None:
    theirs = another_world()
    foreign = theirs.authorised(theirs.sell(theirs.facts(buyer="other"))[0], 1)
    ada = program("admin", company_id=world.company_id)
    assert ada.get("/outbox")["items"] == []
    message = OutboxMessage.objects.filter(topic="notice.send", aggregate_id=foreign)[0]
    spoil(message.id)
    assert codes(ada.send("POST", "/outbox/drop", {"ids": [str(message.id)]})) == ["outbox_not_dead"]
    reference = new_id()
    queue("portal.code", reference, language="en", reference=str(reference))
    shown = program("admin").get("/outbox?topic=portal.code")["items"][0]["text"]
    assert "••••••" in shown
