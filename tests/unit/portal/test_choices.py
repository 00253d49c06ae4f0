"""What each choice is worth before one is made: money, store credit with its bonus, goods, a part for keeping it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from guicang.api import bearer
from guicang.desk.views import acts, orders
from guicang.desk.views import returns as desk_returns
from guicang.portal.views import request as views
from guicang.returns.models import Return, ReturnLine
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.request import Request, Wanted, request
from guicang.returns.steps.settle import Settlement, settle
from guicang.sales.models import Order
from tests.journeys.acts import back, codes, do, give, pay, verified
from tests.journeys.test_policies import state
from tests.journeys.test_store_credit import stated
from tests.unit.api.conftest import Program
from tests.unit.api.conftest import program as program  # noqa: PLC0414 - a fixture
from tests.unit.desk.conftest import hire
from tests.unit.portal.conftest import Visit, buyer
from tests.unit.portal.test_request import form, key_of, shown
from tests.world import NOW, Sold, World

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["hire", "program"]


@pytest.fixture(autouse=True)
def _the_hour_of_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (views, acts, orders, desk_returns, bearer):
        monkeypatch.setattr(module, "utcnow", lambda: NOW)


@pytest.fixture
def sold(world: World) -> Sold:
    """Three at 10.00, of a policy with every choice: 5 % bonus on store credit, 20 % for keeping the goods."""
    state(world, {"terms": {"refund_to": "choice", "days": 30, "keep_offer_bp": 2000, "refund_days": 7}})
    stated(world)
    return world.sell(world.facts(3, price_minor=1_000, customer=buyer()))[0]


def kept(sold: Sold, units: int, **more: Any) -> Request:
    wanted = Wanted(sold.lines[0].id, units, "changed_mind", "money_only", money_kind="kept")
    return Request(sold.shop_id, sold.customer_id, [wanted], **more)


def rows_of(page: str) -> list[tuple[str, str]]:
    """(what is chosen between, its worth) of the choices on a page."""
    text = page[page.index("What each choice is worth") :]
    text = re.sub(r"<span class=\"symbol\">.</span>", "", text)
    found = re.findall(r"<strong>([^<]+?) ?(?:<span.*?</span>)?</strong><span class=\"worth\">(.*?)</span></p>", text)
    return [(name.strip(), re.sub(r"<[^>]+>", "", worth).strip()) for name, worth in found]


def test_every_choice_with_its_worth_and_a_way_to_change(world: World, sold: Sold, visit: Visit) -> None:
    client = visit(sold)
    page = shown(client.post(f"/my/orders/{sold.id}/confirm/", form(sold)))
    assert rows_of(page) == [
        ("Send it back for the money", "20.00"),
        ("Send it back for store credit", "21.00"),
        ("Exchange it", "20.00"),
        ("Keep it, for a part of the money", "4.00"),
        ("Money back, and nothing is sent back", "20.00"),
    ]
    # The button's type comes after the hidden one.
    said = {**form(sold), "type": ["refund", "exchange"]}
    page = shown(client.post(f"/my/orders/{sold.id}/confirm/", said))
    assert "Your exchange" in page
    assert [name for name, _ in rows_of(page)][:2] == ["Send it back for the money", "Send it back for store credit"]


def test_who_keeps_it_is_paid_the_part_and_the_rest_when_it_comes_back(world: World, sold: Sold, visit: Visit) -> None:
    client = visit(sold)
    assert "a part of the money back" in shown(client.get(f"/my/orders/{sold.id}/"))
    page = shown(client.post(f"/my/orders/{sold.id}/confirm/", form(sold, type="money_only")))
    said = {**form(sold, type="money_only"), "key": key_of(page)}
    assert client.post(f"/my/orders/{sold.id}/submit/", said).status_code == 302
    key = Return.objects.get().id
    line = ReturnLine.objects.get()
    assert (line.kind, line.money_kind, line.recorded_minor, line.claimed) == ("money", "kept", 400, 0)
    do(authorise, world, Authorisation(key))
    do(settle, world, Settlement(key))
    assert Return.objects.get(id=key).refund_minor == 400
    verified()
    for _ in range(3):
        pay(world, back(world, sold, 1))
    assert Order.objects.get(id=sold.id).refunded_minor == 3_000
    verified()


@pytest.mark.parametrize("units", [0, 4])
def test_no_more_is_offered_than_could_come_back(world: World, sold: Sold, units: int) -> None:
    assert codes(give(request, world, kept(sold, units))[0]) == ["keeping_not_offered"]
    assert not Return.objects.exists()


def test_it_is_asked_for_once_and_while_it_could_come_back(world: World, sold: Sold) -> None:
    late = give(request, world, kept(sold, 1, occurred_at=NOW.replace(year=NOW.year + 1)))[0]
    assert codes(late) == ["keeping_not_offered"]
    do(request, world, kept(sold, 1))
    assert codes(give(request, world, kept(sold, 1))[0]) == ["keeping_asked"]
    state(world, {"terms": {"days": 30}})
    plain = world.sell(world.facts(3, customer=buyer("kim", email="kim@example.org")))[0]
    assert codes(give(request, world, kept(plain, 1))[0]) == ["keeping_not_offered"]


def test_goods_in_a_return_cannot_be_kept_for_money(world: World, sold: Sold) -> None:
    world.request(sold, 3)
    assert codes(give(request, world, kept(sold, 1))[0]) == ["keeping_not_offered"]


def test_staff_enter_where_the_money_goes(world: World, sold: Sold, visit: Visit, hire: Any) -> None:
    client, visitor = hire("agent"), visit(sold)
    said = {f"units.{sold.lines[0].id}": "2", "reason": "changed_mind", "resolution": "refund", "key": "k1"}
    page = shown(client.post(f"/orders/{sold.id}/return/", {**said, "check": "1"}))
    assert ("Send it back for store credit", "21.00") in rows_of(page)
    unsure = client.post(f"/orders/{sold.id}/return/", {**said, "refund_to": "store_credit"})
    assert unsure.status_code == 409
    assert not Return.objects.exists()
    sure = {**said, "refund_to": "store_credit", "consented": "1", "key": "k2"}
    assert client.post(f"/orders/{sold.id}/return/", sure).status_code == 302
    header = Return.objects.get()
    assert (header.refund_to, header.credit_consented) == ("store_credit", True)
    assert "within 7 days of receiving the goods" in shown(client.get(f"/returns/{header.id}/"))
    assert "within 7 days of receiving the goods" in shown(visitor.get(f"/my/returns/{header.id}/"))


def test_credit_and_its_bonus_stand_apart_on_both_pages(
    world: World, sold: Sold, visit: Visit, hire: Any, program: Callable[..., Program]
) -> None:
    visitor, client, reader = visit(sold), hire("agent", name="second"), program("agent")
    key = back(world, sold, 2)
    assert "Refund expected" in shown(client.get(f"/returns/{key}/"))
    due = reader.get(f"/returns/{key}")["refund_expected"]
    assert (due["days"], bool(due["due_at"])) == (7, True)
    do(settle, world, Settlement(key, refund_to="store_credit", consented=True))
    for page in (shown(client.get(f"/returns/{key}/")), shown(visitor.get(f"/my/returns/{key}/"))):
        plain = re.sub(r"<[^>]+>", "", page)
        assert "Store credit ¥20.00" in plain.replace(" ", "").replace("Storecredit", "Store credit ")
        assert "¥1.00bonus" in plain.replace(" ", "")
        assert "Refund expected" not in page
    sheet = reader.get(f"/returns/{key}")
    assert (sheet["store_credit"]["money_minor"], sheet["store_credit"]["bonus_minor"]) == (2_000, 100)
    assert sheet["refund_expected"] is None


def test_programs_read_the_choices_and_say_where_it_goes(
    world: World, sold: Sold, program: Callable[..., Program]
) -> None:
    rosa = program("agent")
    line = {"order_line_id": str(sold.lines[0].id), "units": 2, "reason": "changed_mind"}
    assert rosa.do(f"/orders/{sold.id}/preview", {"lines": [line]})["choices"] == []
    found = rosa.do(f"/orders/{sold.id}/preview", {"lines": [line], "choices": True})["choices"]
    worth = {one["code"]: (one["worth_minor"], one["bonus_minor"]) for one in found}
    assert worth == {
        "refund": (2_000, 0),
        "store_credit": (2_100, 100),
        "exchange": (2_000, 0),
        "money_only": (400, 0),
        "refund_only": (2_000, 0),
    }
    asked = {"order_id": str(sold.id), "lines": [line], "refund_to": "store_credit"}
    assert rosa.do("/returns", {"items": [asked]})["items"][0]["errors"][0]["code"] == "consent_missing"
    made = rosa.do("/returns", {"items": [{**asked, "consented": True}]})["items"][0]
    assert rosa.get(f"/returns/{made['id']}")["refund_to"] == "store_credit"
