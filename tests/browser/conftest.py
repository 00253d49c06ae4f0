"""A real browser before the pages, at the hour of `tests.world`.

Once, on SQLite: what differs between the engines lies below the pages.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import shutil
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from guicang.desk import views as desk
from guicang.portal import views as portal
from tests.world import NOW

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MISSING = "" if CHROMIUM else "no chromium on PATH"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True, reset_sequences=False))
            item.add_marker(
                pytest.mark.skipif(
                    os.environ["GUICANG_TEST_ENGINE"] != "sqlite", reason="the browser runs once, with SQLite"
                )
            )
            item.add_marker(
                pytest.mark.skipif(bool(MISSING) and os.environ.get("CI") != "true", reason=MISSING or "there")
            )


def _views() -> Iterator[ModuleType]:
    for package in (desk, portal):
        for found in pkgutil.iter_modules(package.__path__):
            yield importlib.import_module(f"{package.__name__}.{found.name}")


@pytest.fixture(autouse=True)
def _the_hour_of_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is a thread of this process; its goods were shipped at an hour that is long past on real clocks."""
    for module in _views():
        if hasattr(module, "utcnow"):
            monkeypatch.setattr(module, "utcnow", lambda: NOW)


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    assert CHROMIUM, MISSING
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright runs a loop in this thread
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield chromium
        chromium.close()
