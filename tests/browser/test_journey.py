"""A return as four people live it: a customer on a phone, an agent, a warehouse hand, an accountant.

Once in Chinese without JavaScript, once in English with it; the portal's own test has the other pairs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail
from django.core.cache import cache

from guicang.kernel import worker
from guicang.returns.models import Return
from tests.browser.people import command, fresh, opened, press, say, staff, violations
from tests.journeys.acts import verified
from tests.unit.portal.conftest import EMAIL, buyer
from tests.world import Sold, World

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}


def look(page: Page, scripts: bool) -> None:
    """Nothing scrolls sideways, and axe finds nothing."""
    if scripts:
        assert violations(page) == "", page.url
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, page.url


def code_from_mail() -> str:
    mail.outbox.clear()
    worker.Worker().drain()
    (found,) = {code for sent in mail.outbox for code in re.findall(r"\b\d{6}\b", str(sent.subject))}
    return str(found)


def asks(page: Page, sold: Sold, scripts: bool) -> None:
    """Find the order, prove it, and ask for a return of one unit."""
    page.goto("/my/")
    look(page, scripts)
    page.fill("#number", sold.row.number)
    page.fill("#contact", EMAIL)
    page.get_by_role("button", name=say(page, "Send me the code")).click()
    page.wait_for_url("**/my/code/")
    look(page, scripts)
    page.fill("#code", code_from_mail())
    page.get_by_role("button", name=say(page, "Continue")).click()
    page.wait_for_url("**/my/orders/")
    look(page, scripts)
    page.get_by_role("link", name=say(page, "Return or refund")).click()
    page.locator("a.tile").first.click()
    page.locator(".units").first.select_option("1")
    look(page, scripts)
    page.get_by_role("button", name=say(page, "Continue")).click()
    page.locator("label.choice").first.click()
    look(page, scripts)
    page.get_by_role("button", name=say(page, "See the refund")).click()
    look(page, scripts)
    assert page.locator(".sum").inner_text().endswith("10.00")
    page.get_by_role("button", name=say(page, "Send the request")).click()
    page.wait_for_url("**/my/returns/**")
    look(page, scripts)


@pytest.mark.parametrize(("locale", "scripts"), [("zh-CN", False), ("en-US", True)], ids=["zh plain", "en scripts"])
def test_four_people(
    locale: str, scripts: bool, live_server: Any, browser: Browser, world: World, order: Callable[..., Sold]
) -> None:
    cache.clear()
    staff("agent", "warehouse", "finance")
    sold = order(units=2, customer=buyer())
    reads = {"locale": locale, "java_script_enabled": scripts}
    phone = fresh(browser, live_server, **reads, **PHONE)
    asks(phone, sold, scripts)

    found = Return.objects.get()
    where = f"/returns/{found.id}/"
    agent = opened(browser, live_server, "agent", **reads)
    agent.goto("/returns/?queue=review")
    agent.get_by_role("link", name=found.number).first.click()
    press(agent, "authorise")
    hand = opened(browser, live_server, "warehouse", **reads)
    hand.goto(where)
    press(hand, "receive")
    press(hand, "inspect")
    purse = opened(browser, live_server, "finance", **reads)
    purse.goto(where)
    press(purse, "settle")
    purse.once("dialog", lambda dialog: dialog.accept())  # closing asks first, where scripts run
    press(purse, "close")
    look(purse, scripts)
    assert command(purse, "close") in purse.locator(".timeline").first.inner_text()
    found.refresh_from_db()
    assert (found.state, found.refund_minor) == ("closed", 1000)

    phone.goto("/my/orders/")
    assert found.number in phone.locator("main").inner_text()
    verified()
