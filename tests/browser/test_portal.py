"""A customer on a phone: from the order number to the parcel's number, in both languages, with and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache

from guicang.logistics.models import Parcel
from guicang.returns.models import Return
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.reject import Rejection, reject
from tests.browser.people import LOCALES, fits, go_on, phone, proved, violations
from tests.journeys.acts import do, verified
from tests.unit.portal.conftest import buyer
from tests.world import Sold, World

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet(db: None) -> None:
    cache.clear()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("language", LOCALES)
def test_from_the_order_to_the_parcel(
    language: str, scripts: bool, live_server: Any, browser: Browser, world: World, order: Callable[..., Sold]
) -> None:
    sold = order(units=3, price_minor=1999, customer=buyer())
    page = phone(browser, live_server, language, java_script_enabled=scripts)
    check = fits if scripts else lambda page: None
    proved(page, sold)
    check(page)
    page.locator("main a.button.primary").click()
    check(page)
    page.locator("main a.tile").first.click()
    page.locator("main select").first.select_option("2")
    check(page)
    go_on(page)
    page.check("input[name=reason][value=too_small]", force=True)
    page.check("input[name=condition][value=unused]", force=True)
    page.fill("#words", "有点小 a bit small")
    check(page)
    go_on(page)
    assert "39.98" in page.locator(".sum").inner_text()
    check(page)
    go_on(page)
    page.wait_for_url("**/my/returns/**")
    found = Return.objects.get()
    assert found.number in page.locator("main").inner_text()
    do(authorise, world, Authorisation(found.id))
    page.reload()
    code = world.row(found.id).rma_code
    assert f"{code[:4]}-{code[4:8]}-{code[8:]}" in page.locator(".rma-code").inner_text()
    check(page)
    page.fill("#carrier", "SF")
    page.fill("#tracking", "SF1234567890")
    page.locator("form[action$='/ship/'] button").click()
    page.get_by_text("SF1234567890").wait_for()
    assert Parcel.objects.get().tracking == "SF1234567890"
    verified()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(
    scheme: str, live_server: Any, browser: Browser, world: World, order: Callable[..., Sold]
) -> None:
    sold = order(units=12, customer=buyer())
    granted, refused, asked = world.authorised(sold, 1), world.request(sold, 1), world.request(sold, 1)
    do(reject, world, Rejection(refused, "worn"))
    page = phone(browser, live_server, "zh", color_scheme=scheme)
    found = {}
    page.goto("/my/")
    found["find"] = violations(page)
    proved(page, sold)
    form = f"type=refund&units.{sold.lines[0].id}=1"
    paths = [
        *("/my/orders/", f"/my/orders/{sold.id}/", f"/my/orders/{sold.id}/?type=refund"),
        *(f"/my/orders/{sold.id}/why/?type=refund", f"/my/orders/{sold.id}/why/?{form}"),
        *(f"/my/returns/{granted}/", f"/my/returns/{granted}/slip/", f"/my/returns/{granted}/cancelling/"),
        *(f"/my/returns/{refused}/", f"/my/returns/{asked}/"),
    ]
    for path in paths:
        page.goto(path)
        fits(page)
        found[path] = violations(page)
    page.goto(f"/my/orders/{sold.id}/why/?{form}")
    page.check("input[name=reason][value=quality]", force=True)
    go_on(page)
    found["confirm"] = violations(page)
    page.goto("/my/")
    page.fill("#number", "1")
    page.fill("#contact", "x@example.org")
    go_on(page)
    found["code"] = violations(page)
    assert {path: report for path, report in found.items() if report} == {}
