"""The desk in a real browser: one return from its request to closing by clicks, and axe on the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from guicang.returns.models import Return
from tests.browser.people import opened, press, staff, violations
from tests.journeys.acts import verified
from tests.receiver import endpoint
from tests.world import Sold, World

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_a_return_by_clicks(live_server: Any, browser: Browser, world: World, order: Callable[..., Sold]) -> None:
    sold = order(units=2)
    staff("agent", "warehouse", "finance")
    page = opened(browser, live_server, "agent")
    page.goto("/orders/")
    page.fill("#q", sold.row.number)
    page.get_by_role("button", name="查询", exact=True).click()
    page.get_by_label("本次退").fill("1")
    page.get_by_role("button", name="录入退货单").click()
    page.get_by_text("退货单已录入").wait_for()
    where = page.url
    press(page, "authorise")

    page = opened(browser, live_server, "warehouse")
    page.goto(where)
    press(page, "receive")
    press(page, "inspect")

    page = opened(browser, live_server, "finance")
    page.goto(where)
    assert page.locator(".total").inner_text().endswith("10.00")
    press(page, "settle")
    page.once("dialog", lambda dialog: dialog.accept())  # closing asks first
    press(page, "close")
    assert Return.objects.get().state == "closed"
    verified()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(
    scheme: str, live_server: Any, browser: Browser, world: World, order: Callable[..., Sold]
) -> None:
    staff("admin")
    sold = order()
    key = world.authorised(sold, 2)
    page = opened(browser, live_server, "admin", color_scheme=scheme)
    pages = (
        *("/", "/returns/", f"/returns/{key}/", f"/orders/{sold.id}/", "/users/", "/outbox/", "/webhooks/"),
        *(f"/webhooks/{endpoint(world)}/", "/account/factors/"),
        *("/ui/", "/settings/warehouse/", f"/settings/warehouse/{world.warehouse_id}/", "/settings/numbers/"),
        *(f"/orders/{sold.id}/counter/", "/stock/", "/journal/?tab=balance"),
    )
    found = {}
    for path in pages:
        page.goto(path)
        found[path] = violations(page)
    page.context.clear_cookies()
    page.goto("/account/login/")
    found["login"] = violations(page)
    assert {path: report for path, report in found.items() if report} == {}
