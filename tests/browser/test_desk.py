"""The desk in a real browser: one return from its request to closing by clicks, and axe on the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from guicang.catalog.models import Sku
from guicang.org.models import Shop, Warehouse
from guicang.returns.models import Return
from tests.browser.people import opened, press, staff, violations
from tests.journeys.acts import back, pay, verified
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
    assert page.locator(".reckoning .sum > summary .amount").inner_text().endswith("10.00")
    press(page, "settle")
    press(page, "close")
    assert Return.objects.get().state == "closed"
    verified()


def test_what_cannot_be_undone_asks_first(
    live_server: Any, browser: Browser, world: World, order: Callable[..., Sold]
) -> None:
    """Escape leaves all as it is and the focus where it was; a missing answer is asked for before the dialog."""
    key = world.request(order(), 1)
    staff("agent")
    page = opened(browser, live_server, "agent")
    page.goto(f"/returns/{key}/")
    card = page.locator("details:has(form[action$='/reject/'])")
    card.locator("summary").click()
    button, dialog = card.locator(".danger"), page.locator("dialog.ask")
    button.click()
    assert not dialog.is_visible()  # the reason is missing
    card.locator("select").select_option("too_late")
    button.click()
    number = Return.objects.get(id=key).number
    assert number in dialog.locator("h2").inner_text()
    assert dialog.locator(".danger").inner_text() == f"拒绝申请 {number}"
    assert dialog.locator(":focus").inner_text() == "保持不变"
    assert violations(page) == ""
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert button.evaluate("one => one === document.activeElement")
    assert Return.objects.get(id=key).state == "requested"
    button.click()
    dialog.locator(".danger").click()
    page.get_by_text("已完成：拒绝申请").wait_for()
    assert Return.objects.get(id=key).state == "rejected"


@pytest.mark.parametrize("scripts", [True, False])
def test_help_opens_by_keyboard(scripts: bool, live_server: Any, browser: Browser, world: World) -> None:
    """On a phone its words lie whole within the screen; Escape closes them where scripts run, the same key always."""
    staff("admin")
    page = opened(browser, live_server, "admin", java_script_enabled=scripts, viewport={"width": 360, "height": 800})
    page.goto("/settings/warehouse/")
    mark, words = page.locator(".help summary"), page.locator(".help p")
    mark.focus()
    page.keyboard.press("Enter")
    box = words.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    if scripts:
        assert violations(page) == ""
    page.keyboard.press("Escape" if scripts else "Enter")
    assert not words.is_visible()
    assert page.locator(":focus").inner_text() == "?"


def test_a_message_of_success_can_be_put_away(live_server: Any, browser: Browser, world: World) -> None:
    """It stands beside the work or above it, never over a button, and an error is none."""
    staff("admin")
    page = opened(browser, live_server, "admin")
    for width in (1440, 360):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"/settings/warehouse/{world.warehouse_id}/")
        page.locator("#name").fill(f"Warehouse {width}")
        page.locator("main .button.primary").click()
        toast = page.locator("[role=status] .toast")
        assert toast.inner_text().strip() == "已保存。"
        box, work = toast.bounding_box(), page.locator("main").bounding_box()
        assert box
        assert work
        assert box["x"] + box["width"] <= work["x"] or box["y"] + box["height"] <= work["y"]
        toast.locator("button").click()
        assert toast.count() == 0
    page.locator("#name").evaluate("one => { one.required = false; one.value = ''; }")
    page.locator("main .button.primary").click()
    page.locator("main [role=alert]").wait_for()
    assert page.locator(".toast").count() == 0


#: What stands beyond the right edge of the page, and amounts and times that break in two.
SPILT = """() => [
  ...(document.documentElement.scrollWidth > innerWidth ? ["the page scrolls sideways"] : []),
  ...[...document.querySelectorAll("main .amount, main time, main th[scope=row] > a")]
    .filter((one) => one.getClientRects().length > 1 || one.getBoundingClientRect().right > innerWidth
      && !one.closest(".table"))
    .map((one) => one.outerHTML.slice(0, 120)),
]"""


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_nothing_spills_however_much_there_is(
    locale: str, live_server: Any, browser: Browser, world: World, order: Callable[..., Sold]
) -> None:
    """Long names without spaces, amounts of twelve digits, a phone, a tablet and a desk."""
    long = "防滑耐磨全天候户外登山徒步鞋" * 3 + "WithoutAnySpaces" * 4
    sold = order(units=2, price_minor=61_728_394_506)
    Sku.objects.update(name=long[:120])
    Shop.objects.update(name=long[:90])
    Warehouse.objects.update(name=long[:90])
    staff("admin")
    key = back(world, sold, 2)
    pay(world, key)
    open_one = world.authorised(order(units=2, price_minor=61_728_394_506), 2)
    page = opened(browser, live_server, "admin", locale=locale)
    found = {}
    for width in (360, 768, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        for path in (
            *("/", "/returns/", f"/returns/{key}/", f"/returns/{open_one}/", "/orders/", f"/orders/{sold.id}/"),
            *(f"/orders/{sold.id}/counter/", f"/returns/{key}/receipt/", "/stock/", f"/stock/{world.sku_id}/"),
            *("/journal/", "/journal/?tab=balance", "/outbox/", "/proofs/?run=1", "/users/", "/settings/shop/"),
            "/reports/decisions/",
        ):
            page.goto(path)
            if spilt := page.evaluate(SPILT):
                found[width, path] = spilt[:3]
    assert found == {}


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
        "/reports/decisions/",
    )
    found = {}
    for path in pages:
        page.goto(path)
        found[path] = violations(page)
    page.context.clear_cookies()
    page.goto("/account/login/")
    found["login"] = violations(page)
    assert {path: report for path, report in found.items() if report} == {}
