"""Finding an order: who may see it, what nobody is told, and what guessing costs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guicang.kernel import worker
from guicang.kernel.clock import utcnow
from guicang.kernel.models import Command, OutboxMessage
from guicang.portal import gate, proving
from tests.unit.portal.conftest import EMAIL, PHONE, Visit, ask, browser, buyer
from tests.world import Sold, World, another_world

pytestmark = pytest.mark.django_db(transaction=True)

Order = Callable[..., Sold]


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_number_a_contact_and_a_code_open_the_order(language: str, world: World, order: Order, visit: Visit) -> None:
    sold = order(customer=buyer())
    shown = page(visit(sold, language=language), "/my/orders/")
    assert sold.row.number in shown
    assert "GOODS" in shown
    assert f'lang="{"zh-CN" if language == "zh-hans" else "en"}"' in shown


def test_a_return_is_found_by_its_number_and_its_rma_code(world: World, order: Order, visit: Visit) -> None:
    sold = order(customer=buyer())
    found = world.row(world.authorised(sold, 1))
    for typed in (found.number, found.rma_code, f"{found.rma_code[:4]}-{found.rma_code[4:]}".lower()):
        client = browser()
        assert client.post("/my/code/", {"code": ask(client, typed)}).status_code in (200, 302)
        assert found.number in page(client, "/my/orders/")


def test_an_order_of_nobody_known_is_found_by_its_own_contact_and_opens_no_other(world: World, visit: Visit) -> None:
    """The shop's customer "unknown" is everybody: one of them sees his order and not theirs."""
    facts = [world.facts(customer=buyer("", email=f"{name}@example.org")) for name in ("one", "two")]
    mine, other = world.sell(*facts)
    assert mine.customer_id == other.customer_id
    returned = world.row(world.request(other, 1))
    shown = page(visit(mine, contact="one@example.org"), "/my/orders/")
    assert mine.row.number in shown
    assert other.row.number not in shown
    assert returned.number not in shown


def test_a_phone_gets_a_text_message(order: Order, capsys: pytest.CaptureFixture[str]) -> None:
    client, sold = browser(), order(customer=buyer())
    assert ask(client, sold.row.number, f"+86 {PHONE}") == ""  # no mail
    said = capsys.readouterr().out
    assert said.startswith(f"phone +86 {PHONE}: ")
    (code,) = re.findall(r"\b\d{6}\b", said)
    assert client.post("/my/code/", {"code": code}).headers["Location"] == "/my/orders/"


def test_nobody_is_told_whether_there_is_such_an_order(world: World, order: Order) -> None:
    """Same status, address, text and number of statements, at the question and at a wrong code."""
    real, masked = order(customer=buyer()), order(customer=buyer("m", email="m***@example.org"))
    asked = {
        "right": (real.row.number, EMAIL),
        "no order": ("no-such-order", EMAIL),
        "other contact": (real.row.number, "other@example.org"),
        "masked": (masked.row.number, "m***@example.org"),
    }
    seen = {}
    for name, (number, contact) in asked.items():
        client = browser()
        client.get("/my/")
        with CaptureQueriesContext(connection) as queries:
            answer = client.post("/my/", {"number": number, "contact": contact})
        with CaptureQueriesContext(connection) as later:
            wrong = client.post("/my/code/", {"code": "nonsense"})
        text = re.sub(r'value="\w{64}"', "", wrong.content.decode())
        seen[name] = (answer.status_code, answer.headers["Location"], len(queries), wrong.status_code, text, len(later))
    assert len(set(seen.values())) == 1, {name: (row[0], row[1], row[2], row[3], row[5]) for name, row in seen.items()}
    mail.outbox.clear()
    worker.Worker().drain()
    assert [sent.to for sent in mail.outbox] == [[EMAIL]]


def test_neither_queue_nor_cache_nor_trail_holds_number_contact_or_code(order: Order) -> None:
    sold, client = order(customer=buyer(), number="N-77-88-99"), browser()
    code = ask(client, "N-77-88-99")
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM guicang_cache")
        rows = [str(row) for (row,) in cursor.fetchall()]
    rows += [str(row.__dict__) for row in (*OutboxMessage.objects.all(), *Command.objects.filter(name="portal.ask"))]
    assert rows
    assert not [row for row in rows if EMAIL in row or sold.row.number in row or f"'{code}'" in row]


