"""Pictures of every page, of the desk and of the customers' portal: zh and en, phone and wide, light and dark.

python -m tools.screens FOLDER [--only NAME] [--quick]

One command: it starts a demo of its own and stops it at the end. With --address it looks at a server that runs, whose
GUICANG_HOME has demo data. Needs Chromium.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess  # nosec B404: only our own server is started
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from guicang.cli.keys import provide

WIDTHS = {"phone": (360, 800), "tablet": (768, 1024), "wide": (1440, 900)}
LANGUAGES = {"zh": "zh-CN", "en": "en-US"}
PASSWORD = "guicang-demo"  # noqa: S105  # nosec B105: the demo's

#: What is under way in the demo, and who looks at it.
GOING_ON = {
    "first-stage": "rosa",
    "second-stage": "max",
    "delegated": "ada",
    "offered": "rosa",
    "countered": "rosa",
    "ran-out": "rosa",
    "risk": "max",
    "unpaid": "fay",
    "platform": "rosa",
    "granted": "rosa",
    "mending": "wes",
    "resent": "wes",
    "exchanged": "fay",
    "credited": "rosa",
}
#: Of these the customer's own page is looked at too.
THEIRS = ("offered", "countered", "second-stage", "kept", "no-account", "with-account", "exchanged", "credited")


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
    yield "balance", "ada", f"/journal/?tab=balance&since={(datetime.now(UTC) - timedelta(days=30)).date()}"
    yield "proofs", "ada", "/proofs/?run=1"
    yield "policy", "ada", "/policy/"
    yield "policy-try", "ada", "/policy/try/"
    yield "policy-check", "ada", "/policy/check/"
    yield from (
        ("risk", "ada", "/risk/"),
        ("prices", "ada", "/wholesale/prices/"),
        ("quotas", "ada", "/wholesale/quotas/"),
        ("without-order", "ada", "/returns/without-order/"),
        ("rebates", "ada", "/wholesale/rebates/"),
        ("money-limits", "ada", "/settings/money-limits/"),
    )
    yield "decisions", "ada", "/reports/decisions/"
    yield "delegations", "ada", "/me/delegations/"
    yield "users", "ada", "/users/"
    yield "persons", "ada", f"/persons/?q={pick['my_number']}"
    yield "person", "ada", f"/persons/{pick['person']}/"
    yield "outbox", "ada", "/outbox/"
    yield "webhooks", "ada", "/webhooks/"
    yield "parts", "ada", "/ui/"
    yield "settings", "ada", "/settings/warehouse/"
    yield "numbers", "ada", "/settings/numbers/"
    yield "approvals", "ada", "/settings/approvals/"
    yield "approval", "ada", "/settings/approvals/new/"
    yield "approval-flow", "ada", f"/settings/approvals/{pick['flow']}/"
    yield "reasons", "ada", "/settings/reasons/"
    yield "reason", "ada", f"/settings/reasons/{pick['reason']}/"
    yield "me", "ada", "/me/"
    yield "sessions", "ada", "/account/sessions/"
    yield "tokens", "ada", "/tokens/"
    yield "imports", "ada", "/imports/"
    yield "import-new", "ada", "/imports/new/"
    yield "sheet", "ada", "/returns/sheet/"
    yield "database", "ada", "/database/"
    yield "refused", "wes", "/journal/"
    yield from going_on(pick)


def going_on(pick: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """As `pages`: what is under way, as those see it whose turn it is."""
    for who in ("rosa", "max", "fay"):
        yield f"home-{who}", who, "/"
    yield "refunds", "fay", "/refunds/"
    yield "payee-missing", "fay", f"/refunds/{pick['payee_missing']}/account/"
    yield "payee-ready", "ada", f"/refunds/{pick['payee_ready']}/account/"
    yield "drawers", "cora", "/drawers/"
    yield "drawers-max", "max", "/drawers/"
    yield "shift", "cora", f"/drawers/{pick['shift_open']}/"
    yield "shift-closed", "max", f"/drawers/{pick['shift_closed']}/"
    yield "shift-report", "cora", f"/drawers/{pick['shift_closed']}/report/"
    yield "settings-drawer", "ada", "/settings/drawer/"
    yield "payouts", "ada", "/refunds/files/"
    yield "refund_ways", "ada", "/settings/refunds/"
    yield "exchanges", "fay", "/exchanges/?show=all"
    yield "freight", "ada", "/settings/freight/"
    yield "money", "rosa", f"/orders/{pick['order']}/money/"
    yield "gift", "rosa", f"/orders/{pick['order']}/gift/"
    yield "account", "fay", f"/accounts/{pick['account']}/"
    yield "worklist-mine", "max", "/returns/?queue=mine"
    yield "worklist-overdue", "fay", "/returns/?overdue=1"
    for name, who in GOING_ON.items():
        yield f"return-{name}", who, f"/returns/{pick[name]}/"


def portal(pick: dict[str, str]) -> Iterator[tuple[str, str]]:
    """(name, address) of what a customer sees once he has proved his orders."""
    order = f"/my/orders/{pick['mine']}/"
    yield "my-policy", f"/my/policy/{pick['shop']}/"
    yield "my-orders", "/my/orders/"
    yield "my-gift", "/my/gift/"
    yield "my-choose", order
    yield "my-items", f"{order}?type=refund"
    yield "my-why", f"{order}why/?type=refund&units.{pick['my_line']}=1"
    for kind in ("repair", "reship"):
        yield f"my-why-{kind}", f"{order}why/?type={kind}&units.{pick['my_line']}=1"
    yield "my-return", f"/my/returns/{pick['my_return']}/"
    yield "my-slip", f"/my/returns/{pick['my_return']}/slip/"
    yield "my-cancel", f"/my/returns/{pick['my_return']}/cancelling/"
    yield "my-account", f"/my/returns/{pick['no-account']}/account/"
    for name in THEIRS:
        yield f"my-{name}", f"/my/returns/{pick[name]}/"


@contextmanager
def demo() -> Iterator[str]:
    """A server with demo data in a folder of its own; both are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="guicang-screens") as home, socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        held.close()
        # Signing in again and again for every picture is no attack: with DEBUG it is not throttled.
        os.environ |= {"GUICANG_HOME": home, "GUICANG_PORT": str(port), "GUICANG_DEBUG": "1"}
        server = subprocess.Popen(  # nosec B603: our own command
            [sys.executable, "-m", "guicang.cli.main", "run"], stdout=subprocess.DEVNULL
        )
        try:
            yield _ready(f"http://127.0.0.1:{port}", server)
        finally:
            server.terminate()
            server.wait()


