"""A return after it was asked for: what its customer is shown in each state, may do, and may not."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.contrib.staticfiles import finders
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guicang.audit.models import AuditRow
from guicang.kernel.commands import begin
from guicang.kernel.ids import new_id
from guicang.logistics.models import Parcel
from guicang.org.models import Warehouse
from guicang.org.operations import change
from guicang.portal import slip
from guicang.portal.views import request as asking
from guicang.portal.views import returns as views
from guicang.returns.models import Return
from guicang.returns.steps.ask import Question, ask
from guicang.returns.steps.reject import Rejection, reject
from guicang.staff.models import User
from tests.journeys.acts import arrive, back, do, dump, pay, verified
from tests.unit.portal.conftest import Visit, browser, buyer
from tests.world import NOW, SYSTEM, Sold, World

pytestmark = pytest.mark.django_db(transaction=True)

Order = Callable[..., Sold]
EVIL = "<script>alert(1)</script>\"'>"


@pytest.fixture(autouse=True)
def _the_hour_of_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (asking, views):
        monkeypatch.setattr(module, "utcnow", lambda: NOW)


def page(client: Client, key: UUID, rest: str = "") -> str:
    answer = client.get(f"/my/returns/{key}/{rest}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def give(client: Client, key: UUID, command: str, **form: str) -> None:
    answer = client.post(f"/my/returns/{key}/{command}/", form)
    assert answer.headers["Location"] == f"/my/returns/{key}/"


def title(text: str) -> str:
    found = re.search(r"<h1>([^<]*)</h1>", text)
    return found[1].strip() if found else ""


def in_states(world: World, order: Order) -> dict[str, tuple[Sold, UUID]]:
    """One order and return each, by the title that its page has."""
    sold = {name: order(customer=buyer()) for name in "abcdefgh"}
    rejected, asked = world.request(sold["b"], 1), world.request(sold["c"], 1)
    do(reject, world, Rejection(rejected, "worn"))
    do(ask, world, Question(asked, "photo_missing"))
    arrived = world.authorised(sold["e"], 2)
    arrive(world, arrived, 2)
    paid = back(world, sold["g"], 1)
    pay(world, paid)
    return {
        "We are looking at your request": (sold["a"], world.request(sold["a"], 1)),
        "We could not agree to this return": (sold["b"], rejected),
        "Please answer our question": (sold["c"], asked),
        "Send the goods back": (sold["d"], world.authorised(sold["d"], 1)),
        "We are inspecting the goods": (sold["e"], arrived),
        "We are preparing your refund": (sold["f"], back(world, sold["f"], 1)),
        "All done": (sold["g"], paid),
    }


def test_each_state_says_what_happens_next(world: World, order: Order, visit: Visit) -> None:
    found = in_states(world, order)
    for says, (sold, key) in found.items():
        client = visit(sold)
        with CaptureQueriesContext(connection) as queries:
            text = page(client, key)
        assert title(text) == says
        assert len(queries) <= 29, says
        zh = visit(sold, language="zh-hans").get(f"/my/returns/{key}/").content.decode()
        assert says not in zh
        connection.cursor().execute("DELETE FROM guicang_cache")  # so many codes are not asked for in a day


def test_goods_are_sent_back(world: World, order: Order, visit: Visit) -> None:
    sold = order(customer=buyer())
    key = world.authorised(sold, 2)
    client, code = visit(sold), world.row(key).rma_code
    text = page(client, key)
    assert f"{code[:4]}-{code[4:8]}-{code[8:]}" in text
    assert "<svg" in text
    assert '<time datetime="2026-11-' in text
    for rest in ("slip/", "slip.pdf"):
        assert client.get(f"/my/returns/{key}/{rest}").status_code == 200
    give(client, key, "ship", carrier="SF", tracking="SF 123 456")
    give(client, key, "ship", carrier="SF", tracking="SF123456")
    assert Parcel.objects.get().tracking == "SF123456"
    assert Return.objects.get().state == "in_transit"
    text = page(client, key)
    assert title(text) == "Your parcel is on its way to us"
    assert "The parcel was sent" in text
    give(client, key, "ship", tracking=" ")
    assert Parcel.objects.count() == 1
    assert "Enter the parcel number" in page(client, key)


def test_the_customer_is_told_where_to_send_the_goods(world: World, order: Order, visit: Visit) -> None:
    sold = order(customer=buyer())
    key = world.authorised(sold, 1)
    client, name = visit(sold), Warehouse.objects.get().name
    assert name in page(client, key)  # better than nothing, until somebody gives an address
    with transaction.atomic():
        context = begin("settings.warehouse", actor=SYSTEM, now=NOW, items=1)
        change(context, "warehouse", world.warehouse_id, {"return_to": "Desk 5", "return_address": "Harbour Road 7"})
    for where in ("", "slip/"):
        assert "Desk 5 Harbour Road 7" in client.get(f"/my/returns/{key}/{where}").content.decode()


def test_the_slip_is_a_pdf_with_the_names_of_the_goods(world: World, order: Order) -> None:
    facts, goods = [("寄回截止", "2026-11-30")], [("亚麻衬衫 米色 M", 2)]
    paper = slip.Slip("退货单", "店铺", "ABCD-EFGH-K", facts, goods, ["请放入包裹"])
    made = slip.pdf(paper)
    assert made.startswith(b"%PDF")
    assert len(made) < 40_000
    assert made.count(b"/Type /Page\n") == 1
    assert io.BytesIO(made).read(4) == b"%PDF"


def test_a_question_is_answered_and_staff_read_it(world: World, order: Order, visit: Visit) -> None:
    sold = order(customer=buyer())
    key = world.request(sold, 1)
    do(ask, world, Question(key, "photo_missing"))
    client = visit(sold)
    assert "A photo is missing" in page(client, key)
    give(client, key, "answer", words=EVIL)
    assert Return.objects.get().state == "requested"
    desk = browser()
    desk.force_login(User.objects.create(username="rosa", role="agent"))
    for text in (page(client, key), desk.get(f"/returns/{key}/").content.decode()):
        assert "&lt;script&gt;alert(1)" in text
        assert "<script>alert" not in text
    assert not [row for row in AuditRow.objects.all() if "alert" in str(row.__dict__)]
    give(client, key, "answer", words="again")  # nobody asked any more
    assert "Something changed meanwhile" in page(client, key)


def test_a_refusal_is_appealed_once(world: World, order: Order, visit: Visit) -> None:
    sold = order(customer=buyer())
    key = world.request(sold, 1)
    do(reject, world, Rejection(key, "worn"))
    client = visit(sold)
    assert "Worn or used" in page(client, key)
    give(client, key, "appeal", reason="not_worn")
    assert Return.objects.get().state == "requested"
    do(reject, world, Rejection(key, "worn"))
    assert "Ask to decide again" not in page(client, key)


def test_a_return_is_cancelled_after_being_asked(world: World, order: Order, visit: Visit) -> None:
    sold = order(customer=buyer())
    key = world.authorised(sold, 1)
    client = visit(sold)
    assert 'value="kept_after_all"' in page(client, key, "cancelling/")
    assert Return.objects.get().state == "authorised"
    give(client, key, "cancel", reason="kept_after_all")
    assert Return.objects.get().state == "cancelled"
    assert sold.claimed == 0
    text = page(client, key)
    assert title(text) == "This return was cancelled"
    assert 'class="qr"' not in text
    assert client.get(f"/my/returns/{key}/slip.pdf").status_code == 404
    assert client.get(f"/my/returns/{key}/cancelling/").status_code == 302
    verified()


def test_the_refund_is_explained(world: World, order: Order, visit: Visit) -> None:
    sold = order(units=3, price_minor=3333, customer=buyer())
    key = back(world, sold, 2)
    pay(world, key)
    text = page(visit(sold), key)
    assert text.count("66.66") >= 3
    assert "Your refund was paid" in text


def test_returns_of_others_are_not_there(world: World, order: Order, visit: Visit) -> None:
    """Of another customer, and of the same "unknown" customer's other orders; by any address and command."""
    facts = [world.facts(customer=buyer("", email=f"{name}@example.org")) for name in ("one", "two")]
    mine, twin = world.sell(*facts)
    other = order(customer=buyer())
    client = visit(mine, contact="one@example.org")
    theirs = [world.authorised(sold, 1) for sold in (twin, other)]
    before = dump()
    for key in (*theirs, new_id()):
        for rest in ("", "slip/", "slip.pdf", "cancelling/"):
            assert client.get(f"/my/returns/{key}/{rest}").status_code == 404, rest
        for command in ("ship", "answer", "appeal", "cancel", "authorise", "settle"):
            answer = client.post(f"/my/returns/{key}/{command}/", {"reason": "other", "tracking": "X"})
            assert answer.status_code == 404, command
    assert dump() == before


