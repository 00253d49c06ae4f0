"""Asking for an exchange: what can be chosen and its difference before choosing, and what the pages show after it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from guicang.catalog.models import Sku
from guicang.portal.views import request as views
from guicang.returns.models import Return, Swap
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.exchange import Exchanging, exchange
from guicang.sales.models import Order
from guicang.staff.models import User
from tests.journeys.acts import arrive, do, look_at, verified
from tests.unit.portal.conftest import Visit, buyer
from tests.unit.portal.conftest import browser as browser_of
from tests.world import NOW, Sold, World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _the_hour_of_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "utcnow", lambda: NOW)


def shown(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return str(answer.content.decode())


def test_a_variant_with_its_difference_and_the_order_in_its_place(
    world: World, order: Callable[..., Sold], visit: Visit
) -> None:
    large = world.sku("GOODS-XL")
    Sku.objects.filter(code="GOODS").update(product_id=large, list_price_minor=1000)
    Sku.objects.filter(id=large).update(product_id=large, list_price_minor=1250, variant="XL")
    sold = order(2, customer=buyer())
    browser = visit(sold)
    page = shown(browser.get(f"/my/orders/{sold.id}/?type=exchange"))
    assert "you pay" in page
    assert "2.50" in page
    line = sold.lines[0].id
    said = {f"units.{line}": "1", f"instead.{line}": str(large), "type": "exchange", "reason": "too_small"}
    page = shown(browser.post(f"/my/orders/{sold.id}/confirm/", said))
    assert "Still to be paid" in page
    assert "Your exchange" in page
    found = re.search(r'name="key" value="(\w+)"', page)
    assert found
    answer = browser.post(f"/my/orders/{sold.id}/submit/", {**said, "key": found[1]})
    key = Return.objects.get().id
    assert answer.headers["Location"].endswith(f"/returns/{key}/")
    assert list(Swap.objects.values_list("sku_id", "units", "pricing", "unit_minor")) == [(large, 1, "listed", 1250)]
    do(authorise, world, Authorisation(key))
    arrive(world, key, 1)
    look_at(world, key, (1, "restock"))
    staff = User(username="fay", role="finance", company_id=world.company_id)
    staff.save()
    client = browser_of()
    client.force_login(staff)
    page = shown(client.get(f"/returns/{key}/"))
    assert 'action="/returns/' in page
    assert "/exchange/" in page
    assert "Goods in their place" in page
    do(exchange, world, Exchanging(key))
    new = Order.objects.get(return_id=key)
    page = shown(client.get(f"/returns/{key}/"))
    assert new.number in page
    assert "Mark as collected" in page
    assert client.post(f"/returns/{key}/collect/", {"way": "card", "reference": "slip-7"}).status_code == 302
    assert "slip-7" in shown(client.get(f"/returns/{key}/"))
    assert new.number in shown(browser.get(f"/my/returns/{key}/"))
    verified()


def test_what_was_not_offered_is_the_same_once_more(world: World, order: Callable[..., Sold], visit: Visit) -> None:
    sold, other = order(1, customer=buyer()), world.sku("OTHER")
    line = sold.lines[0].id
    said = {f"units.{line}": "1", f"instead.{line}": str(other), "type": "exchange", "reason": "too_small"}
    page = shown(visit(sold).post(f"/my/orders/{sold.id}/confirm/", said))
    assert "at what was paid" in page
