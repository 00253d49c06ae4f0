"""Pictures of every page: zh and en, phone and wide, light and dark.

python -m tools.screens FOLDER [--only NAME] [--quick]

Needs Chromium, GUICANG_HOME with demo data, and a server on --address.
"""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

WIDTHS = {"phone": (360, 800), "tablet": (768, 1024), "wide": (1440, 900)}
LANGUAGES = {"zh": "zh-CN", "en": "en-US"}
PASSWORD = "guicang-demo"  # noqa: S105  # nosec B105: the demo's


def pages(pick: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """(name, who looks, address)."""
    yield "login", "", "/account/login/"
    yield "home", "ada", "/"
    yield "worklist", "ada", "/returns/"
    yield "worklist-empty", "ada", "/returns/?q=nothing-like-this"
    for state in ("requested", "received", "inspected", "closed"):
        if state in pick:
            yield f"return-{state}", "ada", f"/returns/{pick[state]}/"
    yield "orders", "ada", "/orders/"
    yield "order", "ada", f"/orders/{pick['order']}/"
    yield "counter", "cora", f"/orders/{pick['order']}/counter/"
    if "settled" in pick:
        yield "receipt", "cora", f"/returns/{pick['settled']}/receipt/"
    yield "stock", "ada", "/stock/"
    yield "moves", "ada", f"/stock/{pick['sku']}/"
    yield "journal", "ada", "/journal/"
    yield "balance", "ada", "/journal/?tab=balance"
    yield "proofs", "ada", "/proofs/?run=1"
    yield "users", "ada", "/users/"
    yield "outbox", "ada", "/outbox/"
    yield "webhooks", "ada", "/webhooks/"
    yield "parts", "ada", "/ui/"
    yield "settings", "ada", "/settings/warehouse/"
    yield "me", "ada", "/me/"
    yield "database", "ada", "/database/"
    yield "refused", "wes", "/journal/"


def picked() -> dict[str, str]:
    """Rows worth a look, one a state."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guicang.config.settings")
    import django

    django.setup()
    from guicang.catalog.models import Sku
    from guicang.returns.models import Return
    from guicang.sales.models import Order

    found = {row.state: str(row.id) for row in Return.objects.order_by("requested_at")}
    found["order"] = str(
        Order.objects.filter(return_label="part").order_by("-ordered_at").values_list("id", flat=True)[0]
    )
    found["sku"] = str(Sku.objects.order_by("code").values_list("id", flat=True)[0])
    return found


def shoot(folder: Path, address: str, only: str, quick: bool) -> None:
    from playwright.sync_api import sync_playwright

    pick = picked()
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        for language, locale in LANGUAGES.items():
            for width, (x, y) in WIDTHS.items():
                for scheme in ("light", "dark"):
                    if quick and (width == "tablet" or (scheme == "dark") != (language == "en")):
                        continue
                    context = browser.new_context(
                        viewport={"width": x, "height": y}, locale=locale, color_scheme=scheme, device_scale_factor=1
                    )
                    _session(context, address, pick, folder, f"{language}-{width}-{scheme}", only)
                    context.close()
        browser.close()


def _session(context: Any, address: str, pick: dict[str, str], folder: Path, suffix: str, only: str) -> None:
    page, signed = context.new_page(), ""
    for name, who, path in pages(pick):
        if only and only not in name:
            continue
        if who and who != signed:
            context.clear_cookies()
            page.goto(f"{address}/account/login/")
            page.fill("[name=login]", who)
            page.fill("[name=password]", PASSWORD)
            page.click("main button[type=submit]")
            signed = who
        page.goto(address + path)
        page.screenshot(path=str(folder / f"{name}-{suffix}.png"), full_page=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument("--quick", action="store_true", help="zh light and en dark, phone and wide")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    shoot(arguments.folder, arguments.address, arguments.only, arguments.quick)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
