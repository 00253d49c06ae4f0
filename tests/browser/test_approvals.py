"""A large refund takes two: whoever entered it cannot agree to it, one of the service does, then an approver."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from guicang.returns.models import Return
from tests.browser.people import in_both_themes, opened, press, say, staff
from tests.journeys.acts import verified
from tests.journeys.test_approvals import TWO, a_flow
from tests.world import Sold, World

if TYPE_CHECKING:
    from playwright.sync_api import Browser

OWN = "You entered this request, so somebody else has to decide about it. The return's page says who may."
NOT_YET = "Stage %(stage)s of the approval is for others to decide. The return's page says who may."


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"], ids=["zh", "en"])
def test_two_agree_and_not_who_asked(
    locale: str, live_server: Any, browser: Browser, world: World, order: Callable[..., Sold]
) -> None:
    a_flow(world, TWO, amount_minor=30_000)
    sold = order(units=1, price_minor=59_900)
    staff("agent", "approver", colleague="agent")

    page = opened(browser, live_server, "agent", locale=locale)
    page.goto(f"/orders/{sold.id}/")
    page.locator("input[name^='units.']").fill("1")
    page.select_option("#reason", "too_small")
    page.get_by_role("button", name=say(page, "Enter the return")).click()
    page.get_by_text(say(page, OWN)).first.wait_for()
    where = page.url
    assert page.locator("form[action$='/authorise/']").count() == 0

    phone = opened(browser, live_server, "approver", locale=locale, viewport={"width": 390, "height": 844})
    phone.goto(where)
    phone.get_by_text(say(phone, NOT_YET, stage=1)).first.wait_for()

    page = opened(browser, live_server, "colleague", locale=locale)
    page.goto("/returns/?queue=mine")
    assert page.get_by_role("link", name=Return.objects.get().number).count() == 1
    page.goto(where)
    page.locator("section[aria-labelledby=next] button.primary").click()
    page.get_by_text(say(page, "Noted. Stage %(stage)s of the approval is open now.", stage=2)).wait_for()
    assert in_both_themes(page) == ""
    assert Return.objects.get().state == "requested"

    phone.reload()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    press(phone, "authorise")
    assert Return.objects.get().state == "authorised"
    verified()