def test_a_code_is_tried_five_times(order: Order) -> None:
    sold, client = order(customer=buyer()), browser()
    code = ask(client, sold.row.number)
    for _ in range(proving.TRIES):
        assert client.post("/my/code/", {"code": "000000" if code != "000000" else "111111"}).status_code == 422
    assert client.post("/my/code/", {"code": code}).status_code == 422
    assert client.get("/my/orders/").headers["Location"] == "/my/"


def test_a_code_counts_once_and_in_its_own_session_alone(order: Order) -> None:
    sold, client, thief = order(customer=buyer()), browser(), browser()
    code = ask(client, sold.row.number)
    assert ask(thief, sold.row.number, "thief@example.org") == ""
    assert thief.post("/my/code/", {"code": code}).status_code == 422
    asked = client.session["portal.asked"]
    before = client.session.session_key
    assert client.post("/my/code/", {"code": code}).status_code == 302
    assert client.session.session_key != before
    session = client.session
    session["portal.asked"] = asked
    session.save()
    assert client.post("/my/code/", {"code": code}).status_code == 422


def test_a_code_is_valid_for_ten_minutes(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    sold, client = order(customer=buyer()), browser()
    code = ask(client, sold.row.number)
    assert code
    with connection.cursor() as cursor:
        cursor.execute("UPDATE guicang_cache SET expires = '2020-01-01 00:00:00'")
    assert client.post("/my/code/", {"code": code}).status_code == 422
    monkeypatch.setattr(proving, "VALID_FOR", timedelta(0))
    assert ask(browser(), sold.row.number) == ""  # nor is one sent after its time


def test_asking_is_limited_by_contact_and_by_address(order: Order) -> None:
    sold = order(customer=buyer())
    for _ in range(3):
        ask(browser(), sold.row.number)
    form = {"number": sold.row.number, "contact": EMAIL.upper()}
    answer = browser().post("/my/", form)
    assert answer.status_code == 429
    assert sold.row.number in answer.content.decode()  # what was typed stays
    for turn in range(26):  # the refused one counted
        ask(browser(), "x", f"{turn}@example.org")
    assert browser().post("/my/", {"number": "x", "contact": "new@example.org"}).status_code == 429
    assert browser().post("/my/", form, REMOTE_ADDR="10.9.8.7").status_code == 429


def test_what_was_proved_ends_after_twelve_hours_and_when_one_leaves(
    order: Order, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = visit(order(customer=buyer()))
    later = utcnow() + gate.PROVED_FOR
    with monkeypatch.context() as patch:
        patch.setattr(gate, "utcnow", lambda: later)
        assert client.get("/my/orders/").status_code == 302
    assert client.get("/my/orders/").status_code == 200
    client.post("/my/leave/")
    assert client.get("/my/orders/").status_code == 302


def test_two_shops_with_one_number_open_the_order_of_the_contact(world: World, order: Order, visit: Visit) -> None:
    theirs = another_world()
    mine = order(customer=buyer(), number="SAME")
    theirs.sell(theirs.facts(customer=buyer("else", email="else@example.org"), number="SAME"))
    assert page(visit(mine), "/my/orders/").count("<section") == 1


def test_forms_from_elsewhere_are_refused(order: Order) -> None:
    client = Client(enforce_csrf_checks=True)
    for address in ("/my/", "/my/code/", "/my/leave/"):
        assert client.post(address, {"number": "1", "contact": "a@b.c"}).status_code == 403


def test_what_is_typed_is_shown_and_never_run(order: Order, visit: Visit) -> None:
    evil = "<script>alert(1)</script>\"'>"
    shown = browser().post("/my/", {"number": evil, "contact": ""}).content.decode()
    assert "&lt;script&gt;" in shown
    assert "<script>alert" not in shown


def test_statements_do_not_grow_with_orders(world: World, order: Order, visit: Visit) -> None:
    def counted(client: Client) -> int:
        client.get("/my/orders/")
        with CaptureQueriesContext(connection) as queries:
            page(client, "/my/orders/")
        return len(queries)

    orders = [order(customer=buyer()) for _ in range(3)]
    for sold in orders:
        world.request(sold, 1)
    one, all_ = counted(visit(orders[0])), counted(visit(*orders[1:]))
    assert one == all_ <= 9
