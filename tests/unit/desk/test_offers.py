"""The talk on a return's page: what may be offered and what it comes to, who said what, and the three commands."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from guicang.kernel.actor import Actor
from guicang.returns.models import Offer
from guicang.returns.steps.offer import Offering, offer
from tests.journeys.acts import verified
from tests.journeys.test_policies import state as policy
from tests.unit.desk.conftest import Hire
from tests.unit.desk.test_pages import counted
from tests.world import NOW, Sold, World

Order = Callable[..., Sold]


@pytest.fixture
def room(world: World) -> World:
    policy(world, {"terms": {"days": 30, "room_bp": 3000, "offer_hours": 48}})
    return world


def page(client: Client, key: UUID) -> str:
    return str(client.get(f"/returns/{key}/").content.decode())


def give(client: Client, key: UUID, command: str, **form: str) -> str:
    assert client.post(f"/returns/{key}/{command}/", form).headers["Location"] == f"/returns/{key}/"
    return page(client, key)


def wishes(sold: Sold, key: UUID, minor: int) -> None:
    assert offer(offers=[Offering(key, minor)], actor=Actor(kind="customer", id=sold.customer_id), now=NOW)[0].ok


def test_a_talk_from_offer_to_agreement(room: World, order: Order, hire: Hire) -> None:
    sold, rosa = order(units=5), hire("agent", first_name="Rosa")
    key = room.request(sold, 5)
    text = page(rosa, key)
    for words in ("Refund of all of it", "50.00", "You may offer", "15.00", "Staff may offer up to 30 %", "48 hours"):
        assert words in text, words
    assert "Enter the amount in figures" in give(rosa, key, "offer", amount="some")
    assert "The policy lets you offer 15.00 CNY at most." in give(rosa, key, "offer", amount="15.01")
    text = give(rosa, key, "offer", amount="10")
    assert "Rosa offers" in text
    assert "The customer answers the offer" in text
    assert "Withdraw the offer" in text
    assert f"/returns/{key}/accept_offer/" not in text
    wishes(sold, key, 1400)
    text = page(rosa, key)
    assert "The customer asks for" in text
    assert "answered with another" in text
    assert "Somebody answers what the customer asks for" in text
    text = give(rosa, key, "accept_offer", number="2")
    assert "The refund is settled" in text
    assert text.index("answered with another") < text.index("accepted</span>")
    assert room.row(key).state == "authorised"
    verified()


def test_beyond_the_room_the_form_asks_why(room: World, order: Order, hire: Hire) -> None:
    sold, max_ = order(units=5), hire("approver")
    key = room.request(sold, 5)
    assert "Give a reason." in give(max_, key, "offer", amount="20")
    assert "Withdraw" in give(max_, key, "offer", amount="20", reason="promised")
    wishes(sold, key, 3000)
    assert "Why beyond the room" in page(max_, key)
    give(max_, key, "accept_offer", number="2", reason="our_fault")
    assert list(Offer.objects.order_by("number").values_list("state", flat=True)) == ["countered", "accepted"]


def test_where_there_is_no_room_the_page_says_so(world: World, order: Order, hire: Hire) -> None:
    key = world.request(order(), 1)
    assert "The policy leaves no room: every offer is an exception." in page(hire("agent"), key)
    kept = world.request(order(shipped=1), 1, resolution="unshipped")
    assert "Part refund, the buyer keeps it" not in page(hire("admin"), kept)


def test_declining_and_withdrawing(room: World, order: Order, hire: Hire) -> None:
    sold, rosa = order(units=5), hire("agent")
    key = room.request(sold, 5)
    give(rosa, key, "offer", amount="10")
    give(rosa, key, "decline_offer", number="1")
    give(rosa, key, "offer", amount="11")
    wishes(sold, key, 1500)
    assert "declined</span>" in give(rosa, key, "decline_offer", number="3")
    assert list(Offer.objects.order_by("number").values_list("state", flat=True)) == [
        "withdrawn",
        "countered",
        "declined",
    ]


def test_statements_do_not_grow_with_the_talk(room: World, order: Order, hire: Hire) -> None:
    sold, ada = order(units=5), hire("admin")
    key = room.request(sold, 5)
    give(ada, key, "offer", amount="1")
    few = counted(ada, f"/returns/{key}/")
    for step in range(2, 6):
        wishes(sold, key, step * 100)
        give(ada, key, "offer", amount=str(step))
    assert counted(ada, f"/returns/{key}/") == few <= 50
