"""Keep it for a part of the money: staff offer at the desk, the customer wants more on the phone, staff accept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache

from guicang.returns.models import Offer, Return
from tests.browser.people import command, fits, in_both_themes, opened, phone, proved, say, staff
from tests.journeys.acts import verified
from tests.journeys.test_policies import state
from tests.unit.portal.conftest import buyer
from tests.world import Sold, World

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet(db: None) -> None:
    cache.clear()


@pytest.mark.parametrize(("language", "locale"), [("zh", "zh-CN"), ("en", "en-US")], ids=["zh", "en"])
def test_an_offer_is_answered_and_agreed_on(
    language: str, locale: str, live_server: Any, browser: Browser, world: World, order: Callable[..., Sold]
) -> None:
    state(world, {"terms": {"days": 30, "room_bp": 3000, "offer_hours": 48}})
    sold = order(units=1, price_minor=20_000, customer=buyer())
    where = f"/returns/{world.request(sold, 1, reason='quality')}/"
    staff("agent")

    desk = opened(browser, live_server, "agent", locale=locale)
    desk.goto(where)
    give(desk, "offer", amount="40")
    desk.locator("#talk").get_by_text("40.00").wait_for()

    customer = phone(browser, live_server, language)
    proved(customer, sold)
    customer.goto(f"/my{where}")
    assert "40.00" in customer.locator(".sum").inner_text()
    customer.get_by_text(say(customer, "Ask for more")).click()
    fits(customer)
    assert in_both_themes(customer) == ""
    customer.fill("#amount", "55")
    customer.get_by_role("button", name=say(customer, "Send it")).click()
    customer.get_by_text(say(customer, "You would keep it for")).wait_for()
    told = customer.locator(".timeline").inner_text()
    for words, amount in ((say(customer, WE), "40.00"), (say(customer, YOU), "55.00")):
        assert any(words in line and amount in line for line in told.splitlines()), told
    fits(customer)

    desk.goto(where)
    assert "55.00" in desk.locator("#talk .timeline li").last.inner_text()
    assert in_both_themes(desk) == ""
    give(desk, "accept_offer")
    desk.get_by_text(say(desk, "Done: %(command)s", command=command(desk, "accept_offer"))).wait_for()
    assert (Return.objects.get().state, Offer.objects.get(number=2).state) == ("authorised", "accepted")
    verified()


WE, YOU = "We offered a part refund for keeping the goods", "You asked for more to keep the goods"


def give(page: Page, name: str, **typed: str) -> None:
    """One of the three commands of the talk's card."""
    form = page.locator(f"#talk form[action$='/{name}/']")
    page.locator(f"#talk details:has(form[action$='/{name}/']) summary").click()
    for field, value in typed.items():
        form.locator(f"[name={field}]").fill(value)
    form.locator("button").click()
    if page.locator("dialog.ask[open]").count():
        page.locator("dialog.ask .danger").click()
