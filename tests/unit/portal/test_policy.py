"""The return policy for everybody: what can hold in a shop, by version, in both languages, and nothing of staff."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guicang.kernel import commands
from guicang.kernel.clock import utcnow
from guicang.org.models import Channel, Company, Market, Shop
from guicang.policy import operations
from guicang.policy.queries.public import for_shop
from guicang.policy.queries.summary import INTERNAL
from guicang.policy.rules import TERMS, Statement
from guicang.portal.views import policy as views
from tests.unit.portal.conftest import Visit, browser, buyer
from tests.world import SYSTEM, Sold, World

pytestmark = pytest.mark.django_db

Order = Callable[..., Sold]
SECRET: dict[str, Any] = {
    "approve_below_minor": 4321_00,
    "room_bp": 1234,
    "review_hours": 47,
    "keep_below_minor": 76_54,
}
#: What customers may read of a policy. A new term belongs here or to `summary.INTERNAL`.
OPEN = {
    *("days", "counted_from", "counting", "holidays_extend", "fault_days", "excluded", "conditions"),
    *("requires", "withdrawal", "fields", "lost_shipping", "deposit"),
    *("reasons", "resolutions", "proof", "evidence", "evidence_from_minor", "refund_to", "refund_days", "fees"),
    *("freight_fault", "freight_choice", "shipping_refund", "discount_mode", "gifts", "ship_days"),
    *("answer_days", "answer_then", "repair_days", "advance_days", "advance_then", "refund_when", "refund_parts"),
    "price_match_days",
    "keep_offer_bp",
}


def policy(code: str, scope: Mapping[str, Any] | None = None, **terms: Any) -> dict[str, Any]:
    return {"code": code, "zh": f"政策{code}", "en": f"Policy {code}", "scope": scope or {}, "terms": terms}


def state(world: World, *policies: Mapping[str, Any], days_ago: int = 1, name: str = "ours") -> None:
    at, data = utcnow() - timedelta(days=days_ago), {"currency": "CNY", "policies": list(policies)}
    with transaction.atomic():
        context = commands.begin("test", actor=SYSTEM, now=utcnow(), items=1)
        operations.state_version(context, world.company_id, name=name, effective_from=at, statement=data)


@pytest.fixture
def shop(world: World) -> str:
    caches["rates"].clear()
    return Shop.objects.get(id=world.shop_id).code


def page(shop: str, language: str = "en", **query: str) -> str:
    answer = browser(language).get(f"/my/policy/{shop}/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def data(shop: str, **query: str) -> Any:
    answer = Client().get(f"/my/policy/{shop}.json", query)
    assert answer.status_code == 200
    return answer.json()


def test_every_term_is_for_customers_or_for_staff() -> None:
    assert set(TERMS) - OPEN == INTERNAL


def test_it_says_in_both_languages_what_holds(world: World, shop: str) -> None:
    fee = {"kind": "percent", "value": 1000, "conditions": ["used"]}
    state(
        world,
        policy("fresh", {"categories": ["鲜活"]}, excluded="by_law"),
        policy("vip", {"tiers": ["金牌"]}, days=60),
        policy("all", days=7, counted_from="delivery", refund_days=5, fees=[fee], freight_choice="buyer"),
    )
    english, chinese = page(shop), page(shop, "zh-hans")
    for text in (
        *("7 days", "Counted from the day after the day of delivery.", "Refunded within 5 days", "Policy fresh"),
        *("Categories: 鲜活", "60 days to return.", "A fee of 10 % of the refund", "What cannot come back"),
        *("Change of mind: the buyer pays the way back.", "Version 2", 'href="/my/"'),
    ):
        assert text in english, text
    assert english.index("Policy fresh") < english.index("Policy vip")
    for text in ("7 天", "政策fresh", "不能退的商品", "第 2 版"):
        assert text in chinese, text
    assert "Policy vip" not in chinese


def test_new_goods_sent_first_and_dropped_prices_are_told_to_everybody(world: World, shop: str) -> None:
    """What costs or gives a customer money stands on the page of all, not only where it is an exception."""
    told: dict[str, Any] = {
        "advance_days": 21,
        "advance_then": "charge",
        "price_match_days": 15,
        "lost_shipping": "charge",
        "deposit": "give_back",
    }
    state(world, policy("all", days=7, refund_when="posted", **told))
    english, chinese = page(shop), page(shop, "zh-hans")
    for text in (
        *("the old ones are to be back within 21 days", "not back in time, the new ones are charged"),
        *("Price protection for 15 days after the order.", "the shipping is deducted"),
        "Who cancels a pre-sale gets the deposit back.",
        "Refunded as soon as the parcel number says that the goods were sent.",
    ):
        assert text in english, text
        assert text not in chinese, text


def test_only_what_can_hold_in_the_shop_and_can_be_heard(world: World, shop: str) -> None:
    row = Shop.objects.get(id=world.shop_id)
    channel, market = Channel.objects.get(id=row.channel_id).code, Market.objects.get(id=row.market_id).code
    state(
        world,
        policy("here", {"shops": [shop, "other"], "channels": [channel], "markets": [market]}, refund_days=3),
        policy("there", {"shops": ["other"]}, days=99),
        policy("elsewhere", {"markets": ["XX"]}, days=98),
        policy("platform", {"channels": ["platform-x"]}, days=97),
        policy("all", days=7),
        policy("late", {"brands": ["Acme"]}, days=96, gifts="charge"),
    )
    found = data(shop)
    assert [one["code"] for one in found["statement"]["policies"]] == ["here", "all", "late"]
    # What is said for the whole shop above it is never heard of it again.
    assert found["statement"]["policies"][2]["terms"] == {"gifts": "charge"}
    assert "other" not in json.dumps(found["statement"])
    text = page(shop)
    for days in (96, 97, 98, 99):
        assert f"{days} days" not in text


def test_nothing_of_the_staffs_own_leaks(world: World, shop: str) -> None:
    state(
        world,
        policy("secretly", {"tiers": ["金牌"]}, **SECRET),
        policy("all", days=7, **SECRET),
    )
    found = json.dumps(data(shop), ensure_ascii=False) + page(shop) + page(shop, "zh-hans")
    for said in (*SECRET, "secretly", "4321", "4,321", "12.34", "47 ", "76.54", "1234", "7654"):
        assert said not in found, said
    both = Statement.from_data({"policies": [policy("all", days=7, **SECRET)]})
    assert for_shop(both, shop="a", channel="b", market="c").policies[0].terms.said() == {"days": 7}


def test_an_earlier_version_is_read_by_its_number_and_a_later_one_by_nobody(world: World, shop: str) -> None:
    state(world, policy("all", days=11), days_ago=20, name="first")
    state(world, policy("all", days=22), days_ago=10, name="second")
    state(world, policy("all", days=33), days_ago=-10, name="planned")
    assert "22 days" in page(shop)
    assert "33 days" not in page(shop)
    assert "planned" not in page(shop)
    earlier = page(shop, version="2")
    assert "11 days" in earlier
    assert "An earlier version" in earlier
    assert data(shop, version="2")["effective_until"] == data(shop)["effective_from"]
    for number in ("4", "9", "x", "-1", "²", "9" * 5000):
        assert browser("en").get(f"/my/policy/{shop}/", {"version": number}).status_code == 404
        assert Client().get(f"/my/policy/{shop}.json", {"version": number}).status_code == 404


def test_an_archived_shop_or_company_has_no_page(world: World, shop: str) -> None:
    assert browser("en").get("/my/policy/").headers["Location"] == f"/my/policy/{shop}/"
    Company.objects.filter(id=world.company_id).update(archived_at=utcnow())
    assert browser("en").get(f"/my/policy/{shop}/").status_code == 404
    assert browser("en").get("/my/policy/").status_code == 200
    Company.objects.filter(id=world.company_id).update(archived_at=None)
    Shop.objects.filter(id=world.shop_id).update(archived_at=utcnow())
    assert browser("en").get(f"/my/policy/{shop}/").status_code == 404
    assert Client().get(f"/my/policy/{shop}.json").status_code == 404


def test_several_shops_are_listed(world: World, shop: str) -> None:
    row = Shop.objects.get(id=world.shop_id)
    Shop.objects.create(
        code="second",
        name="Second shop",
        company_id=row.company_id,
        channel_id=row.channel_id,
        market_id=row.market_id,
        currency="CNY",
    )
    text = browser("en").get("/my/policy/").content.decode()
    assert 'href="/my/policy/second/"' in text
    assert f'href="/my/policy/{shop}/"' in text


def test_the_json_can_be_kept_and_asked_for_from_anywhere(world: World, shop: str) -> None:
    client, at = Client(), f"/my/policy/{shop}.json"
    first = client.get(at)
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert first.headers["Cache-Control"] == "public, max-age=300"
    again = client.get(at, headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, again.headers["Access-Control-Allow-Origin"]) == (304, "*")
    assert first.json()["sentences"]["en"]["days"] == 30
    assert first.json()["effective_from"] is None
    assert first.json()["sentences"]["zh"]["for_everything"] != first.json()["sentences"]["en"]["for_everything"]
    state(world, policy("all", days=8))
    assert client.get(at, headers={"if-none-match": first.headers["ETag"]}).status_code == 200


def test_nobody_takes_it_all_day(world: World, shop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "RATE", 2)
    client = browser("en")
    assert [client.get(f"/my/policy/{shop}/").status_code for _ in range(3)] == [200, 200, 429]
    answer = client.get(f"/my/policy/{shop}.json")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60


def test_it_costs_few_statements(world: World, shop: str) -> None:
    for number in range(8):
        state(world, policy("all", days=7 + number), days_ago=20 - number)
    with CaptureQueriesContext(connection) as queries:
        page(shop)
    assert len(queries) <= 7


@pytest.mark.django_db(transaction=True)
def test_orders_and_returns_lead_to_the_version_that_holds_for_them(
    world: World, shop: str, order: Order, visit: Visit
) -> None:
    state(world, policy("all", days=11), days_ago=300, name="first")
    sold = order(customer=buyer())
    state(world, policy("all", days=22), days_ago=1, name="second")
    client, link = visit(sold), f'href="/my/policy/{shop}/?version=2"'
    assert link in client.get("/my/orders/").content.decode()
    assert link in client.get(f"/my/orders/{sold.id}/").content.decode()
    key = world.request(sold, 1)
    assert link in client.get(f"/my/returns/{key}/").content.decode()
