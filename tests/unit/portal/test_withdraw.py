"""RULES E8: the withdrawal function, from the public page to the acknowledgement."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.core.cache import caches
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guicang.insights.withdrawals import declared
from guicang.kernel import commands, worker
from guicang.kernel.models import OutboxMessage
from guicang.org.models import Shop
from guicang.policy import operations as policy
from guicang.policy.queries.files import presets
from guicang.portal.acknowledgement import facts_of
from guicang.portal.views import policy as public
from guicang.portal.views import withdraw as views
from guicang.returns.models import Return, ReturnLine
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.trade.facts import LineFacts, ShipmentFacts, ShippedFacts
from tests.journeys.acts import do, dump, verified
from tests.unit.portal.conftest import EMAIL, PHONE, Visit, browser, buyer
from tests.world import NOW, SYSTEM, Sold, World

pytestmark = pytest.mark.django_db(transaction=True)

Order = Callable[..., Sold]
HERE, CONFIRM = "Withdraw from contract here", "Confirm withdrawal"


def right(world: World, preset: str = "eu_withdrawal") -> None:
    with transaction.atomic():
        context = commands.begin("test", actor=SYSTEM, now=NOW, items=1)
        statement = presets()[preset].statement.as_data()
        since = NOW - timedelta(days=4000)
        policy.state_version(context, world.company_id, name=preset, effective_from=since, statement=statement)


@pytest.fixture(autouse=True)
def _the_hour_of_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (views, public):
        monkeypatch.setattr(module, "utcnow", lambda: NOW)
    caches["rates"].clear()


def shown(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return str(answer.content.decode())


def hidden(page: str) -> dict[str, str]:
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    return {name: value for name, value in fields.items() if name == "key"}


def declaration(page: str, sold: Sold, units: int = 2, **more: str) -> dict[str, str]:
    said = {"name": "Lin Example", "contact": "lin-now@example.org", f"units.{sold.lines[0].id}": str(units)}
    return {**hidden(page), **said, **more}


def parcel(world: World, days_ago: int, **units: int) -> ShipmentFacts:
    came = NOW - timedelta(days=days_ago)
    rows = [ShippedFacts(key.removeprefix("l"), count) for key, count in units.items()]
    return ShipmentFacts("1", world.warehouse_id, came - timedelta(days=2), rows, delivered_at=came)


def start(client: Client, sold: Sold, contact: str = EMAIL) -> Any:
    """From the public page: name, order and contact, then the code."""
    mail.outbox.clear()
    said = {"name": "Lin Example", "number": sold.row.number, "contact": contact}
    assert client.post("/my/withdraw/", said).headers["Location"] == "/my/code/"
    worker.Worker().drain()
    (code,) = [code for sent in mail.outbox for code in re.findall(r"\b\d{6}\b", str(sent.subject))]
    return client.post("/my/code/", {"code": code})


def test_from_the_public_page_to_the_acknowledgement(world: World, order: Order) -> None:
    right(world)
    sold, client = order(units=2, customer=buyer(), shipments=[parcel(world, 3, l1=2)]), browser()
    page = shown(client.get(f"/my/policy/{Shop.objects.get(id=world.shop_id).code}/"))
    assert re.search(rf'href="/my/withdraw/">{HERE}<', page)
    assert start(client, sold).headers["Location"] == "/my/withdraw/"
    at = f"/my/orders/{sold.id}/withdraw/"
    assert client.get("/my/withdraw/").headers["Location"] == at
    page = shown(client.get(at))
    assert CONFIRM in page
    for part in ('value="Lin Example"', f'value="{EMAIL}"', "<option selected>2</option>"):
        assert part in page
    assert "reason" not in page.replace("saying why", "")
    assert not Return.objects.exists()
    mail.outbox.clear()
    said = declaration(page, sold)
    first, second = client.post(at, said), client.post(at, said)
    found = Return.objects.get()
    assert first.headers["Location"] == second.headers["Location"] == f"/my/returns/{found.id}/"
    assert (found.withdrawal, found.requested_at, found.entered_by) == (True, NOW, "web")
    assert [(line.kind, line.requested, line.reason) for line in ReturnLine.objects.all()] == [
        ("goods", 2, "withdrawal")
    ]
    worker.Worker().drain()
    (sent,) = mail.outbox
    assert sent.to == ["lin-now@example.org"]
    for part in ("Lin Example", sold.row.number, "GOODS × 2", "2026-11-03 16:00:00 (UTC+08:00)"):
        assert part in sent.body
    assert "/withdrawal.pdf" in shown(client.get(f"/my/returns/{found.id}/"))
    answer = client.get(f"/my/returns/{found.id}/withdrawal.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    said_there = declared(found.id)
    assert said_there
    assert said_there.goods == [("GOODS", 2)]
    text = str(facts_of(said_there))
    for part in ("Lin Example", "lin-now@example.org", sold.row.number, "2026-11-03 16:00:00 (UTC+08:00)"):
        assert part in text
    assert answer.content.startswith(b"%PDF")
    verified()


def test_in_chinese_it_has_its_words(world: World, order: Order, visit: Visit) -> None:
    right(world)
    sold = order(units=2, customer=buyer(), shipments=[parcel(world, 3, l1=2)])
    client = visit(sold, language="zh-hans")
    assert "在此撤回合同" in shown(client.get("/my/orders/"))
    page = shown(client.get(f"/my/orders/{sold.id}/withdraw/"))
    assert "确认撤回" in page
    client.post(f"/my/orders/{sold.id}/withdraw/", declaration(page, sold))
    mail.outbox.clear()
    worker.Worker().drain()
    assert mail.outbox[0].subject == f"我们已收到您的撤回声明：订单 {sold.row.number}"


def test_lines_and_units_are_chosen_and_what_has_not_left_is_cancelled(
    world: World, order: Order, visit: Visit
) -> None:
    right(world)
    world.sku("MORE")
    lines = [LineFacts("1", "GOODS", 3, Decimal(10), 3000), LineFacts("2", "MORE", 2, Decimal(10), 2000)]
    sold = order(customer=buyer(), lines=lines, shipments=[parcel(world, 3, l1=1)], payments=[])
    client, at = visit(sold), f"/my/orders/{sold.id}/withdraw/"
    first, second = sold.lines
    page = shown(client.get(at))
    said = declaration(page, sold, 3, **{f"units.{second.id}": "0"})
    client.post(at, said)
    rows = ReturnLine.objects.order_by("position")
    assert [(row.order_line_id, row.kind, row.requested) for row in rows] == [
        (first.id, "unshipped", 2),
        (first.id, "goods", 1),
    ]
    assert f'name="units.{first.id}"' not in shown(client.get(at))
    do(authorise, world, Authorisation(Return.objects.get().id))
    assert [line.cancelled for line in sold.lines] == [2, 0]
    assert f'name="units.{second.id}"' in shown(client.get(at))
    verified()


def test_what_is_missing_is_said_and_nothing_typed_is_lost(world: World, order: Order, visit: Visit) -> None:
    right(world)
    sold = order(units=2, customer=buyer(), shipments=[parcel(world, 3, l1=2)])
    client, at = visit(sold), f"/my/orders/{sold.id}/withdraw/"
    page = shown(client.post(at, declaration(shown(client.get(at)), sold, 0, name="", contact="no address")), 422)
    for part in ("Give your name.", "Give an e-mail address", "Choose at least one item.", 'value="no address"'):
        assert part in page
    assert not Return.objects.exists()
    assert "Give all three" in shown(client.post("/my/withdraw/", {"name": "x", "number": "", "contact": ""}), 422)


def test_after_the_last_day_and_without_the_right_it_is_not_there(world: World, order: Order, visit: Visit) -> None:
    right(world)
    late = order(units=2, customer=buyer(), shipments=[parcel(world, 30, l1=2)])
    untold = order(units=2, customer=buyer(), shipments=[parcel(world, 30, l1=2)], withdrawal_informed=False)
    client = visit(late, untold)
    page = shown(client.get(f"/my/orders/{late.id}/withdraw/"))
    assert "This contract cannot be withdrawn from now" in page
    assert "ran out" in page
    assert CONFIRM not in page
    said = {"key": "k", "name": "L", "contact": EMAIL, f"units.{late.lines[0].id}": "1"}
    assert client.post(f"/my/orders/{late.id}/withdraw/", said).status_code == 422
    # Who was not told of the right has a year more.
    assert CONFIRM in shown(client.get(f"/my/orders/{untold.id}/withdraw/"))
    assert shown(client.get("/my/withdraw/")).count(f">{HERE}</a>") == 2


def test_where_no_policy_gives_it_nothing_speaks_of_it(world: World, order: Order, visit: Visit) -> None:
    sold = order(units=2, customer=buyer())
    client = visit(sold)
    assert HERE not in shown(client.get("/my/orders/"))
    assert HERE not in shown(client.get(f"/my/orders/{sold.id}/"))
    assert HERE not in shown(client.get(f"/my/policy/{Shop.objects.get(id=world.shop_id).code}/"))
    assert client.get(f"/my/orders/{sold.id}/withdraw/").status_code == 404
    assert "without a right of withdrawal" in shown(client.get("/my/withdraw/"))


def test_a_stranger_learns_nothing_and_keeps_nothing(world: World, order: Order, visit: Visit) -> None:
    """An unknown order looks like a known one; other people's orders and declarations are not there."""
    right(world)
    sold = order(units=2, customer=buyer(), shipments=[parcel(world, 3, l1=2)])
    other = order(units=2, customer=buyer("eve", email="eve@example.org"), shipments=[parcel(world, 3, l1=2)])
    seen = set()
    for number, contact in ((sold.row.number, EMAIL), ("nowhere", EMAIL), (sold.row.number, "x@example.org")):
        client = browser()
        client.get("/my/withdraw/")
        with CaptureQueriesContext(connection) as asked:
            answer = client.post("/my/withdraw/", {"name": "Somebody", "number": number, "contact": contact})
        seen.add((answer.status_code, answer.headers["Location"], len(asked)))
    assert len(seen) == 1
    worker.Worker().drain()
    eve, lin = visit(other, contact="eve@example.org"), visit(sold)
    assert eve.get(f"/my/orders/{sold.id}/withdraw/").status_code == 404
    page = shown(lin.get(f"/my/orders/{sold.id}/withdraw/"))
    lin.post(f"/my/orders/{sold.id}/withdraw/", declaration(page, sold))
    found = Return.objects.get()
    assert eve.get(f"/my/returns/{found.id}/withdrawal.pdf").status_code == 404
    plain = world.request(sold=other, units=1)
    assert eve.get(f"/my/returns/{plain}/withdrawal.pdf").status_code == 404


