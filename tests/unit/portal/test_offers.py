"""A part refund as its customer sees it: amount, time, what accepting means; accept, decline, ask for more."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guicang.portal.views import returns as views
from guicang.returns.models import Offer
from guicang.returns.steps.decline_offer import Declination, decline_offer
from guicang.returns.steps.offer import Offering, offer
from tests.journeys.acts import do, dump, pay, verified
from tests.unit.portal.conftest import Visit, browser, buyer
from tests.world import NOW, Sold, World

pytestmark = pytest.mark.django_db(transaction=True)

Order = Callable[..., Sold]


@pytest.fixture(autouse=True)
def _the_hour_of_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "utcnow", lambda: NOW)


def page(client: Client, key: UUID, rest: str = "") -> str:
    answer = client.get(f"/my/returns/{key}/{rest}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def give(client: Client, key: UUID, command: str, **form: str) -> str:
    """Send a form; the page that one sees after it."""
    answer = client.post(f"/my/returns/{key}/{command}/", form)
    assert answer.headers["Location"] == f"/my/returns/{key}/"
    return page(client, key)


def amounts(text: str) -> list[str]:
    return re.findall(r'<p class="sum"><span class="amount ">(.*?)</span></p>', text)


def offered(world: World, order: Order, minor: int = 2000, units: int = 4) -> tuple[Sold, UUID]:
    sold = order(units=5, customer=buyer())
    key = world.request(sold, units)
    do(offer, world, Offering(key, minor, "goodwill"))
    return sold, key


def test_an_offer_is_read_asked_once_more_and_accepted(world: World, order: Order, visit: Visit) -> None:
    sold, key = offered(world, order)
    client = visit(sold)
    text = page(client, key)
    assert "<h1>We make you an offer</h1>" in text
    assert amounts(text) == ['<span class="symbol">¥</span>20.00']
    assert "2026-11-06 16:00" in text
    assert "You send nothing back." in text
    assert 'action="/my/returns/' + str(key) + '/accept_offer/"' not in text  # never with one click
    asked = page(client, key, "accepting/")
    assert "It cannot be undone." in asked
    assert amounts(asked) == ['<span class="symbol">¥</span>20.00']
    found = re.search(r'name="number" value="(\d+)"', asked)
    assert found is not None
    text = give(client, key, "accept_offer", number=found[1])
    assert "<h1>We are preparing your refund</h1>" in text
    assert "A part refund was agreed on; you keep the goods" in text
    assert "Return code" not in text
    assert client.get(f"/my/returns/{key}/accepting/").headers["Location"] == f"/my/returns/{key}/"
    pay(world, key)
    assert amounts(page(client, key)) == ['<span class="symbol">¥</span>20.00']
    verified()


def test_asking_for_more(world: World, order: Order, visit: Visit) -> None:
    sold, key = offered(world, order)
    client = visit(sold)
    for typed, why in (
        ("many", "Enter the amount in figures"),
        ("", "Enter the amount in figures"),
        ("-3", "Enter the amount in figures"),
        ("25.001", "Enter the amount in figures"),
        ("NaN", "Enter the amount in figures"),
        ("20", "20.00 CNY is offered already."),
        ("40.01", "At most 40.00 CNY, the refund of the whole return."),
    ):
        assert why in give(client, key, "offer", amount=typed), typed
    assert Offer.objects.count() == 1
    text = give(client, key, "offer", amount=" ￥２５．５０ ")
    assert Offer.objects.get(number=2).amount_minor == 2550
    assert "<h1>We are looking at what you ask for</h1>" in text
    assert amounts(text) == ['<span class="symbol">¥</span>25.50']
    assert "Ask for more" not in text
    assert "accepting/" not in text
    assert "No offer is open" not in give(client, key, "decline_offer", number="2")
    assert Offer.objects.get(number=2).state == "withdrawn"
    assert "No offer is open on this return." in give(client, key, "offer", amount="30")
    verified()


def test_declining_leaves_the_request(world: World, order: Order, visit: Visit) -> None:
    sold, key = offered(world, order)
    client = visit(sold)
    text = give(client, key, "decline_offer", number="1")
    assert "<h1>We are looking at your request</h1>" in text
    assert not amounts(text)
    assert (Offer.objects.get().state, sold.claimed) == ("declined", 4)


def test_only_what_was_read_is_accepted(world: World, order: Order, visit: Visit) -> None:
    """Staff took the offer back and made another one while the customer was looking at the first."""
    sold, key = offered(world, order)
    client = visit(sold)
    do(decline_offer, world, Declination(key, 1))
    do(offer, world, Offering(key, 500, "goodwill"))
    before = dump()
    for number in ("1", "0", "", "x", "99999", "-2", "９"):
        assert "There is another offer by now." in give(client, key, "accept_offer", number=number), number
    assert {name: rows for name, rows in dump().items() if name.startswith("returns.")} == {
        name: rows for name, rows in before.items() if name.startswith("returns.")
    }


def test_an_offer_that_ran_out_is_gone(
    world: World, order: Order, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold, key = offered(world, order)
    client = visit(sold)
    monkeypatch.setattr(views, "utcnow", lambda: NOW + timedelta(hours=72))
    text = page(client, key)
    assert not amounts(text)
    assert "We are looking at your request" in text
    assert "The offer ran out and binds nobody any more." in give(client, key, "accept_offer", number="1")
    assert world.row(key).state == "requested"


def test_nobody_answers_the_offer_of_another(world: World, order: Order, visit: Visit) -> None:
    _, key = offered(world, order)
    other = order(customer=buyer("wang", email="wang@example.org"), buyer="wang")
    stranger = visit(other, contact="wang@example.org")
    for command in ("accept_offer", "decline_offer", "offer"):
        assert stranger.post(f"/my/returns/{key}/{command}/", {"number": "1", "amount": "30"}).status_code == 404
    assert stranger.get(f"/my/returns/{key}/accepting/").status_code == 404
    assert Offer.objects.get().state == "open"


def test_the_page_in_chinese_and_its_statements(world: World, order: Order, visit: Visit) -> None:
    sold, key = offered(world, order)
    client = visit(sold, language="zh-hans")
    text = page(client, key)
    for words in ("商品您留着，退您", "接受提议", "希望多退一些", "不用了，谢谢"):
        assert words in text, words
    with CaptureQueriesContext(connection) as queries:
        page(client, key)
    few = len(queries)
    assert few <= 31
    for amount in (2100, 2200, 2300):
        do(decline_offer, world, Declination(key, Offer.objects.count()))
        do(offer, world, Offering(key, amount, "goodwill"))
    with CaptureQueriesContext(connection) as queries:
        page(client, key)
    assert len(queries) == few
    assert browser().get(f"/my/returns/{key}/accepting/").headers["Location"] == "/my/"
