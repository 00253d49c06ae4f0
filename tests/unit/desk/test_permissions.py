"""Every route and every command x every role: let in, refused, or sent to sign in. A new route needs a row here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from guicang.desk.forms import STEPS
from guicang.kernel.clock import utcnow
from guicang.kernel.commands import begin
from guicang.kernel.ids import new_id
from guicang.kernel.numbers import range_id
from guicang.policy import queries as policies
from guicang.policy.models import PolicyVersion
from guicang.policy.operations import Trial, start_simulation
from guicang.policy.rules import PLAIN
from guicang.returns import lifecycle
from guicang.returns.operations.evidence import Showing, add_evidence
from guicang.staff import rules
from tests.journeys.acts import back, pay
from tests.journeys.test_approvals import a_flow
from tests.journeys.test_drawers import begun
from tests.journeys.test_own_fields import own_field
from tests.journeys.test_payees import sent
from tests.receiver import endpoint
from tests.unit.desk.conftest import Hire, dump
from tests.unit.desk.files import imported, kept, order_rows
from tests.unit.payments.test_credit import credit_of
from tests.unit.returns.test_evidence import photo
from tests.world import SYSTEM, Sold, World

EVERYBODY = "agent approver warehouse counter finance analyst admin"
SERVICE = "agent approver admin"
COUNTER = "counter admin"
BOOKS = "finance analyst admin"
INSIGHT = "approver finance analyst admin"
CREDIT = "agent approver counter finance analyst admin"
DRAWERS = "approver counter finance analyst admin"
#: Route -> (method, roles that are let in).
ROUTES: dict[str, tuple[str, str]] = {
    "desk:home": ("get", EVERYBODY),
    "desk:me": ("get", EVERYBODY),
    "desk:columns": ("post", EVERYBODY),
    "desk:resume": ("get", EVERYBODY),
    "desk:worklist": ("get", EVERYBODY),
    "desk:batch": ("post", EVERYBODY),
    "desk:return": ("get", EVERYBODY),
    "desk:evidence_pack": ("get", "agent approver finance admin"),
    "desk:picture": ("get", EVERYBODY),
    "desk:thumbnail": ("get", EVERYBODY),
    "desk:answers": ("post", "agent approver warehouse counter finance admin"),
    "desk:correct": ("get", "finance admin"),
    "desk:proposal": ("post", "finance counter admin"),
    "desk:note": ("post", "agent approver warehouse counter finance admin"),
    "desk:assign": ("post", "agent approver warehouse counter finance admin"),
    "desk:owner": ("post", "agent approver warehouse counter finance admin"),
    "desk:my_notices": ("post", EVERYBODY),
    "desk:add_pictures": ("post", "agent approver warehouse counter finance admin"),
    "desk:remove_pictures": ("post", "approver admin"),
    "desk:orders": ("get", EVERYBODY),
    "desk:order": ("get", EVERYBODY),
    "desk:request": ("post", "agent approver counter admin"),
    "desk:blind": ("get", "agent approver counter admin"),
    "desk:account": ("get", BOOKS),
    "desk:account_export": ("get", BOOKS),
    "desk:money": ("get", "agent approver counter admin"),
    "desk:counter": ("get", COUNTER),
    "desk:receipt": ("get", EVERYBODY),
    "desk:export_returns": ("get", EVERYBODY),
    "desk:export_orders": ("get", EVERYBODY),
    "desk:export_stock": ("get", EVERYBODY),
    "desk:export_journal": ("get", BOOKS),
    "desk:export_balance": ("get", BOOKS),
    "desk:stock": ("get", EVERYBODY),
    "desk:moves": ("get", EVERYBODY),
    "desk:journal": ("get", BOOKS),
    "desk:verify": ("get", BOOKS),
    "desk:policy": ("get", EVERYBODY),
    "desk:money_limits": ("get", "admin"),
    "desk:insurance": ("post", "agent approver finance admin"),
    "desk:prices": ("get", EVERYBODY),
    "desk:quotas": ("get", EVERYBODY),
    "desk:rebates": ("get", EVERYBODY),
    "desk:risk": ("get", "approver admin"),
    "desk:decisions": ("get", INSIGHT),
    "desk:export_decisions": ("get", INSIGHT),
    "desk:drawers": ("get", DRAWERS),
    "desk:shift": ("get", DRAWERS),
    "desk:shift_report": ("get", DRAWERS),
    "desk:shift_export": ("get", DRAWERS),
    "desk:export_shifts": ("get", DRAWERS),
    "desk:drawer_rules": ("post", "admin"),
    "desk:credit": ("get", CREDIT),
    "desk:credit_account": ("get", CREDIT),
    "desk:credit_rules": ("get", "admin"),
    "desk:coupons": ("get", CREDIT),
    "desk:policy_export": ("get", EVERYBODY),
    "desk:policy_start": ("post", "admin"),
    "desk:policy_draft": ("get", "admin"),
    "desk:policy_one": ("get", "admin"),
    "desk:policy_check": ("get", "admin"),
    "desk:policy_tries": ("get", EVERYBODY),
    "desk:policy_try_start": ("post", "admin"),
    "desk:policy_try": ("get", EVERYBODY),
    "desk:policy_review": ("post", "admin"),
    "desk:policy_try_act": ("post", "admin"),
    "desk:policy_try_csv": ("get", EVERYBODY),
    "desk:deadline": ("post", SERVICE),
    "desk:gift": ("get", "agent approver counter admin"),
    "desk:gift_slip": ("post", "agent approver counter admin"),
    "desk:collect": ("post", "finance counter admin"),
    "desk:sheet": ("get", "agent approver counter admin"),
    "desk:imports": ("get", "admin"),
    "desk:import_new": ("get", "admin"),
    "desk:profiles": ("get", "admin"),
    "desk:import_template": ("get", "admin"),
    "desk:import_file": ("get", "admin"),
    "desk:import_profile": ("get", "admin"),
    "desk:import": ("get", "admin"),
    "desk:import_rows": ("get", "admin"),
    "desk:tokens": ("get", EVERYBODY),
    "desk:users": ("get", "admin"),
    "desk:persons": ("get", "admin"),
    "desk:person": ("get", "admin"),
    "desk:outbox": ("get", "admin"),
    "desk:webhooks": ("get", "admin"),
    "desk:webhook": ("get", "admin"),
    "desk:settings_home": ("get", "admin"),
    "desk:settings": ("get", "admin"),
    "desk:setting": ("get", "admin"),
    "desk:assignment": ("get", "admin"),
    "desk:approvals": ("get", "admin"),
    "desk:approval_new": ("get", "admin"),
    "desk:approval": ("get", "admin"),
    "desk:delegations": ("get", EVERYBODY),
    "desk:reasons": ("get", "admin"),
    "desk:reason": ("get", "admin"),
    "desk:fields": ("get", "admin"),
    "desk:field": ("get", "admin"),
    "desk:refunds": ("get", "finance admin"),
    "desk:exchanges": ("get", "counter finance admin"),
    "desk:export_exchanges": ("get", "counter finance admin"),
    "desk:undo_exchange": ("post", "counter admin"),
    "desk:export_refunds": ("get", "finance admin"),
    "desk:payee": ("get", "agent approver counter finance admin"),
    "desk:payouts": ("get", "finance admin"),
    "desk:payout": ("get", "finance admin"),
    "desk:payout_file": ("post", "finance admin"),
    "desk:refund_ways": ("get", "admin"),
    "desk:freight": ("get", "admin"),
    "desk:freight_csv": ("get", "admin"),
    "desk:numbers": ("get", "admin"),
    "desk:number": ("get", "admin"),
    "desk:parts": ("get", EVERYBODY),
    "desk:start": ("get", "admin"),
}
#: Command of a return -> roles that may give it.
COMMANDS = {
    "ask": SERVICE,
    "answer": SERVICE,
    "authorise": EVERYBODY,  # at a stage of an approval; else the step refuses
    "reject": EVERYBODY,
    "retype": SERVICE,
    "price": "approver finance admin",
    "offer": SERVICE,
    "accept_offer": SERVICE,
    "decline_offer": SERVICE,
    "clear_risk": "approver admin",
    "appeal": SERVICE,
    "cancel": SERVICE,
    "ship": "agent approver warehouse admin",
    "receive": "warehouse counter admin",
    "inspect": "warehouse counter admin",
    "redispose": "warehouse admin",
    "short_close": "warehouse admin",
    "release": "warehouse approver admin",
    "settle": "finance counter admin",
    "exchange": "finance counter admin",
    "send_ahead": SERVICE,
    "reverse_settlement": "finance admin",
    "quote_repair": "agent approver warehouse admin",
    "accept_quote": SERVICE,
    "decline_quote": SERVICE,
    "finish_repair": "warehouse admin",
    "pay_repair": "finance counter admin",
    "turn_repair": "approver warehouse admin",
    "send_out": "warehouse counter admin",
    "close": "finance counter admin",
    "expire": "approver admin",
}
#: Open to everybody, or closed to everybody, signed in or not: what an unknown visitor gets.
OPEN = {
    "desk:healthz": 200,
    "desk:readyz": 200,
    "set_language": 302,
    "account_login": 200,
    "account_inactive": 200,
    "account_signup": 404,
    "account_reset_password": 404,
    "account_email": 404,
    "account_set_password": 404,
    "account_request_login_code": 404,
}
#: Of a member of staff alone: without signing in one is sent to do so.
OWN = {
    *("account_logout", "account_reauthenticate", "account_change_password", "usersessions_list"),
    *("mfa_index", "mfa_authenticate", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp"),
    *("mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes"),
}
ROLES = (*rules.STAFF, "customer")


def named(patterns: Any, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from named(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name}", pattern


def test_every_route_has_a_row() -> None:
    found = {name for name, _ in named(get_resolver().url_patterns)}
    # The others have tables of their own: tests/unit/portal/test_routes.py, tests/unit/api/test_permissions.py.
    ours = {name for name in found if not name.startswith(("portal:", "api:"))}
    assert ours == {*ROUTES, *OPEN, *OWN, "desk:act"}


def test_every_command_has_a_row() -> None:
    assert set(COMMANDS) == set(STEPS) == set(lifecycle.COMMANDS) - {"request"}


def trial(world: World) -> UUID:
    """A policy that waits to be tried over the past."""
    with transaction.atomic():
        context = begin("test", actor=SYSTEM, now=world.now, items=1)
        span = world.now - timedelta(days=9), world.now
        return start_simulation(context, world.company_id, Trial("甲", PLAIN, *span))


def addresses(world: World, order: Callable[..., Sold]) -> dict[str, str]:
    sold = order()
    key = world.request(sold, 1)
    shown = add_evidence(pictures=[Showing(key, photo())], actor=SYSTEM, now=world.now)[0].id or key
    ids = {"return": key, "order": sold.id, "request": sold.id, "moves": world.sku_id}
    ids |= {
        "picture": shown,
        "thumbnail": shown,
        "evidence_pack": key,
        "add_pictures": key,
        "remove_pictures": key,
        "note": key,
        "answers": key,
        "owner": key,
        "proposal": key,
        "deadline": key,
        "collect": key,
        "undo_exchange": key,
        "insurance": key,
        "person": sold.customer_id,
    }
    keys: dict[str, list[Any]] = {f"desk:{name}": [key] for name, key in ids.items()}
    keys["desk:resume"] = ["nothing"]
    keys["desk:columns"] = ["stock"]
    keys["desk:import_template"] = ["orders", "csv"]
    keys["desk:import_file"] = keys["desk:import_profile"] = [kept(order_rows("x"))]
    keys["desk:import"] = keys["desk:import_rows"] = [imported(order_rows("x")).run_id]
    paid = back(world, order(), 1)
    settlement = pay(world, paid)
    keys["desk:correct"] = [paid, settlement]
    keys |= {
        "desk:gift": [sold.id],
        "desk:gift_slip": [sold.id],
        "desk:counter": [sold.id],
        "desk:money": [sold.id],
        "desk:receipt": [paid],
    }
    keys["desk:policy_one"] = ["new"]
    keys["desk:policy_export"] = [PolicyVersion.objects.get(company_id=world.company_id).id]
    keys["desk:freight_csv"] = [world.company_id, "CNY"]
    keys["desk:policy_try"] = keys["desk:policy_try_act"] = keys["desk:policy_try_csv"] = [trial(world)]
    keys["desk:approval"] = [a_flow(world, [{"roles": ["admin"]}], risk_points=1)]
    keys["desk:credit_account"] = [credit_of(world, sold.customer_id)]
    keys["desk:webhook"] = [endpoint(world)]
    keys["desk:number"] = [range_id((world.company_id, "return", utcnow().year + 1))]
    keys["desk:field"] = [own_field(world)]
    keys["desk:reason"] = [policies.reasons_of(world.company_id)["quality"].id]
    _, shift = begun(world)
    keys |= {"desk:shift": [shift], "desk:shift_report": [shift], "desk:shift_export": [shift, "csv"]}
    transfer, batch_id = sent(world)
    keys |= {"desk:payee": [transfer], "desk:payout": [batch_id], "desk:payout_file": [batch_id, "csv"]}
    keys |= {"desk:settings": ["shop"], "desk:setting": ["shop", world.shop_id]}
    keys |= {"desk:account": [sold.customer_id], "desk:account_export": [sold.customer_id, "csv"]}
    keys |= {route: ["csv"] for route in ROUTES if route.startswith("desk:export_")}
    keys["desk:export_decisions"] = ["shops", "csv"]
    return {route: reverse(route, args=keys.get(route)) for route in ROUTES}


def is_sent_to_sign_in(answer: Any) -> bool:
    return bool(answer.status_code == 302 and answer.headers["Location"].startswith(reverse("account_login")))


@pytest.mark.parametrize("role", ROLES)
def test_routes(role: str, world: World, order: Callable[..., Sold], hire: Hire) -> None:
    where, client = addresses(world, order), hire(role)
    for route, (method, roles) in ROUTES.items():
        answer = getattr(client, method)(where[route])
        if role in roles.split():
            # A form that was sent empty is shown again, with what is wrong.
            nothing = {"desk:resume": (404,), "desk:drawer_rules": (404,)}
            expected = {"desk:request": (409,), **nothing}.get(route, (200, 302))
            assert answer.status_code in expected, route
            assert not is_sent_to_sign_in(answer), route
        else:
            assert answer.status_code == 403, route


def test_routes_without_signing_in(world: World, order: Callable[..., Sold]) -> None:
    where, client = addresses(world, order), Client()
    for route, (method, _) in ROUTES.items():
        assert is_sent_to_sign_in(getattr(client, method)(where[route])), route
    for route, status in OPEN.items():
        assert client.get(reverse(route)).status_code == status, route
    for route in OWN - {"mfa_authenticate"}:
        assert client.get(reverse(route)).status_code == 302, route
    act = reverse("desk:act", args=[new_id(), "authorise"])
    assert is_sent_to_sign_in(client.post(act))


@pytest.mark.parametrize("role", ROLES)
def test_commands(role: str, world: World, order: Callable[..., Sold], hire: Hire) -> None:
    client = hire(role)
    for command, roles in COMMANDS.items():
        key = world.request(order(), 1)
        before = dump()
        answer = client.post(reverse("desk:act", args=[key, command]))
        batch = client.post(reverse("desk:batch"), {"command": command, "pick": str(key)})
        if role in roles.split():
            assert answer.headers["Location"] == f"/returns/{key}/", command
        else:
            assert answer.status_code == 403, command
            assert batch.status_code == (
                403 if command in ("authorise", "receive", "close") or role == "customer" else 302
            )
            assert {**dump(), "sessions.Session": 0} == {**before, "sessions.Session": 0}
    assert client.post(reverse("desk:act", args=[new_id(), "destroy"])).status_code == (
        403 if role == "customer" else 404
    )