def _ready(address: str, server: subprocess.Popen[bytes]) -> str:
    for _second in range(180):
        if server.poll() is not None:
            raise SystemExit("the demo did not start")
        with suppress(OSError), urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:  # noqa: S310  # nosec B310
            if answer.status == HTTPStatus.OK:
                return address
        time.sleep(1)
    raise SystemExit(f"{address} does not answer")


def picked() -> dict[str, str]:
    """Rows worth a look, one a state."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guicang.config.settings")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright runs a loop in this thread
    import django

    django.setup()
    from guicang.catalog.models import Sku
    from guicang.policy.models import ReturnReason
    from guicang.returns.models import Return
    from guicang.sales.models import Order

    found = {row.state: str(row.id) for row in Return.objects.order_by("requested_at")}
    found["order"] = str(
        Order.objects.filter(return_label="part").order_by("-ordered_at").values_list("id", flat=True)[0]
    )
    found["account"] = str(Order.objects.values_list("customer_id", flat=True).get(id=found["order"]))
    found["reason"] = str(ReturnReason.objects.filter(code="quality").values_list("id", flat=True)[0])
    found["sku"] = str(Sku.objects.order_by("code").values_list("id", flat=True)[0])
    return found | _going_on() | _customers()


def _going_on() -> dict[str, str]:
    """One return of each that `GOING_ON` and `THEIRS` name, what proves `THEIRS`, and a flow."""
    from django.db.models import Q

    from guicang.kernel.clock import utcnow
    from guicang.kernel.ids import NIL
    from guicang.payments.models import Refund, Shift
    from guicang.policy.models import ApprovalFlow
    from guicang.returns.models import Return

    offer, now = {"offers__state": "open"}, utcnow()
    wanted = {
        "first-stage": Q(stage=1),
        "second-stage": Q(stage=2),
        "delegated": Q(approvals__seats__decided_for_id__gt=NIL),
        "offered": Q(**offer, offers__side="staff"),
        "countered": Q(**offer, offers__side="customer"),
        "ran-out": Q(offers__state="expired"),
        "risk": Q(risk_high=True),
        "unpaid": Q(state="inspected", due_at__lte=now),
        "platform": Q(clocks__kind="platform", clocks__outcome=""),
        "granted": Q(verdict__automatic=True, type="refund"),
        "no-account": Q(id__in=Refund.objects.filter(payee="missing").values("return_id")),
        "with-account": Q(id__in=Refund.objects.filter(payee="ready").values("return_id")),
        "exchanged": Q(type="exchange", settled_at__isnull=False),
        "credited": Q(refund_to="store_credit", settled_at__isnull=False),
        "kept": Q(verdict__automatic=True, type="refund_only"),
        "mending": Q(type="repair", state="inspected"),
        "resent": Q(type="reship", state="settled"),
    }
    found = {}
    for name, which in wanted.items():
        row = Return.objects.filter(which).order_by("-requested_at").first()
        if row is None:
            raise SystemExit(f"the demo shows no return that is {name}")
        found[name] = str(row.id)
        if name in THEIRS:
            found |= {f"{name}_{what}": value for what, value in _proof_of(row).items()}
    found |= {f"shift_{state}": str(key) for key, state in Shift.objects.values_list("id", "state")}
    for state in ("missing", "ready"):
        found[f"payee_{state}"] = str(Refund.objects.filter(payee=state).values_list("id", flat=True)[0])
    return found | {"flow": str(ApprovalFlow.objects.values_list("id", flat=True)[0])}


def _proof_of(row: Any) -> dict[str, str]:
    """Number and phone that prove the order of a return; empty where nobody knows the phone."""
    from guicang.parties.queries import personal
    from guicang.returns.models import ReturnLine
    from guicang.sales.models import Order

    said = personal([("customer", row.customer_id)]).get(("customer", row.customer_id), [])
    phone = next((entry.value for entry in said if entry.kind == "phone" and not entry.masked), "")
    line = ReturnLine.objects.filter(parent_id=row.id).first()
    if not phone or not line or line.order_id.int == 0:
        return {}
    return {"number": Order.objects.get(id=line.order_id).number, "phone": phone}


def _customers() -> dict[str, str]:
    """An order that can come back, an authorised return, and the phones that prove them."""
    from guicang.integrations import demo
    from guicang.kernel.clock import utcnow
    from guicang.org.queries import shops
    from guicang.returns.models import Return
    from guicang.sales.models import Order, OrderLine

    fresh = demo.shopper(utcnow())
    if not fresh:
        raise SystemExit("no demo data in this GUICANG_HOME")
    order = Order.objects.get(number=fresh[0])
    found = {
        "mine": str(order.id),
        "person": str(order.customer_id),
        "my_number": fresh[0],
        "my_phone": fresh[1],
    }
    found["shop"] = shops()[order.shop_id].code
    found["my_line"] = str(OrderLine.objects.filter(order_id=order.id, kind="goods").values_list("id", flat=True)[0])
    for row in Return.objects.filter(state="authorised").order_by("-requested_at"):
        if proof := _proof_of(row):
            return found | {"my_return": str(row.id)} | {f"my_return_{what}": value for what, value in proof.items()}
    raise SystemExit("no authorised return of a customer with a phone")


def _proved(browser: Any, address: str, pick: dict[str, str]) -> Any:
    """The cookies of a customer who typed the codes of his orders; the codes are those of the demo's own outbox."""
    from guicang.kernel.models import OutboxMessage
    from guicang.notifications.queries import one_time_code

    context = browser.new_context()
    page = context.new_page()
    for name in ("my", "my_return", *THEIRS):
        page.goto(f"{address}/my/")
        page.fill("#number", pick[f"{name}_number"])
        page.fill("#contact", pick[f"{name}_phone"])
        page.click("main .button.primary")
        last = OutboxMessage.objects.filter(topic="portal.code").order_by("-created_at", "-id")[0]
        page.fill("#code", one_time_code(last.aggregate_id))
        page.click("main .button.primary")
        page.wait_for_url("**/my/orders/")
    cookies = context.cookies()
    context.close()
    return cookies


