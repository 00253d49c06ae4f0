"""Every page answers, in both languages, in a bounded number of statements, with what people typed escaped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guicang.returns.models import Return
from guicang.trade.facts import CustomerFacts
from tests.unit.desk.conftest import Hire, in_every_state
from tests.world import Sold, World

PAGES = (
    *(
        "/",
        "/me/",
        "/returns/",
        "/orders/",
        "/stock/",
        "/reports/decisions/",
        "/reports/decisions/?since=x&until=2026-02-31&shop=y",
        "/reports/decisions/?since=1999-01-01&until=0001-01-01",
        "/journal/",
        "/journal/?tab=balance",
        "/proofs/",
        "/proofs/?run=1",
        "/imports/",
        "/imports/?kind=stock&after=x",
    ),
    *(
        "/outbox/",
        "/outbox/?state=dead&topic=notice.send&after=x",
        "/webhooks/",
        "/users/",
        "/database/",
        "/account/password/",
        "/account/factors/",
        "/account/sessions/",
    ),
    *(
        "/outbox/",
        "/settings/reasons/",
        "/settings/refunds/",
        "/refunds/",
        "/exchanges/",
        "/exchanges/?show=all&shop=y&q=x",
        "/refunds/?state=paid&overdue=1&way=x&shop=y",
        "/settings/fields/",
        "/imports/profiles/",
        "/persons/?q=nobody",
        "/outbox/?state=dead&topic=notice.send&after=x",
        "/webhooks/",
    ),
    *("/returns/?queue=due", "/returns/?list=goods_differ", "/returns/?q=13800000000&state=requested&overdue=1"),
    *("/returns/?state=nonsense&shop=1&since=x&after=y&sort=z", "/orders/?q=nobody&label=full", "/stock/?q=GOODS"),
)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_answers(language: str, world: World, order: Callable[..., Sold], hire: Hire) -> None:
    returns = in_every_state(world, order)
    ada = hire("admin", language=language)
    sheets = [f"/returns/{key}/" for key in returns.values()]
    sheets += ["/ui/"]
    sheets += [f"/settings/{kind}/" for kind in ("company", "shop", "warehouse", "market", "channel")]
    sheets += [f"/settings/shop/{world.shop_id}/", f"/settings/warehouse/{world.warehouse_id}/"]
    sheets += [f"/returns/{returns['settled']}/receipt/", f"/orders/{order().id}/counter/"]
    for page in (*PAGES, *sheets, f"/orders/{order().id}/", f"/stock/{world.sku_id}/"):
        answer = ada.get(page, follow=page.startswith("/account/factors"))
        assert answer.status_code == 200, page
        assert f'lang="{"zh-CN" if language == "zh-hans" else "en"}"' in answer.content.decode()
    for state, key in returns.items():
        assert Return.objects.get(id=key).state == state


def test_an_empty_company_is_told_the_first_step(hire: Hire) -> None:
    ada = hire("admin")
    assert "Find an order and enter its first return." in ada.get("/returns/").content.decode()
    assert "guicang import orders" in ada.get("/database/").content.decode()


def counted(client: Client, page: str) -> int:
    client.get(page)  # what Django caches for the process
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(page).status_code == 200
    return len(queries)


#: Statements of a page, those of the session (5) included.
MOST = {
    "/settings/numbers/": 10,
    "/ui/": 8,
    "/settings/warehouse/": 10,
    "/settings/shop/": 13,
    "/": 28,
    "/reports/decisions/": 17,
    "/returns/": 21,
    "/orders/": 14,
    "/stock/": 12,
    "/journal/": 14,
    "/drawers/": 13,
    "/refunds/": 20,
}


@pytest.mark.parametrize("page", MOST)
def test_statements_of_a_list_do_not_grow(page: str, world: World, order: Callable[..., Sold], hire: Hire) -> None:
    ada = hire("admin")
    in_every_state(world, order)
    few = counted(ada, page)
    for _ in range(3):
        in_every_state(world, order)
    assert counted(ada, page) == few <= MOST[page]


def test_statements_of_a_return_do_not_grow(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    ada, returns = hire("admin"), in_every_state(world, order)
    assert max(counted(ada, f"/returns/{key}/") for key in returns.values()) <= 53
    assert counted(ada, f"/orders/{order().id}/") <= 30
    assert counted(ada, f"/orders/{order().id}/counter/") <= 33
    assert counted(ada, f"/returns/{returns['settled']}/receipt/") <= 48


def test_what_people_typed_is_shown_and_never_run(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    sold = order(customer=CustomerFacts("evil", personal={"name": evil}))
    key = world.request(sold, 1)
    ada = hire("admin", first_name=evil)
    pages: tuple[Any, ...] = ("/", "/users/", "/returns/", "/orders/", f"/orders/{sold.id}/", f"/returns/{key}/")
    for page in (*pages, f"/returns/?q={evil}", f"/orders/?q={evil}", f"/stock/?q={evil}"):
        shown = ada.get(page).content.decode()
        assert "&lt;script&gt;" in shown, page
        assert "<script>alert" not in shown, page
        assert "<img src=x" not in shown, page


def test_a_pasted_number_opens_what_it_names(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    sold, ada = order(), hire("admin")
    found = world.row(world.authorised(sold, 1))
    for typed in (found.number, found.rma_code):
        assert ada.get("/returns/", {"q": typed}).headers["Location"] == f"/returns/{found.id}/"
    assert ada.get("/orders/", {"q": sold.row.number}).headers["Location"] == f"/orders/{sold.id}/"
