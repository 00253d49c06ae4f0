"""Clocks and risk before a browser: an agent sees by when and why; a manager puts the customer on a list and off it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from guicang.returns.models import Return, RiskListing
from guicang.returns.rules import label
from guicang.returns.steps import tick
from guicang.returns.steps.deadline import Deadline, set_deadlines
from tests.browser.people import in_both_themes, opened, say, staff
from tests.journeys.acts import do, verified
from tests.journeys.test_policies import state
from tests.journeys.test_risk import only, watch
from tests.unit.portal.conftest import buyer
from tests.world import NOW, Sold, World

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOUR = timedelta(hours=1)
#: In the reader's zone, eight hours ahead of `NOW`'s.
REVIEWED_BY, PLATFORM_BY = "2026-11-05 16:00", "2026-11-04 12:00"


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"], ids=["zh", "en"])
def test_by_when_and_why(
    locale: str, live_server: Any, browser: Browser, world: World, order: Callable[..., Sold]
) -> None:
    state(world, {"terms": {"days": 30, "review_hours": 48, "review_then": "escalate", "warn_hours": 47}})
    watch(world, threshold=10, weights=only("velocity", 10, 40, 2))
    sold = order(units=2, customer=buyer())
    world.request(sold, 1)
    key = world.request(sold, 1)
    do(set_deadlines, world, Deadline(key, NOW + 20 * HOUR, "approve"))
    tick.warn_due(NOW + HOUR)
    staff("agent", "approver")

    page = opened(browser, live_server, "agent", locale=locale)
    page.goto(f"/returns/{key}/")
    head = page.locator("section.head").inner_text()
    for words in (REVIEWED_BY, PLATFORM_BY, say(page, "then it is escalated")):
        assert words in head, words
    risk = page.locator("section.card", has=page.get_by_role("heading", name=say(page, "Risk"), exact=True))
    reasons = risk.inner_text()
    for words in ("+10", say(page, "%(times)s requests within a few weeks.") % {"times": 2}, say(page, "High risk")):
        assert words in reasons, words
    assert risk.get_by_role("link").count() == 0  # who may not decide on lists is not led there
    assert in_both_themes(page) == ""
    page.goto("/returns/?risky=1")
    assert page.locator("tbody tr").count() == 1

    page = opened(browser, live_server, "approver", locale=locale, viewport={"width": 390, "height": 844})
    page.goto(f"/returns/{key}/")
    page.get_by_role("link", name=say(page, "Put the customer on a list")).click()
    assert page.locator("#number").input_value() == Return.objects.get(id=key).number
    page.select_option("#kind", "block")
    page.select_option("#reason", "swapped_goods")
    until = (max(NOW, datetime.now(UTC)) + timedelta(days=30)).date().isoformat()
    page.fill("#until", until)
    page.get_by_role("button", name=say(page, "Put on the list")).click()
    row = page.locator("tbody tr", has_text=until)
    row.wait_for()
    assert label("swapped_goods", locale[:2]) in row.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert in_both_themes(page) == ""
    row.get_by_role("button").click()
    page.get_by_text(say(page, "Nobody is on a list.")).wait_for()
    assert RiskListing.objects.get().ended
    verified()
