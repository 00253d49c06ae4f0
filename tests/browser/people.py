"""What people do before a browser, whichever language they read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.utils import translation

from guicang.returns import lifecycle
from guicang.staff.models import User

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PASSWORD = "a long enough one"


def staff(*roles: str) -> None:
    for role in roles:
        user = User(username=role, role=role)
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


def press(page: Page, name: str) -> None:
    """Give the command that the page offers as the next one."""
    form = page.locator("section[aria-labelledby=next]")
    for box in form.locator("input[type=checkbox][required]").all():
        box.check()  # without scripts one says so before what cannot be undone
    form.get_by_role("button", name=command(page, name)).click()
    if page.locator("dialog.ask[open]").count():
        page.locator("dialog.ask .danger").click()
    page.get_by_text(say(page, "Done: %(command)s", command=command(page, name))).wait_for()


def violations(page: Page) -> str:
    """What axe finds; it needs JavaScript."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page)
    return str(found.generate_report()) if found.violations_count else ""