def shoot(folder: Path, address: str, only: str, quick: bool) -> None:
    from playwright.sync_api import sync_playwright

    pick = picked()
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        proof = _proved(browser, address, pick) if not only or only.startswith("my") else []
        for language, locale in LANGUAGES.items():
            for width, (x, y) in WIDTHS.items():
                for scheme in ("light", "dark"):
                    if quick and (width == "tablet" or (scheme == "dark") != (language == "en")):
                        continue
                    context = browser.new_context(
                        viewport={"width": x, "height": y}, locale=locale, color_scheme=scheme, device_scale_factor=1
                    )
                    _session(context, address, pick, folder, f"{language}-{width}-{scheme}", only)
                    _customer(context, address, pick, folder, f"{language}-{width}-{scheme}", only, proof)
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


def _customer(
    context: Any, address: str, pick: dict[str, str], folder: Path, suffix: str, only: str, proof: Any
) -> None:
    if not proof:
        return
    context.clear_cookies()
    page = context.new_page()
    page.goto(f"{address}/my/")
    page.screenshot(path=str(folder / f"my-find-{suffix}.png"), full_page=True)
    context.add_cookies([cookie for cookie in proof if cookie["name"] == "sessionid"])
    for name, path in portal(pick):
        if only and only not in name:
            continue
        page.goto(address + path)
        page.screenshot(path=str(folder / f"{name}-{suffix}.png"), full_page=True)
        if name.startswith("my-why"):
            page.locator("label.choice").first.click()
            page.locator("main form .button.primary").first.click()
            page.screenshot(path=str(folder / f"{name.replace('why', 'confirm')}-{suffix}.png"), full_page=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--address", default="", help="of a server with demo data; else one is started")
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument("--quick", action="store_true", help="zh light and en dark, phone and wide")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with nullcontext(arguments.address) if arguments.address else demo() as address:
        provide(os.environ, make=False)
        shoot(arguments.folder, address, arguments.only, arguments.quick)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
