"""Asking for a return: what is shown is what comes of it, nothing is lost, nothing happens twice or to others."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guicang.audit.models import AuditRow
from guicang.kernel.ids import new_id
from guicang.kernel.models import OutboxMessage
from guicang.parties.queries import personal
from guicang.policy.models import ReturnReason
from guicang.portal import gate
from guicang.portal.views import request as views
from guicang.returns.models import Return, ReturnLine
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.staff.models import User
from tests.journeys.acts import dump, verified
from tests.unit.portal.conftest import EMAIL, Visit, ask, browser, buyer
from tests.world import NOW, SYSTEM, Sold, World

pytestmark = pytest.mark.django_db(transaction=True)

Order = Callable[..., Sold]
EVIL = "<script>alert(1)</script>\"'>"


@pytest.fixture(autouse=True)
def _the_hour_of_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "utcnow", lambda: NOW)


def form(sold: Sold, units: int = 2, **more: str) -> dict[str, str]:
    said = {f"units.{sold.lines[0].id}": str(units), "type": "refund", "reason": "too_small", "condition": "unused"}
    return {**said, **more}


def shown(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return str(answer.content.decode())


def key_of(page: str) -> str:
    found = re.search(r'name="key" value="(\w+)"', page)
    assert found
    return found[1]


def send(client: Client, sold: Sold, **more: Any) -> Any:
    """Confirm, then submit what the page carries."""
    page = shown(client.post(f"/my/orders/{sold.id}/confirm/", form(sold, **more)))
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    fields.pop("next", None)
    return client.post(f"/my/orders/{sold.id}/submit/", fields)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_from_the_order_to_the_request(language: str, world: World, order: Order, visit: Visit) -> None:
    sold = order(units=5, price_minor=1999, customer=buyer())
    client, at = visit(sold, language=language), f"/my/orders/{sold.id}/"
    assert f'href="{at}"' in shown(client.get("/my/orders/"))
    assert "?type=refund" in shown(client.get(at))
    assert f'name="units.{sold.lines[0].id}"' in shown(client.get(at, {"type": "refund"}))
    assert 'name="reason" value="too_small"' in shown(client.get(f"{at}why/", form(sold)))
    page = shown(client.post(f"{at}confirm/", form(sold)))
    assert "39.98" in page
    assert not Return.objects.exists()
    send(client, sold)
    found = Return.objects.get()
    assert (found.state, found.entered_by, found.customer_id) == ("requested", "web", sold.customer_id)
    line = ReturnLine.objects.get()
    assert (line.requested, line.reason, line.condition) == (2, "too_small", "unused")
    assert found.number in shown(client.get("/my/orders/"))
    verified()


def test_what_the_buyer_says_is_in_the_vault_alone(world: World, order: Order, visit: Visit) -> None:
    sold = order(customer=buyer())
    client = visit(sold)
    assert EVIL not in shown(client.post(f"/my/orders/{sold.id}/confirm/", form(sold, words=EVIL)))
    client.post(f"/my/orders/{sold.id}/submit/", form(sold, words=EVIL, key="k"))
    found = Return.objects.get()
    (said,) = personal([("return", found.id)])["return", found.id]
    assert (said.kind, said.value) == ("words", EVIL)
    kept = [*AuditRow.objects.all(), *OutboxMessage.objects.all(), *Return.objects.all(), *ReturnLine.objects.all()]
    assert not [row for row in kept if "alert" in str(row.__dict__)]


def test_the_same_form_twice_is_one_return(order: Order, visit: Visit) -> None:
    sold = order(customer=buyer())
    client = visit(sold)
    for _ in range(2):
        assert client.post(f"/my/orders/{sold.id}/submit/", form(sold, key="k")).status_code == 302
    assert Return.objects.count() == 1
    page = shown(client.post(f"/my/orders/{sold.id}/submit/", form(sold, units=1, key="k")), 422)
    assert "sent before with other answers" in page
    assert Return.objects.count() == 1


def test_the_second_click_finds_a_return_that_left_nothing_to_ask_for(order: Order, visit: Visit) -> None:
    sold = order(units=1, customer=buyer())
    client = visit(sold)
    first, second = (client.post(f"/my/orders/{sold.id}/submit/", form(sold, units=1, key="k")) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"] == f"/my/returns/{Return.objects.get().id}/"
    other = client.post(f"/my/orders/{sold.id}/submit/", form(sold, units=1, key="another"))
    assert other.headers["Location"] == f"/my/orders/{sold.id}/"


def test_orders_and_lines_of_others_are_not_there(world: World, order: Order, visit: Visit) -> None:
    """Another customer's, and those of the same "unknown" customer that were not proved."""
    mine, twin = world.sell(
        *(world.facts(customer=buyer("", email=mail)) for mail in ("one@example.org", "two@example.org"))
    )
    other = order(customer=buyer())
    client = visit(mine, contact="one@example.org")
    before = dump()
    for theirs in (twin, other):
        for path, method in (("", "get"), ("why/", "get"), ("why/", "post"), ("confirm/", "post"), ("submit/", "post")):
            answer = getattr(client, method)(f"/my/orders/{theirs.id}/{path}", form(theirs, key="k"))
            assert answer.status_code == 404, (path, method)
        # A foreign line on an order of one's own is no way in either.
        answer = client.post(f"/my/orders/{mine.id}/submit/", form(theirs, key="k"))
        assert answer.headers["Location"] == f"/my/orders/{mine.id}/"
    assert client.get(f"/my/orders/{new_id()}/").status_code == 404
    assert dump() == before


