"""The design system is shown whole, and pages that say what went wrong say what to do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import BadRequest, PermissionDenied
from django.test import Client
from django.test.client import RequestFactory
from django.utils import translation
from django.views import defaults
from django.views.csrf import csrf_failure

import guicang
from guicang.desk.views import catalogue
from guicang.returns import labels, lifecycle
from guicang.ui.templatetags.browsers import browser
from guicang.ui.templatetags.losses import LOSSES
from tests.unit.desk.conftest import Hire

PACKAGE = Path(guicang.__file__).parent
PARTS = (
    *("colours", "steps", "type", "buttons", "badges", "forms", "filters", "table", "pager", "money", "empty"),
    *("notices", "help", "toasts", "confirm", "timeline", "progress", "tabs", "tiles", "facts", "print"),
)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_part_is_shown(language: str, hire: Hire) -> None:
    shown = hire("warehouse", language=language).get("/ui/").content.decode()
    for part in PARTS:
        assert f'data-part="{part}"' in shown, part
    for state in lifecycle.State:
        assert labels.label(state, lifecycle.State, language) in shown, state
    for values in labels.AXES.values():
        for zh, en, _ in values.values():
            assert (zh if language == "zh-hans" else en) in shown
    assert "1,234,567,890.12" in shown


def test_every_colour_is_one_of_the_style_sheet() -> None:
    from django.contrib.staticfiles import finders

    with open(str(finders.find("ui/guicang.css")), encoding="utf8") as sheet:
        text = sheet.read()
    for name in (*catalogue.COLOURS, *catalogue.STEPS):
        assert f"--{name}:" in text, name


def test_what_cannot_be_undone_is_said() -> None:
    """Each is a command; those that end a return or take money back are among them."""
    assert set(LOSSES) <= set(lifecycle.COMMANDS)
    assert {"close", "reject", "cancel", "expire", "short_close", "reverse_settlement"} <= set(LOSSES)


def test_every_act_that_cannot_be_undone_asks_in_the_same_way() -> None:
    """A red button is made by `danger`, which brings the dialog and the tick; what can be undone is no such act."""
    undone = {
        "desk/users.html": "Let in again",
        "portal/cancel.html": "What is lost stands on a page of its own.",
        "portal/return.html": "A link to that page.",
    }
    found = {}
    for app in ("desk", "portal"):
        for page in (PACKAGE / app / "templates").rglob("*.html"):
            text = page.read_text(encoding="utf8").replace('danger" name="act" value="archive"', "")  # comes back
            assert "confirm(" not in text
            if re.search(r'class="[^"]*button[^"]*danger|button\{% if [^%]*%\} danger', text):
                found[str(page.relative_to(PACKAGE / app / "templates"))] = True
    assert set(found) - {"desk/parts.html"} == set(undone)


@pytest.mark.parametrize(
    ("agent", "known"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36 MicroMessenger/8", "WeChat · Android"),
        ("curl/8.1", "curl/8.1"),
        ("", ""),
    ],
)
def test_a_browser_has_the_name_that_people_know(agent: str, known: str) -> None:
    assert browser(agent) == known


def said(page: Any, language: str) -> str:
    with translation.override(language):
        return str(page().content.decode())


WHAT_TO_DO = {
    403: ("请以有权限的账号登录", "Sign in as somebody who may"),
    429: ("请等几分钟", "Wait a few minutes"),
    404: ("返回首页", "Back to the start"),
}


@pytest.mark.parametrize("index", [0, 1])
def test_error_pages_say_what_to_do(index: int, db: None) -> None:
    language = ("zh-hans", "en")[index]
    request = RequestFactory().get("/somewhere/")
    pages = {
        403: lambda: defaults.permission_denied(request, PermissionDenied()),
        404: lambda: Client(headers={"accept-language": language}).get("/nothing-here/"),
        429: lambda: too_many(request),
    }
    for status, page in pages.items():
        assert WHAT_TO_DO[status][index] in said(page, language), status
    assert ("请返回" if index == 0 else "Go back") in said(lambda: csrf_failure(request), language)
    # Where not even a template can be trusted, both languages stand on the page.
    for answer in (defaults.server_error(request), defaults.bad_request(request, BadRequest())):
        text = answer.content.decode()
        assert "返回首页" in text
        assert "nothing was changed" in text


def too_many(request: Any) -> Any:
    from django.shortcuts import render

    return render(request, "429.html", status=429)


def test_too_many_sign_ins_are_told_to_wait(db: None, settings: Any) -> None:
    from django.core.cache import cache

    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip", "login_failed": "2/m/ip"}
    cache.clear()
    client = Client(headers={"accept-language": "en"})
    for _ in range(4):
        answer = client.post("/account/login/", {"login": "nobody", "password": "wrong"})
    assert answer.status_code == 429 or "Too many" in answer.content.decode()
    cache.clear()
