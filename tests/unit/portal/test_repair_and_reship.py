"""A repair, or goods sent once more, asked for by the customer: where it is offered, why, and what he is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guicang.kernel import commands
from guicang.kernel.ids import new_id
from guicang.policy import operations
from guicang.policy.models import ReturnReason
from guicang.portal.views import request as views
from guicang.returns.models import Return, ReturnLine
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.quote_repair import Quote, quote_repair
from guicang.returns.steps.send_out import SendingOut, send_out
from tests.journeys.acts import arrive, do, verified
from tests.unit.portal.conftest import Visit, buyer
from tests.world import NOW, SYSTEM, Sold, World

pytestmark = pytest.mark.django_db(transaction=True)

Order = Callable[..., Sold]


@pytest.fixture(autouse=True)
def _the_hour_of_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "utcnow", lambda: NOW)


def state(world: World, terms: Mapping[str, Any]) -> None:
    with transaction.atomic():
        context = commands.begin("test", actor=SYSTEM, now=NOW, items=1)
        policies = [{"code": "all", "zh": "全部", "en": "All", "terms": {"days": 3000, **terms}}]
        at = NOW - timedelta(days=300)
        statement = {"currency": "CNY", "policies": policies}
        operations.state_version(context, world.company_id, name="ours", effective_from=at, statement=statement)


def shown(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return " ".join(str(answer.content.decode()).split())


def form(sold: Sold, kind: str, reason: str, units: int = 1, **more: str) -> dict[str, str]:
    return {f"units.{sold.lines[0].id}": str(units), "type": kind, "reason": reason, **more}


def send(client: Client, sold: Sold, kind: str, reason: str, units: int = 1) -> tuple[str, Return]:
    """The page before it is sent, and the return that came of it."""
    page = shown(client.post(f"/my/orders/{sold.id}/confirm/", form(sold, kind, reason, units)))
    found = re.search(r'name="key" value="(\w+)"', page)
    assert found
    said = form(sold, kind, reason, units, key=found[1])
    answer = client.post(f"/my/orders/{sold.id}/submit/", said)
    row = Return.objects.get()
    assert answer.headers["Location"] == f"/my/returns/{row.id}/"
    return page, row


def test_a_repair_from_the_request_to_the_answer_to_its_price(world: World, order: Order, visit: Visit) -> None:
    sold = order(units=3, customer=buyer())
    client, at = visit(sold), f"/my/orders/{sold.id}/"
    assert "?type=repair" in shown(client.get(at))
    assert f'name="units.{sold.lines[0].id}"' in shown(client.get(at, {"type": "repair"}))
    why = shown(client.get(f"{at}why/", form(sold, "repair", "")))
    assert 'value="quality"' in why
    assert 'value="changed_mind"' not in why
    assert "See the refund" not in why
    page, row = send(client, sold, "repair", "quality", 2)
    assert "out of warranty we tell you the price, and begin only once you agree" in page
    assert "You get back at most" not in page
    assert "We pay it" in page  # the way back of goods at fault
    assert (row.type, row.entered_by, row.state) == ("repair", "web", "requested")
    line = ReturnLine.objects.get()
    assert (line.resolution, line.kind, line.requested) == ("repair", "goods", 2)
    do(authorise, world, Authorisation(row.id))
    assert "Send the goods back" in shown(client.get(f"/my/returns/{row.id}/"))
    arrive(world, row.id, 2)
    do(inspect, world, Inspecting(row.id, [Part(line.id, 2, "repair")]))
    do(quote_repair, world, Quote(row.id, in_warranty=False, price_minor=5000))
    assert "Shall we repair it?" in shown(client.get(f"/my/returns/{row.id}/"))
    verified()


def test_what_is_missing_is_sent_again_and_nothing_comes_back(world: World, order: Order, visit: Visit) -> None:
    sold = order(units=3, customer=buyer())
    client, at = visit(sold), f"/my/orders/{sold.id}/"
    why = shown(client.get(f"{at}why/", form(sold, "reship", "")))
    assert 'value="missing_part"' in why
    assert 'value="too_small"' not in why
    assert "How are the goods?" not in why
    page, row = send(client, sold, "reship", "missing_part")
    assert "Nothing has to be sent back" in page
    assert "within" not in page
    line = ReturnLine.objects.get()
    assert (row.type, line.kind, line.claimed) == ("reship", "keep", 1)
    do(authorise, world, Authorisation(row.id))
    told = shown(client.get(f"/my/returns/{row.id}/"))
    assert "We are sending goods to you" in told
    assert "Return code" not in told
    do(send_out, world, SendingOut(row.id, "SF", "SF7"))
    assert "SF7" in shown(client.get(f"/my/returns/{row.id}/"))
    assert Return.objects.get().refund_minor == 0
    verified()


@pytest.mark.parametrize("kind", ["repair", "reship"])
@pytest.mark.parametrize("reason", ["changed_mind", "too_small", "other"])
def test_without_a_fault_there_is_neither(kind: str, reason: str, order: Order, visit: Visit) -> None:
    sold = order(units=3, customer=buyer())
    client = visit(sold)
    page = shown(client.post(f"/my/orders/{sold.id}/confirm/", form(sold, kind, reason)), 422)
    assert "Choose a reason." in page
    client.post(f"/my/orders/{sold.id}/submit/", form(sold, kind, reason, key="k"))
    assert not Return.objects.exists()


def test_neither_is_offered_where_no_reason_says_a_fault(world: World, order: Order, visit: Visit) -> None:
    sold = order(units=3, customer=buyer())
    client = visit(sold)
    ReturnReason.objects.filter(company_id=world.company_id, fault__in=["seller", "carrier"]).update(archived_at=NOW)
    page = shown(client.get(f"/my/orders/{sold.id}/"))
    assert "?type=refund" in page
    assert "?type=repair" not in page
    assert "?type=reship" not in page


def test_only_what_the_policy_offers_can_be_asked_for(world: World, order: Order, visit: Visit) -> None:
    state(world, {"resolutions": ["refund", "reship"]})
    sold = order(units=3, customer=buyer())
    client, at = visit(sold), f"/my/orders/{sold.id}/"
    page = shown(client.get(at))
    assert "?type=reship" in page
    for kind in ("repair", "exchange", "refund_only"):
        assert f"?type={kind}" not in page, kind
    answer = client.post(f"{at}submit/", form(sold, "repair", "quality", key="k"))
    assert answer.headers["Location"] == at
    assert not Return.objects.exists()


def test_more_than_is_free_is_refused_in_words(order: Order, visit: Visit) -> None:
    sold = order(units=3, customer=buyer())
    page = shown(visit(sold).post(f"/my/orders/{sold.id}/confirm/", form(sold, "reship", "quality", 9)), 422)
    assert "9 units were asked for and only 3 can still come back." in page


@pytest.mark.parametrize("kind", ["repair", "reship"])
def test_no_amount_makes_it_little_enough_to_go_without_a_person(
    kind: str, world: World, order: Order, visit: Visit
) -> None:
    """Both pay nothing back, which is below any limit: what they give away is goods."""
    state(world, {"approve_below_minor": 5_000, "keep_below_minor": 5_000})
    sold = order(units=3, customer=buyer())
    page, row = send(visit(sold), sold, kind, "quality")
    assert "granted" not in page
    assert (row.state, row.verdict["automatic"], row.verdict["keeps"]) == ("requested", False, False)
    verified()


@pytest.mark.parametrize("kind", ["repair", "reship"])
def test_statements_of_the_pages_are_bounded(kind: str, order: Order, visit: Visit) -> None:
    sold = order(units=9, customer=buyer())
    client, at = visit(sold), f"/my/orders/{sold.id}/"

    def counted(method: str, path: str) -> int:
        getattr(client, method)(at + path, form(sold, kind, "quality", key=new_id().hex))
        with CaptureQueriesContext(connection) as queries:
            answer = getattr(client, method)(at + path, form(sold, kind, "quality", key=new_id().hex))
        assert answer.status_code in (200, 302)
        return len(queries)

    assert counted("get", "") <= 22
    assert counted("get", "why/") <= 22
    assert counted("post", "confirm/") <= 45
    assert counted("post", "submit/") <= 66
    cache.clear()