@pytest.mark.parametrize("command", ["authorise", "receive", "inspect", "settle", "close", "expire", "reject", "ask"])
def test_commands_of_staff_are_not_there(command: str, world: World, order: Order, visit: Visit) -> None:
    sold = order(customer=buyer())
    key = world.request(sold, 1)
    client = visit(sold)
    before = dump()
    assert client.post(f"/my/returns/{key}/{command}/", {"reason": "other"}).status_code == 404
    assert dump() == before


def test_forms_from_elsewhere_are_refused(world: World, order: Order, visit: Visit) -> None:
    sold = order(customer=buyer())
    key = world.request(sold, 1)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = visit(sold).cookies
    assert strict.post(f"/my/returns/{key}/cancel/", {"reason": "other"}).status_code == 403
    assert Return.objects.get().state == "requested"


def test_the_whole_way_is_light(world: World, order: Order, visit: Visit) -> None:
    """All pages from finding the order to the sent request, with style and icon once: below 150 kB, uncompressed."""
    sold = order(customer=buyer())
    client, at = visit(sold), f"/my/orders/{sold.id}/"
    form = {f"units.{sold.lines[0].id}": "1", "type": "refund", "reason": "too_small", "key": "k"}
    answers: list[Any] = [browser().get("/my/"), client.get("/my/orders/"), client.get(at)]
    answers += [client.get(f"{at}?type=refund"), client.get(f"{at}why/", form), client.post(f"{at}confirm/", form)]
    answers.append(client.post(f"{at}submit/", form, follow=True))
    key = world.row(Return.objects.get().id).id
    world_page = client.get(f"/my/returns/{key}/")
    static = set(re.findall(r'(?:href|src)="/static/([^"]+)"', world_page.content.decode()))
    files = [finders.find(name) for name in static]
    size = sum(len(answer.content) for answer in answers)
    size += sum(len(open(str(name), "rb").read()) for name in files)  # noqa: SIM115
    assert {"ui/guicang.css", "ui/portal.css"} <= static
    assert size < 150_000, size
