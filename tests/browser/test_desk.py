"""The desk in a real browser: one return from its request to closing by clicks, and axe on the pages.

Once, on SQLite: what differs between the engines lies below the pages.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from guicang.desk.views import acts, orders, returns
from guicang.returns.models import Return
from guicang.staff.models import User
from tests.journeys.acts import verified
from tests.receiver import endpoint
from tests.world import NOW, Sold, World

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MISSING = "" if CHROMIUM else "no chromium on PATH"
PASSWORD = "a long enough one"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, reset_sequences=False),
    pytest.mark.skipif(os.environ["GUICANG_TEST_ENGINE"] != "sqlite", reason="the browser runs once, with SQLite"),
    pytest.mark.skipif(bool(MISSING) and os.environ.get("CI") != "true", reason=MISSING or "there"),
]


@pytest.fixture(autouse=True)
def _the_hour_of_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is a thread of this process; its goods were shipped at an hour that is long past on real clocks."""
    for module in (acts, orders, returns):
        monkeypatch.setattr(module, "utcnow", lambda: NOW)


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    assert CHROMIUM, MISSING
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright runs a loop in this thread
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield chromium
        chromium.close()


def opened(browser: Browser, live_server: Any, user: str, **options: Any) -> Page:
    """A page of somebody who has signed in by typing."""
    context = browser.new_context(base_url=live_server.url, locale="zh-CN", **options)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto("/account/login/")
    page.fill("[name=login]", user)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(re.compile(r"/$"))
    return page


def staff(*roles: str) -> None:
    for role in roles:
        user = User(username=role, role=role)
        user.set_password(PASSWORD)
        user.save()


def press(page: Page, button: str) -> None:
    page.locator("section[aria-labelledby=next]").get_by_role("button", name=button, exact=True).click()
    page.get_by_text(f"已完成：{button}").wait_for()


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
    press(page, "同意退货")

    page = opened(browser, live_server, "warehouse")
    page.goto(where)
    press(page, "收货")
    press(page, "检验")

    page = opened(browser, live_server, "finance")
    page.goto(where)
    assert page.locator(".total").inner_text().endswith("10.00")
    press(page, "结算退款")
    page.once("dialog", lambda dialog: dialog.accept())  # closing asks first
    press(page, "完结")
    assert Return.objects.get().state == "closed"
    verified()


def violations(page: Page) -> str:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page)
    return str(found.generate_report()) if found.violations_count else ""


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
