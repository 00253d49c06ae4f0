"""The pages of webhooks: made, tested, switched, sent again, and the secret shown once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from guicang.integrations.models import Delivery, Endpoint
from guicang.kernel import worker
from tests.receiver import FINE, Receiver, endpoint
from tests.unit.desk.conftest import Hire
from tests.unit.desk.test_pages import counted
from tests.world import Sold, World, another_world

pytestmark = pytest.mark.django_db(transaction=True)


def work() -> None:
    lanes = [worker.Worker(), worker.Worker(batch=1, lane="outside")]
    while sum(each.drain() for each in lanes):
        continue


def make(ada: Client, world: World, receiver: Receiver) -> str:
    given = {"company": str(world.company_id), "url": receiver.url, "description": "our ERP"}
    address = ada.post("/webhooks/", given).headers["Location"]
    shown = ada.get(address)
    assert shown.headers["Cache-Control"] == "no-store"
    (secret,) = set(re.findall(r"whsec_[\w+/=]+", shown.content.decode()))
    receiver.trust(secret)
    assert secret not in ada.get(address).content.decode()
    assert secret not in "".join(Session.objects.values_list("session_data", flat=True))
    return address


def test_made_tested_and_its_log_read(world: World, receiver: Receiver, hire: Hire) -> None:
    ada = hire("admin", company_id=world.company_id)
    address = make(ada, world, receiver)
    ada.post(address, {"act": "ping"})
    work()
    assert [genuine for _, genuine, _ in receiver.heard] == [True]
    shown = ada.get(address).content.decode()
    assert "Arrived" in shown
    assert receiver.heard[0][0] in shown
    assert "our ERP" in ada.get("/webhooks/").content.decode()


def test_what_an_endpoint_answers_is_shown_and_never_run(
    world: World, receiver: Receiver, hire: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    from guicang.integrations import outgoing

    ada = hire("admin")
    address = make(ada, world, receiver)
    evil = outgoing.Answer(500, text="<script>alert(1)</script>\x00" + "中" * 900)
    monkeypatch.setattr(outgoing, "call", lambda *_, **__: evil)
    ada.post(address, {"act": "ping"})
    work()
    shown = ada.get(address).content.decode()
    assert "&lt;script&gt;alert(1)" in shown
    assert "<script>alert" not in shown


def test_switched_off_said_on_the_first_page_and_sent_again(
    world: World, order: Callable[..., Sold], receiver: Receiver, hire: Hire
) -> None:
    ada = hire("admin")
    address = make(ada, world, receiver)
    receiver.replies = [(410, {}, 0.0), FINE]
    world.request(order(), 1)
    work()
    assert "gone for good" in ada.get("/").content.decode()
    assert "gone for good" not in hire("agent").get("/").content.decode()
    for act in ("on", "replay"):
        assert ada.post(address, {"act": act}).headers["Location"] == address
    work()
    assert [genuine for _, genuine, _ in receiver.heard] == [True, True]
    assert "gone for good" not in ada.get("/").content.decode()
    delivery = Delivery.objects.get()
    assert delivery.state == "delivered"
    ada.post(address, {"act": "replay", "delivery": str(delivery.id)})
    work()
    assert len(receiver.heard) == 3
    ada.post(address, {"act": "off"})
    assert "Switched off by hand" in ada.get(address).content.decode()


def test_changed_and_removed(world: World, receiver: Receiver, hire: Hire) -> None:
    ada = hire("admin")
    address = make(ada, world, receiver)
    ada.post(address, {"act": "change", "url": receiver.url, "event": ["return.settled"], "description": "new"})
    found = Endpoint.objects.get()
    assert (found.events, found.description) == (["return.settled"], "new")
    shown = ada.post(address, {"act": "change", "url": "http://10.0.0.1/", "event": ["x"]}, follow=True)
    assert "There is no event x." in shown.content.decode()
    assert Endpoint.objects.get().url == receiver.url
    ada.post(address, {"act": "rotate"})
    assert "whsec_" in ada.get(address).content.decode()
    assert ada.post(address, {"act": "explode"}).status_code == 404
    assert ada.post(address, {"act": "remove"}).headers["Location"] == "/webhooks/"
    assert not Endpoint.objects.exists()
    assert ada.get(address).status_code == 404


def test_a_bad_address_keeps_what_was_typed(world: World, hire: Hire) -> None:
    given = {"company": str(world.company_id), "url": "https://10.0.0.1/x", "description": "kept <b>"}
    shown = hire("admin").post("/webhooks/", given).content.decode()
    assert "https://10.0.0.1/x" in shown
    assert "kept &lt;b&gt;" in shown
    assert "private or without TLS" in shown


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pages_answer_in_both_languages(language: str, world: World, hire: Hire) -> None:
    ada = hire("admin", language=language)
    for page in ("/webhooks/", f"/webhooks/{endpoint(world)}/", "/webhooks/?state=nonsense&after=x"):
        assert ("投递" if page.count("/") > 2 else "Webhook") in ada.get(page).content.decode() or language == "en"


def test_others_are_not_there(world: World, receiver: Receiver, hire: Hire) -> None:
    theirs = another_world()
    foreign = f"/webhooks/{endpoint(theirs)}/"
    for bounds in ({"company_id": world.company_id}, {"shop_id": theirs.shop_id}):
        client = hire("admin", name=str(bounds), **bounds)
        assert "hook.example" not in client.get("/webhooks/").content.decode()
        assert client.get(foreign).status_code == 404
        for act in ("ping", "off", "rotate", "replay", "remove", "change"):
            assert client.post(foreign, {"act": act, "url": "https://x.example/"}).status_code == 404, act
        client.post("/webhooks/", {"company": str(theirs.company_id), "url": receiver.url})
    assert Endpoint.objects.count() == 1
    assert Endpoint.objects.get().is_on


def test_statements_do_not_grow(world: World, receiver: Receiver, hire: Hire) -> None:
    ada = hire("admin")
    address = make(ada, world, receiver)
    few, one = counted(ada, "/webhooks/"), counted(ada, address)
    for _ in range(3):
        ada.post(address, {"act": "ping"})
        endpoint(world)
    work()
    assert counted(ada, "/webhooks/") == few <= 10
    assert counted(ada, address) == one <= 12
