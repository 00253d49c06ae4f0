"""A policy by clicks alone: 30 days for members, 7 for others, no opened cosmetics, the seller pays for faults; then
why each of the ten prepared orders gets its verdict.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from guicang.catalog.models import Sku
from guicang.integrations.demo import ten
from guicang.integrations.demo.orders import BY_CODE
from guicang.kernel import worker
from tests.browser.people import opened, say, staff, violations
from tests.journeys.acts import verified
from tests.world import NOW, World

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ANSWERS = {"allow": "Allowed", "review": "A person decides", "refuse": "Not eligible"}


@pytest.mark.parametrize(("locale", "script"), [("zh-CN", True), ("en-GB", False)], ids=["zh", "en-no-script"])
def test_a_policy_by_clicks(locale: str, script: bool, live_server: Any, browser: Browser, world: World) -> None:
    sell_the_ten(world)
    staff("admin")
    page = opened(browser, live_server, "admin", locale=locale, java_script_enabled=script)
    page.goto("/policy/")
    if script:
        assert violations(page) == ""
    page.get_by_role("button", name=say(page, "Start writing")).click()
    page.get_by_role("link", name=say(page, "Change"), exact=True).click()
    name_it(page, "其他", "Everybody else", "others")
    page.fill("#t-days", "7")
    page.select_option("#t-counted_from", "delivery")
    page.select_option("#t-freight_fault", "seller")
    page.select_option("#t-freight_choice", "buyer")
    save(page)
    add(page, "会员", "Members", "members")
    page.get_by_label(ten.MEMBER, exact=True).check()
    page.fill("#t-days", "30")
    if script:
        assert violations(page) == ""
    save(page)
    add(page, "美妆", "Cosmetics", "cosmetics")
    page.get_by_label("美妆", exact=True).check()
    page.get_by_label(say(page, "Only in these conditions")).check()
    page.locator("[name='terms.conditions'][value=unopened]").check()
    save(page)
    page.get_by_text(say(page, "No gaps, no contradictions.")).wait_for()
    if script:
        assert violations(page) == ""
    page.get_by_role("button", name=say(page, "Publish the version")).click()
    page.wait_for_url(re.compile(r"/policy/\?"))
    worker.run(once=True)
    for one in ten.TEN:
        verdict = ask(page, one)
        assert say(page, ANSWERS[one.answer]) in verdict, one.number
        assert REASONS[one.because][locale[:2]] in verdict, one.number
        pays = f"The {one.freight} pays the way back."
        assert say(page, pays) in verdict, one.number
    if script:
        assert violations(page) == ""
    verified()


REASONS = {
    "in_time": {"zh": "在期限内申请", "en": "Asked in time"},
    "too_late": {"zh": "已过退货期限", "en": "The time for returns ran out"},
    "condition_not_accepted": {"zh": "只有未拆封才能退", "en": "only if it is Unopened"},
}


def sell_the_ten(world: World) -> None:
    for code in {one.sku for one in ten.TEN}:
        Sku.objects.filter(id=world.sku(code)).update(category=BY_CODE[code].category)
    world.sell(*(made.facts for made in ten.orders(world.shop_id, world.warehouse_id, NOW)))


def name_it(page: Page, zh: str, en: str, code: str) -> None:
    page.fill("#zh", zh)
    page.fill("#en", en)
    page.fill("#code", code)


def add(page: Page, zh: str, en: str, code: str) -> None:
    page.get_by_role("link", name=say(page, "Add a policy")).click()
    name_it(page, zh, en, code)


def save(page: Page) -> None:
    page.get_by_role("button", name=say(page, "Save the policy")).click()
    page.wait_for_url(re.compile(r"/policy/draft/\?"))


def ask(page: Page, one: ten.Prepared) -> str:
    """What the order's page says of a return that is not entered yet."""
    page.goto(f"/orders/?q={one.number}")
    page.locator("input[name^='units.']").fill("1")
    page.select_option("#reason", one.reason)
    page.select_option("#condition", one.condition)
    page.get_by_role("button", name=say(page, "See the verdict")).click()
    return page.locator("[role=status]", has_text=say(page, "What the policy says of it")).inner_text()
