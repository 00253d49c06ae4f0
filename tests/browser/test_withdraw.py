"""RULES E8 on a phone: the whole withdrawal, in both languages, with and without scripts, and without barriers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail
from django.core.cache import cache

from guicang.kernel import worker
from guicang.org.models import Shop
from guicang.returns.models import Return
from guicang.trade.facts import ShipmentFacts, ShippedFacts
from tests.browser.people import LOCALES, fits, go_on, phone, violations
from tests.journeys.acts import verified
from tests.unit.portal.conftest import EMAIL, buyer
from tests.unit.portal.test_withdraw import right
from tests.world import NOW, Sold, World

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = {"zh": "在此撤回合同", "en": "Withdraw from contract here"}
CONFIRM = {"zh": "确认撤回", "en": "Confirm withdrawal"}


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("language", LOCALES)
def test_from_the_public_policy_to_the_acknowledgement(
    language: str, scripts: bool, live_server: Any, browser: Browser, world: World, order: Callable[..., Sold]
) -> None:
    cache.clear()
    right(world)
    came = NOW - timedelta(days=3)
    left = ShipmentFacts("1", world.warehouse_id, came, [ShippedFacts("1", 2)], delivered_at=came)
    sold = order(units=2, customer=buyer(), shipments=[left])
    page = phone(browser, live_server, language, java_script_enabled=scripts)
    found: dict[str, Any] = {}

    def look(name: str) -> None:
        if scripts:
            fits(page)
            found[name] = violations(page)

    page.goto(f"/my/policy/{Shop.objects.get(id=world.shop_id).code}/")
    look("policy")
    page.get_by_role("link", name=HERE[language]).click()
    look("withdraw")
    page.fill("#name", "Lin Example")
    page.fill("#number", sold.row.number)
    page.fill("#contact", EMAIL)
    mail.outbox.clear()
    go_on(page)
    page.wait_for_url("**/my/code/")
    worker.Worker().drain()
    subjects = " ".join(str(sent.subject) for sent in mail.outbox if EMAIL in sent.to)
    page.fill("#code", re.findall(r"(?<!\w)\d{6}(?!\w)", subjects)[0])
    go_on(page)
    page.wait_for_url("**/withdraw/")
    assert page.input_value("#name") == "Lin Example"
    look("declare")
    mail.outbox.clear()
    page.get_by_role("button", name=CONFIRM[language]).click()
    page.wait_for_url("**/my/returns/**")
    look("return")
    made = Return.objects.get()
    assert made.withdrawal
    assert page.locator("a[href$='/withdrawal.pdf']").count() == 1
    worker.Worker().drain()
    assert [sent.to for sent in mail.outbox] == [[EMAIL]]
    assert {name: report for name, report in found.items() if report} == {}
    verified()
