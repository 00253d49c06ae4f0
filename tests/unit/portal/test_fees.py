"""Fees and freight are told before anything is sent: as amounts, and as what they are, an estimate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from guicang.api import bearer
from guicang.desk.views import orders as desk
from guicang.desk.views import returns as desk_returns
from guicang.kernel import commands
from guicang.policy import operations
from guicang.portal.views import request as views
from guicang.returns.models import Return
from guicang.returns.steps.settle import Settlement, settle
from guicang.staff.models import User
from tests.journeys.acts import back, verified
from tests.unit.api.conftest import token_of
from tests.unit.desk.conftest import hire
from tests.unit.portal.conftest import Visit, buyer
from tests.world import NOW, SYSTEM, Sold, World

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["hire"]

Order = Callable[..., Sold]
WORN = {"kind": "percent", "value": 1250, "conditions": ["used"], "faults": ["buyer"]}
PER_UNIT = {"kind": "fixed", "value": 150, "per": "unit", "faults": ["buyer"]}


@pytest.fixture(autouse=True)
def _the_hour_of_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (views, desk, desk_returns, bearer):
        monkeypatch.setattr(module, "utcnow", lambda: NOW)


@pytest.fixture(autouse=True)
def _policy(world: World) -> None:
    state(world, {"days": 3000, "fees": [WORN, PER_UNIT], "freight_choice": "buyer"})


def state(world: World, terms: Mapping[str, Any], currency: str = "CNY") -> None:
    with transaction.atomic():
        context = commands.begin("test", actor=SYSTEM, now=NOW, items=1)
        policies = [{"code": "all", "zh": "全部", "en": "All", "terms": terms}]
        at = NOW - timedelta(days=300)
        statement = {"currency": currency, "policies": policies}
        operations.state_version(context, world.company_id, name="ours", effective_from=at, statement=statement)


def confirm(client: Any, sold: Sold, **more: str) -> str:
    said = {f"units.{sold.lines[0].id}": "2", "type": "refund", "reason": "changed_mind", "condition": "used", **more}
    answer = client.post(f"/my/orders/{sold.id}/confirm/", said)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_buyer_reads_them_before_he_sends_it(world: World, order: Order, visit: Visit) -> None:
    sold = order(units=5, price_minor=1999, customer=buyer())
    page = confirm(visit(sold), sold)
    # 12.5 % of 39.98 is 4.9975, half up 5.00; 1.50 for each of two units.
    for text in ("A fee of 12.5 % of the refund where it is", "5.00", "3.00", "An estimate.", "You pay"):
        assert text in page, text
    # 39.98 less both of them.
    for text in ("31.98", "8.00", "are taken off already"):
        assert text in page, text
    assert "Exactly this" not in page


def test_what_each_choice_is_worth_before_he_sends_it(world: World, order: Order, visit: Visit) -> None:
    sold = order(units=5, price_minor=1999, customer=buyer())
    page = confirm(visit(sold), sold).replace('<span class="symbol">¥</span>', "")
    table = page[page.index("What each choice is worth") :]
    table = table[: table.index("</section>")]
    for text in ("Your choice", "31.98", "8.00", "you pay the way", "The goods stay with you"):
        assert text in table, text


def test_nobody_who_was_wronged_pays_any(world: World, order: Order, visit: Visit) -> None:
    sold = order(units=5, customer=buyer())
    page = confirm(visit(sold), sold, reason="quality")
    assert "A fee of" not in page
    assert "Exactly this" in page


def test_a_fixed_amount_in_another_currency_says_nothing(world: World, order: Order, visit: Visit) -> None:
    state(world, {"days": 3000, "fees": [WORN, PER_UNIT]}, currency="EUR")
    sold = order(units=5, price_minor=1999, customer=buyer())
    page = confirm(visit(sold), sold)
    assert "5.00" in page
    assert "8.00" not in page


def test_staff_and_programs_read_the_same(world: World, order: Order, hire: Any) -> None:
    sold = order(units=5, price_minor=1999)
    line = sold.lines[0].id
    rosa = hire("agent", language="en")
    headers = {"authorization": f"Bearer {token_of(User.objects.get(role='agent'))}"}
    item = {"order_line_id": str(line), "units": 2, "reason": "changed_mind", "condition": "used"}
    at = f"/api/v1/orders/{sold.id}/preview"
    answer = rosa.post(at, {"lines": [item]}, content_type="application/json", headers=headers)
    assert [one["amount_minor"] for one in answer.json()["fees"]] == [500, 300]
    assert answer.json()["refund_minor"] == 3198, "settling deducts them"
    key = back(world, sold, 2, reason="changed_mind", condition="used")
    page = rosa.get(f"/returns/{key}/").content.decode()
    assert "A fee of 12.5 % of the refund where it is Used" in page
    (settled,) = settle(settlements=[Settlement(key)], actor=SYSTEM, now=NOW)
    assert not settled.refusals
    header = Return.objects.get(id=key)
    assert header.refund_minor == 3198
    assert sorted(header.lines.get().fees.values()) == [300, 500]
    assert header.settlements.get().fee_minor == 800
    verified()


def test_the_slip_names_them(world: World, order: Order, visit: Visit) -> None:
    sold = order(units=5, customer=buyer())
    client = visit(sold)
    key = world.authorised(sold, 2, reason="changed_mind", condition="unopened")
    page = client.get(f"/my/returns/{key}/slip/").content.decode()
    assert "May be deducted" in page
    assert "A fee of 1.50 CNY a unit" in page
    assert "12.5" not in page