def test_name_and_contact_stand_nowhere_in_the_clear(world: World, order: Order) -> None:
    right(world)
    sold, client = order(units=2, customer=buyer(), shipments=[parcel(world, 3, l1=2)]), browser()
    start(client, sold)
    page = shown(client.get(f"/my/orders/{sold.id}/withdraw/"))
    client.post(f"/my/orders/{sold.id}/withdraw/", declaration(page, sold))
    for secret in ("Lin Example", "lin-now@example.org"):
        assert secret not in str(dump())
        assert secret not in str(list(OutboxMessage.objects.values_list("body", flat=True)))


def test_a_phone_proves_the_order_and_an_e_mail_is_asked_for(
    world: World, order: Order, capsys: pytest.CaptureFixture[str]
) -> None:
    right(world)
    sold = order(units=2, customer=buyer(), shipments=[parcel(world, 3, l1=2)])
    client = browser()
    client.post("/my/withdraw/", {"name": "Lin Example", "number": sold.row.number, "contact": PHONE})
    worker.Worker().drain()
    (code,) = re.findall(r"\b\d{6}\b", capsys.readouterr().out)
    client.post("/my/code/", {"code": code})
    page = shown(client.get(f"/my/orders/{sold.id}/withdraw/"))
    assert 'value="Lin Example"' in page
    assert PHONE not in page


def test_its_pages_ask_little_of_the_database(world: World, order: Order, visit: Visit) -> None:
    right(world)
    sold = order(units=2, customer=buyer(), shipments=[parcel(world, 3, l1=2)])
    client = visit(sold)
    with CaptureQueriesContext(connection) as asked:
        page = shown(client.get(f"/my/orders/{sold.id}/withdraw/"))
    assert len(asked) <= 26
    client.post(f"/my/orders/{sold.id}/withdraw/", declaration(page, sold))
    with CaptureQueriesContext(connection) as asked:
        client.get(f"/my/returns/{Return.objects.get().id}/withdrawal.pdf")
    assert len(asked) <= 14
