"""Giving a gift back: what whoever was given it sees has no price and nothing of the giver."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from guicang.catalog.models import Sku
from guicang.returns.models import GiftCode, Return
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.return_gift import make_slip
from guicang.returns.steps.settle import Settlement, settle
from tests.journeys.acts import SYSTEM, arrive, do, look_at, verified
from tests.unit.portal.conftest import EMAIL, PHONE, Visit, browser, buyer
from tests.world import Sold

pytestmark = pytest.mark.django_db
#: 37.19 each: figures that stand for nothing else on a page.
PRICE = 3719


def sold_as_gift(world: Any, units: int = 2) -> tuple[Sold, str]:
    sold = world.sell(world.facts(units, price_minor=PRICE, customer=buyer(name="giver-77"), number="GIFT-9"))[0]
    Sku.objects.filter(id=world.sku_id).update(name="Linen shirt")
    code = make_slip(sold.id, actor=SYSTEM, now=world.now)
    assert code
    return sold, code


def opened(code: str) -> Client:
    client = browser()
    answer = client.post("/my/gift/", {"number": "GIFT-9", "code": code})
    assert answer.headers["Location"] == "/my/gift/goods/"
    return client


def hides(answer: Any) -> str:
    """The text of a page that shows neither what was paid nor who paid it."""
    text: str = answer.content.decode()
    figures = {"37.19", "3719", "74.38", "7438", "CNY", "¥"}
    assert not {one for one in figures if one in re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", text)}, text
    assert not {one for one in (EMAIL, PHONE, "giver-77", EMAIL.partition("@")[0] + "@") if one in text}
    return text


def send(client: Client, sold: Sold, **more: str) -> Any:
    said = {f"units.{sold.lines[0].id}": "1", "reason": "too_small", "becomes": "refund", "key": "k"}
    return client.post("/my/gift/goods/", {**said, "name": "Mei", "contact": "mei@example.org", **more})


def test_from_the_slip_to_the_credit_without_price_or_giver(world: Any, visit: Visit) -> None:
    sold, code = sold_as_gift(world)
    client = opened(code.lower())
    assert "Linen shirt" in hides(client.get("/my/gift/goods/"))
    answer = send(client, sold)
    key = UUID(answer.headers["Location"].split("/")[3])
    assert Return.objects.get(id=key).gift
    if Return.objects.get(id=key).decision == "pending":
        do(authorise, world, Authorisation(key))
    page = hides(client.get(f"/my/gift/{key}/"))
    assert Return.objects.get(id=key).rma_code in page
    hides(client.post(f"/my/gift/{key}/sent/", {"carrier": "SF", "tracking": "SF1"}, follow=True))
    assert Return.objects.get(id=key).under_way
    arrive(world, key, 1)
    look_at(world, key, (1, "restock"))
    assert "We are preparing your store credit" in hides(client.get(f"/my/gift/{key}/"))
    do(settle, world, Settlement(key))
    verified()
    hides(client.get(f"/my/gift/{key}/"))
    # The pages of buyers are not his: nor is the order.
    for path in ("/my/orders/", f"/my/orders/{sold.id}/", f"/my/returns/{key}/", "/my/credit/"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/my/"), path
    giver = visit(sold)
    number = Return.objects.get(id=key).number
    for path in ("/my/orders/", f"/my/orders/{sold.id}/?type=refund"):
        text = giver.get(path).content.decode()
        assert number not in text
        assert "mei@" not in text
    assert giver.get(f"/my/returns/{key}/").status_code == 404
    assert giver.get(f"/my/gift/{key}/").status_code == 302


def test_wrong_codes_are_told_alike_and_run_out(world: Any) -> None:
    sold, code = sold_as_gift(world)
    client = browser()
    answers = [client.post("/my/gift/", {"number": number, "code": "NOPE"}) for number in ("GIFT-9", "NOT-THERE")]
    assert {answer.status_code for answer in answers} == {422}
    texts = [re.sub(r'(value|csrf)[^>]*"', "", answer.content.decode()) for answer in answers]
    assert texts[0] == texts[1]
    for _ in range(4):
        client.post("/my/gift/", {"number": "GIFT-9", "code": "NOPE"})
    assert client.post("/my/gift/", {"number": "GIFT-9", "code": code}).status_code == 429
    assert GiftCode.objects.get().order_id == sold.id


def test_a_new_slip_shuts_out_who_had_the_old_one(world: Any) -> None:
    sold, code = sold_as_gift(world)
    client = opened(code)
    make_slip(sold.id, actor=SYSTEM, now=world.now)
    assert client.get("/my/gift/goods/").headers["Location"] == "/my/gift/"
    assert send(client, sold).headers["Location"] == "/my/gift/"
    assert not Return.objects.exists()


def test_what_is_missing_is_said_and_what_was_typed_stays(world: Any) -> None:
    sold, code = sold_as_gift(world)
    client = opened(code)
    answer = send(client, sold, contact="12")
    assert answer.status_code == 422
    text = hides(answer)
    assert "Give the name and the e-mail or phone" in text
    assert 'value="Mei"' in text
    assert not Return.objects.exists()


def test_what_comes_in_place_of_a_gift_shows_no_price(world: Any) -> None:
    sold, code = sold_as_gift(world)
    client = opened(code)
    key = UUID(send(client, sold, becomes="exchange").headers["Location"].split("/")[3])
    assert "You get the same item, new." in hides(client.get(f"/my/gift/{key}/"))