@pytest.mark.parametrize(
    ("more", "page"),
    [
        ({"units": 0}, "Choose at least one item."),
        ({"units": 99}, "99 units were asked for and only 5 can still come back."),
        ({"reason": "no_such"}, "Choose a reason."),
        ({"type": "money_only"}, "Choose at least one item."),
    ],
)
def test_what_is_not_possible_is_said_in_words_and_loses_nothing(
    more: dict[str, Any], page: str, order: Order, visit: Visit
) -> None:
    sold = order(units=5, customer=buyer())
    client = visit(sold)
    before = dump()
    told = shown(client.post(f"/my/orders/{sold.id}/confirm/", form(sold, **{"words": "my words", **more})), 422)
    assert page in told
    if more.get("units") == 99:
        assert 'value="my words"' in told
    assert {**dump(), "sessions.Session": 0} == {**before, "sessions.Session": 0}


def test_who_comes_too_late_is_told_so(order: Order, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    sold = order(customer=buyer())
    client = visit(sold)
    monkeypatch.setattr(views, "utcnow", lambda: NOW + timedelta(days=60))
    page = shown(client.get(f"/my/orders/{sold.id}/"))
    assert "The time for returns ran out on 2026-11-30: 30 days from the day of shipment." in " ".join(page.split())
    assert client.post(f"/my/orders/{sold.id}/submit/", form(sold, key="k")).status_code == 302
    assert not Return.objects.exists()


def test_who_comes_too_late_with_faulty_goods_asks_a_person(
    order: Order, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold = order(customer=buyer())
    client = visit(sold)
    monkeypatch.setattr(views, "utcnow", lambda: NOW + timedelta(days=60))
    assert "a person looks at it" in shown(client.get(f"/my/orders/{sold.id}/"))
    offered = shown(client.get(f"/my/orders/{sold.id}/why/", {**form(sold), "reason": ""}))
    assert 'value="quality"' in offered
    assert 'value="changed_mind"' not in offered
    page = shown(client.post(f"/my/orders/{sold.id}/confirm/", form(sold, reason="quality")))
    assert "Please add pictures" in page
    assert "A person looks at this first" in page
    assert client.post(f"/my/orders/{sold.id}/submit/", form(sold, reason="quality", key="k")).status_code == 302
    assert Return.objects.get().verdict["answer"] == "review"
    verified()


def test_nothing_comes_back_late_where_no_reason_is_the_seller_s_fault(
    world: World, order: Order, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold = order(customer=buyer())
    client = visit(sold)
    ReturnReason.objects.filter(company_id=world.company_id, fault__in=["seller", "carrier"]).update(archived_at=NOW)
    monkeypatch.setattr(views, "utcnow", lambda: NOW + timedelta(days=60))
    page = shown(client.get(f"/my/orders/{sold.id}/"))
    assert "Nothing of this order can come back now" in page
    assert "?type=" not in page


@pytest.mark.parametrize(
    ("language", "forfeited"), [("en", "The earnest deposit of"), ("zh-hans", "取消部分对应的定金")]
)
def test_how_much_of_a_deposit_is_forfeited_is_told_before(
    language: str, forfeited: str, world: World, visit: Visit
) -> None:
    facts = world.facts(3, 0, 5000, deposit_minor=3000, deposit_kind="earnest", customer=buyer())
    facts.payments[0].amount_minor = 3000
    (sold,) = world.sell(facts)
    client, at = visit(sold, language=language), f"/my/orders/{sold.id}/confirm/"
    page = shown(client.post(at, form(sold, type="unshipped", reason="changed_mind")))
    assert forfeited in page
    assert "20.00" in page
    assert not Return.objects.exists()
    # Whoever says that the carrier is late is told that all of it comes back.
    assert forfeited not in shown(client.post(at, form(sold, type="unshipped", reason="late")))


def test_what_was_not_shipped_is_offered_to_be_cancelled(order: Order, visit: Visit) -> None:
    sold = order(units=3, shipped=0, customer=buyer())
    client = visit(sold)
    page = shown(client.get(f"/my/orders/{sold.id}/"))  # the only type is chosen already
    assert f'name="units.{sold.lines[0].id}"' in page
    assert 'value="too_small"' not in shown(client.get(f"/my/orders/{sold.id}/why/", form(sold, type="unshipped")))
    client.post(f"/my/orders/{sold.id}/submit/", form(sold, type="unshipped", reason="late", key="k"))
    assert ReturnLine.objects.get().kind == "unshipped"


def test_a_form_outlives_its_session(order: Order, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    sold = order(customer=buyer())
    client = visit(sold)
    with monkeypatch.context() as patch:
        patch.setattr(gate, "utcnow", lambda: NOW + timedelta(days=365))
        answer = client.post(f"/my/orders/{sold.id}/submit/", form(sold, words="kept words", key="k"))
        assert answer.headers["Location"] == "/my/"
        assert "is kept" in shown(client.get("/my/"))
    assert not Return.objects.exists()
    code = ask(client, sold.row.number)
    assert client.post("/my/code/", {"code": code}).headers["Location"] == "/my/resume/"
    page = shown(client.get("/my/resume/"))
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    assert fields["words"] == "kept words"
    client.post(f"/my/orders/{sold.id}/submit/", fields)
    assert Return.objects.get().state == "requested"


def picture() -> SimpleUploadedFile:
    return SimpleUploadedFile("shoe.png", b"any", "image/png")


def test_pictures_that_cannot_be_kept_are_never_lost_in_silence(
    order: Order, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the session ran out, and where the request was refused."""
    sold = order(units=5, customer=buyer())
    client = visit(sold)
    with monkeypatch.context() as patch:
        patch.setattr(gate, "utcnow", lambda: NOW + timedelta(days=365))
        client.post(f"/my/orders/{sold.id}/submit/", {**form(sold, units=1, key="k"), "picture": picture()})
    client.post("/my/code/", {"code": ask(client, sold.row.number)})
    page = shown(client.get("/my/resume/"))
    assert "The pictures you chose could not be kept" in page
    assert 'name="picture" type="file"' in page
    assert 'enctype="multipart/form-data"' in page
    refused = form(sold, units=99, key="k")
    page = shown(client.post(f"/my/orders/{sold.id}/submit/", {**refused, "picture": picture()}), 422)
    assert "choose the pictures again" in page
    assert "choose the pictures again" not in shown(client.post(f"/my/orders/{sold.id}/submit/", refused), 422)


def test_who_is_asked_to_prove_first_comes_back_to_his_page(world: World, order: Order, visit: Visit) -> None:
    """As whoever follows the link of a notice, or let the session run out between two pages; others' stay closed."""
    sold, other = order(customer=buyer()), order(customer=buyer("other", email="other@example.org"))
    key, theirs = world.request(sold, 1), world.request(other, 1)
    asked = (f"/my/orders/{sold.id}/why/?type=refund&units.{sold.lines[0].id}=1", f"/my/returns/{key}/")
    for path in asked:
        client = browser()
        assert client.get(path).headers["Location"] == "/my/"
        assert client.post("/my/code/", {"code": ask(client, sold.row.number)}).headers["Location"] == path
    for path in (f"/my/returns/{theirs}/", f"/my/orders/{other.id}/", f"/my/returns/{new_id()}/", "/my/orders/"):
        cache.clear()  # how often one may ask is not what is asked here
        client = browser()
        client.get(path)
        code = ask(client, sold.row.number)
        assert client.post("/my/code/", {"code": code}).headers["Location"] == "/my/orders/", path


@pytest.mark.parametrize(
    ("reason", "pays"), [("quality", "We pay it"), ("late", "We pay it"), ("too_small", "You pay it")]
)
def test_who_pays_for_sending_back_is_said_before_and_after(
    reason: str, pays: str, world: World, order: Order, visit: Visit
) -> None:
    sold = order(customer=buyer())
    client = visit(sold)
    assert pays in shown(client.post(f"/my/orders/{sold.id}/confirm/", form(sold, reason=reason)))
    client.post(f"/my/orders/{sold.id}/submit/", form(sold, reason=reason, key="k"))
    key = Return.objects.get().id
    authorise(authorisations=[Authorisation(key)], actor=SYSTEM, now=world.now)
    for page in (f"/my/returns/{key}/", f"/my/returns/{key}/slip/"):
        assert pays in shown(client.get(page)), page
    assert "Postage" not in shown(client.post(f"/my/orders/{sold.id}/confirm/", form(sold, type="refund_only")))


def test_a_kept_form_of_somebody_else_stays_closed(world: World, order: Order, visit: Visit) -> None:
    """What was kept is sent under what is proved now."""
    mine, other = order(customer=buyer()), order(customer=buyer("other", email="other@example.org"))
    client = browser()
    client.post(f"/my/orders/{other.id}/submit/", form(other, key="k"))
    client.post("/my/code/", {"code": ask(client, mine.row.number, EMAIL)})
    assert client.post(f"/my/orders/{other.id}/submit/", form(other, key="k")).status_code == 404
    assert not Return.objects.exists()


def test_forms_from_elsewhere_are_refused(order: Order, visit: Visit) -> None:
    sold = order(customer=buyer())
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = visit(sold).cookies
    assert strict.get("/my/orders/").status_code == 200
    assert strict.post(f"/my/orders/{sold.id}/submit/", form(sold, key="k")).status_code == 403
    assert not Return.objects.exists()


def test_statements_of_the_pages_are_bounded(world: World, order: Order, visit: Visit) -> None:
    sold = order(units=9, customer=buyer())
    client, at = visit(sold), f"/my/orders/{sold.id}/"

    def counted(method: str, path: str) -> int:
        getattr(client, method)(at + path, form(sold, key=new_id().hex))
        with CaptureQueriesContext(connection) as queries:
            assert getattr(client, method)(at + path, form(sold, key=new_id().hex)).status_code in (200, 302)
        return len(queries)

    assert counted("get", "") <= 22
    assert counted("get", "why/") <= 22
    assert counted("post", "confirm/") <= 74
    assert counted("post", "submit/") <= 68
    cache.clear()


def test_staff_read_what_the_customer_said(order: Order, visit: Visit) -> None:
    sold = order(customer=buyer())
    visit(sold).post(f"/my/orders/{sold.id}/submit/", form(sold, words=EVIL, key="k"))
    user = User.objects.create(username="rosa", role="agent")
    desk = browser()
    desk.force_login(user)
    page = shown(desk.get(f"/returns/{Return.objects.get().id}/"))
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "Opened, not used" in page
