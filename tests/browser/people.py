"""What people do before a browser, whichever language they read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.core import mail
from django.utils import translation

from guicang.kernel import worker
from guicang.returns import lifecycle
from guicang.staff.models import User
from tests.unit.portal.conftest import EMAIL
from tests.world import Sold

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PASSWORD = "a long enough one"
PHONE = {"width": 360, "height": 740}
LOCALES = {"zh": "zh-CN", "en": "en-US"}
#: Whatever a thumb must hit.
TARGETS = "main .button, main select, main input:not([type=hidden], [type=radio]), main .choice, main .pills label"


def staff(*roles: str, **named: str) -> None:
    """Users called by their role, and others with the role of each."""
    for name, role in [*zip(roles, roles, strict=True), *named.items()]:
        user = User(username=name, role=role)
        user.set_password(PASSWORD)
        user.save()


def say(page: Page, text: str, **data: Any) -> str:
    """An English text of the pages as this page's reader sees it."""
    with translation.override("zh-hans" if page.locator("html").get_attribute("lang") == "zh-CN" else "en"):
        return translation.gettext(text) % data if data else translation.gettext(text)


def command(page: Page, name: str) -> str:
    known = lifecycle.COMMANDS[name]
    return known.zh if page.locator("html").get_attribute("lang") == "zh-CN" else known.en


def fresh(browser: Browser, live_server: Any, **options: Any) -> Page:
    """A page of a browser that has never been here."""
    context = browser.new_context(base_url=live_server.url, **{"locale": "zh-CN", **options})
    context.set_default_timeout(15_000)
    return context.new_page()


def opened(browser: Browser, live_server: Any, user: str, **options: Any) -> Page:
    """A page of somebody who has signed in by typing."""
    page = fresh(browser, live_server, **options)
    page.goto("/account/login/")
    page.fill("[name=login]", user)
    page.fill("[name=password]", PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(re.compile(r"/$"))
    return page


def phone(browser: Browser, live_server: Any, language: str, **options: Any) -> Page:
    size: Any = PHONE
    context = browser.new_context(base_url=live_server.url, locale=LOCALES[language], viewport=size, **options)
    context.set_default_timeout(20_000)
    return context.new_page()


def go_on(page: Page) -> None:
    page.locator("main form .button.primary").first.click()


def proved(page: Page, sold: Sold) -> None:
    page.goto("/my/")
    page.fill("#number", sold.row.number)
    page.fill("#contact", EMAIL)
    mail.outbox.clear()
    go_on(page)
    page.wait_for_url("**/my/code/")
    worker.Worker().drain()
    subjects = " ".join(str(sent.subject) for sent in mail.outbox if EMAIL in sent.to)
    page.fill("#code", re.findall(r"(?<!\w)\d{6}(?!\w)", subjects)[0])
    go_on(page)
    page.wait_for_url("**/my/orders/")


def fits(page: Page) -> None:
    """Nothing scrolls sideways, and what a thumb must hit is large enough."""
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], page.url
    heights = page.eval_on_selector_all(TARGETS, "all => all.map(one => one.getBoundingClientRect().height)")
    assert all(height >= 44 for height in heights if height), (page.url, heights)


def press(page: Page, name: str) -> None:
    """Give the command that the page offers as the next one."""
    form = page.locator("section[aria-labelledby=next]")
    for box in form.locator("input[type=checkbox][required]").all():
        box.check()  # without scripts one says so before what cannot be undone
    form.get_by_role("button", name=command(page, name)).click()
    if page.locator("dialog.ask[open]").count():
        page.locator("dialog.ask .danger").click()
    page.get_by_text(say(page, "Done: %(command)s", command=command(page, name))).wait_for()


def in_both_themes(page: Page) -> str:
    """What axe finds on a page by day and by night."""
    found = ""
    schemes: list[Any] = ["dark", "light"]
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour that is on its way
        found += violations(page)
    return found


def violations(page: Page) -> str:
    """What axe finds; it needs JavaScript."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page)
    return str(found.generate_report()) if found.violations_count else ""
