"""The list of exchanges: open, overdue, ahead, paid; reminding customers; undoing one; the list as a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guicang.api import bearer
from guicang.desk.views import exchanges as views
from guicang.insights import exchanges as insight
from guicang.kernel.actor import Scope
from guicang.kernel.ids import new_id
from guicang.kernel.models import OutboxMessage
from guicang.returns.models import Return
from guicang.returns.operations.asking import Instead
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.collect import Collecting, collect
from guicang.returns.steps.remind import Reminding, remind
from guicang.returns.steps.send_ahead import Ahead, send_ahead
from guicang.sales.models import Order
from tests.journeys.acts import SYSTEM, codes, do, give, verified
from tests.journeys.test_exchange import ask, exchanged, priced, sell_at_80, sent
from tests.unit.api.conftest import Program
from tests.unit.api.conftest import codes as problems
from tests.unit.api.conftest import program as program  # noqa: PLC0414 - a fixture
from tests.unit.desk.conftest import Hire, dump
from tests.world import NOW, World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (views, bearer):
        monkeypatch.setattr(module, "utcnow", lambda: NOW)


@pytest.fixture
def swaps(world: World) -> dict[str, UUID]:
    """An exchange of each kind that the list tells apart, by what it is."""
    want = priced(world, "DEAR", 9000)
    found = {}
    for name in ("open", "late", "paid"):
        found[name], order = exchanged(world, sell_at_80(world), Instead(want, 1))
        if name == "late":
            assert order is not None
            Order.objects.filter(id=order.id).update(ordered_at=NOW - timedelta(days=8))
    do(collect, world, Collecting(found["paid"], "card"))
    found["even"], _ = exchanged(world, sell_at_80(world))
    ahead = ask(world, sell_at_80(world))
    Return.objects.filter(id=ahead).update(type="advance_exchange")
    Return.objects.get(id=ahead).lines.update(resolution="advance_exchange")
    do(authorise, world, Authorisation(ahead))
    do(send_ahead, world, Ahead(ahead))
    return {**found, "ahead": ahead}


def numbers(page: str, swaps: dict[str, UUID]) -> set[str]:
    return {name for name, key in swaps.items() if f"/returns/{key}/" in page}


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", {"open", "late"}),
        ("?show=overdue", {"late"}),
        ("?show=ahead", {"ahead"}),
        ("?show=paid", {"paid", "even"}),
        ("?show=all", {"open", "late", "paid", "even", "ahead"}),
        ("?show=nonsense", {"open", "late"}),
    ],
)
def test_each_stands_where_it_belongs(hire: Hire, swaps: dict[str, UUID], query: str, wanted: set[str]) -> None:
    page = hire("finance").get(f"/exchanges/{query}").content.decode()
    assert numbers(page, swaps) == wanted
    file = b"".join(hire("finance", name="two").get(f"/exchanges/export.csv{query}").streaming_content).decode()  # type: ignore[attr-defined]
    assert len(file.splitlines()) == len(wanted) + 1


def test_found_by_either_number_and_only_by_who_sees_it(hire: Hire, swaps: dict[str, UUID], world: World) -> None:
    header = Return.objects.get(id=swaps["open"])
    for text in (header.number, Order.objects.get(return_id=header.id).number):
        page = hire("finance", name=new_id().hex).get(f"/exchanges/?show=all&q={text}").content.decode()
        assert numbers(page, swaps) == {"open"}
    other = hire("finance", name="other", company_id=world.shop_id).get("/exchanges/?show=all").content.decode()
    assert numbers(other, swaps) == set()


def test_pages_follow_each_other_and_statements_do_not_grow(swaps: dict[str, UUID]) -> None:
    seen, after = [], None
    while True:
        rows, more = insight.listed(Scope(), insight.Filters("all", after=after), NOW, 2)
        seen += [row.return_id for row in rows]
        if not more:
            break
        after = rows[-1].id
    assert (len(seen), set(seen)) == (5, set(swaps.values()))
    for size in (1, 5):
        with CaptureQueriesContext(connection) as queries:
            insight.listed(Scope(), insight.Filters("all"), NOW, size)
        assert len(queries) <= 8


def test_customers_are_told_what_is_open_once_a_day(world: World, hire: Hire, swaps: dict[str, UUID]) -> None:
    client = hire("finance")
    picked = [str(swaps[name]) for name in ("open", "late", "ahead", "even")]
    page = client.post("/exchanges/", {"pick": picked}, follow=True).content.decode()
    assert "2 customers are reminded." in page
    told = [row.body for row in OutboxMessage.objects.filter(body__notice="difference_due")]
    assert [body["data"]["collect"] for body in told] == ["10.60", "10.60"]
    again = give(remind, world, *(Reminding(swaps[name]) for name in ("open", "even", "ahead")))
    assert [codes(one) for one in again] == [["reminded_lately"], ["nothing_to_collect"], ["nothing_to_collect"]]
    (later,) = remind(remindings=[Reminding(swaps["open"])], actor=SYSTEM, now=NOW + timedelta(hours=25))
    assert later.ok
    assert OutboxMessage.objects.filter(body__notice="difference_due").count() == 3
    verified()


def test_nothing_ticked_moves_nothing(hire: Hire, swaps: dict[str, UUID]) -> None:
    client, before = hire("finance"), dump()
    assert "Tick the exchanges" in client.post("/exchanges/", {}, follow=True).content.decode()
    assert dump() == before


def test_undone_on_the_page_of_the_return(world: World, hire: Hire, swaps: dict[str, UUID]) -> None:
    client, key = hire("counter"), swaps["open"]
    assert "Undo the exchange" in client.get(f"/returns/{key}/").content.decode()
    answer = client.post(f"/returns/{key}/undo-exchange/", {"reason": "customer_changed_mind"})
    made = Return.objects.get(linked_id=key)
    assert answer.headers["Location"] == f"/returns/{made.id}/"
    assert "Undo the exchange" not in client.get(f"/returns/{key}/").content.decode()
    order = Order.objects.get(return_id=swaps["late"])
    sent(world, order)
    page = client.get(f"/returns/{swaps['late']}/").content.decode()
    assert "Undo the exchange" not in page
    gone = client.post(f"/returns/{swaps['late']}/undo-exchange/", {"reason": "other"}, follow=True).content.decode()
    assert "left already" in gone


def test_programs_read_remind_and_undo(swaps: dict[str, UUID], program: Callable[..., Program]) -> None:
    cora = program("counter")
    rows = cora.get("/exchanges?show=overdue")["items"]
    assert [(row["return_id"], row["open_minor"], row["overdue"]) for row in rows] == [(str(swaps["late"]), 1060, True)]
    said = {"return_ids": [str(swaps["late"]), str(swaps["even"])]}
    answers = cora.do("/exchanges/remind", said)
    assert [(one["ok"], [why["code"] for why in one["errors"]]) for one in answers] == [
        (True, []),
        (False, ["nothing_to_collect"]),
    ]
    assert cora.get("/exchanges?show=overdue")["items"][0]["reminded_at"]
    cora.do(f"/returns/{swaps['late']}/undo-exchange", {"reason": "customer_changed_mind"})
    again = cora.send("POST", f"/returns/{swaps['late']}/undo-exchange", {"reason": "customer_changed_mind"})
    assert problems(again) == ["replacement_cancelled"]
    assert cora.get("/exchanges?show=overdue")["items"] == []
