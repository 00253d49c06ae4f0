"""Every operation x every role: answered or refused. A new operation needs a row here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from guicang.api.service import v1
from guicang.kernel.commands import begin
from guicang.policy.models import PolicyVersion
from guicang.policy.operations import start_draft
from guicang.policy.rules import PLAIN
from guicang.returns.operations.evidence import Showing, add_evidence
from guicang.staff import rules
from tests.journeys.test_approvals import a_flow
from tests.journeys.test_drawers import begun
from tests.journeys.test_own_fields import own_field
from tests.journeys.test_payees import sent
from tests.journeys.test_rebates import agree as rebate_of
from tests.receiver import endpoint
from tests.unit.api.conftest import Hire, codes
from tests.unit.desk.conftest import dump
from tests.unit.desk.files import imported, kept, order_rows
from tests.unit.desk.test_permissions import BOOKS, COMMANDS, EVERYBODY, ROUTES
from tests.unit.payments.test_credit import credit_of
from tests.unit.returns.test_evidence import photo
from tests.world import SYSTEM, Sold, World

IMPORTS, HOOKS = ROUTES["desk:imports"][1], ROUTES["desk:webhooks"][1]
#: (method, path) -> roles whose tokens are let in.
OPERATIONS: dict[tuple[str, str], str] = {
    ("GET", "/me"): EVERYBODY,
    ("GET", "/companies"): EVERYBODY,
    ("GET", "/shops"): EVERYBODY,
    ("GET", "/warehouses"): EVERYBODY,
    ("GET", "/reasons"): EVERYBODY,
    ("GET", "/lifecycle"): EVERYBODY,
    ("GET", "/returns"): EVERYBODY,
    ("GET", "/returns/{pk}"): EVERYBODY,
    ("GET", "/orders"): EVERYBODY,
    ("GET", "/orders/{pk}"): EVERYBODY,
    **{("POST", f"/orders/{{pk}}/{act}"): ROUTES["desk:gift"][1] for act in ("gift", "gift-slip")},
    ("GET", "/stock"): EVERYBODY,
    ("GET", "/stock/{sku}/moves"): EVERYBODY,
    ("GET", "/journal"): BOOKS,
    ("GET", "/balances"): BOOKS,
    ("GET", "/proofs"): BOOKS,
    ("GET", "/accounts/{pk}"): ROUTES["desk:account"][1],
    ("POST", "/accounts/{pk}/set-off"): "finance admin",
    ("GET", "/imports"): IMPORTS,
    ("GET", "/imports/{pk}"): IMPORTS,
    ("GET", "/imports/{pk}/rows"): IMPORTS,
    ("GET", "/imports/kinds"): IMPORTS,
    ("GET", "/imports/profiles"): IMPORTS,
    ("GET", "/imports/files"): IMPORTS,
    ("GET", "/imports/files/{pk}"): IMPORTS,
    ("POST", "/imports/files"): IMPORTS,
    **{
        ("POST", f"/imports/files/{{pk}}/{act}"): IMPORTS
        for act in ("describe", "use", "save", "start", "stop", "erase")
    },
    ("GET", "/settings/money-limits"): "admin",
    ("POST", "/settings/money-limits"): "admin",
    ("POST", "/returns/{pk}/insurance"): ROUTES["desk:insurance"][1],
    ("GET", "/prices/rules"): EVERYBODY,
    ("POST", "/prices/rules"): "admin",
    ("GET", "/rebates"): EVERYBODY,
    ("POST", "/rebates"): "finance admin",
    ("POST", "/rebates/{pk}/reckon"): "finance admin",
    ("GET", "/quotas/rules"): EVERYBODY,
    ("POST", "/quotas/rules"): "admin",
    ("GET", "/prices/agreed"): EVERYBODY,
    ("POST", "/prices/agreed"): "admin",
    ("POST", "/requests/without-order"): ROUTES["desk:blind"][1],
    ("GET", "/exchanges"): ROUTES["desk:exchanges"][1],
    ("POST", "/exchanges/remind"): ROUTES["desk:exchanges"][1],
    ("POST", "/returns/{pk}/undo-exchange"): ROUTES["desk:undo_exchange"][1],
    ("GET", "/refunds"): ROUTES["desk:refunds"][1],
    **{("POST", f"/refunds/{act}"): ROUTES["desk:refunds"][1] for act in ("pay", "fail", "again")},
    **{(method, "/refunds/{pk}/payees"): ROUTES["desk:payee"][1] for method in ("GET", "POST")},
    ("POST", "/payees/{pk}/confirm"): ROUTES["desk:refunds"][1],
    **{(method, "/payment-files"): ROUTES["desk:payouts"][1] for method in ("GET", "POST")},
    ("GET", "/payment-files/{pk}"): ROUTES["desk:payout"][1],
    ("POST", "/payment-files/{pk}/lines"): ROUTES["desk:payout_file"][1],
    ("GET", "/shifts"): ROUTES["desk:drawers"][1],
    ("GET", "/shifts/{pk}"): ROUTES["desk:shift"][1],
    ("GET", "/settings/refund-ways"): ROUTES["desk:refund_ways"][1],
    ("POST", "/settings/refund-ways/{pk}/change"): ROUTES["desk:refund_ways"][1],
    ("GET", "/settings/freight"): ROUTES["desk:freight"][1],
    ("POST", "/settings/freight/{pk}/change"): ROUTES["desk:freight"][1],
    ("GET", "/settings/numbers"): ROUTES["desk:numbers"][1],
    ("POST", "/settings/numbers/{pk}/change"): ROUTES["desk:number"][1],
    **{(method, "/settings/approvals"): ROUTES["desk:approvals"][1] for method in ("GET", "POST")},
    ("GET", "/settings/approvals/{pk}"): ROUTES["desk:approval"][1],
    **{
        ("POST", f"/settings/approvals/{{pk}}/{act}"): ROUTES["desk:approval"][1]
        for act in ("change", "move", "archive", "restore")
    },
    ("GET", "/settings/fields"): EVERYBODY,
    ("POST", "/settings/fields"): ROUTES["desk:fields"][1],
    ("GET", "/settings/fields/{pk}"): ROUTES["desk:field"][1],
    **{
        ("POST", f"/settings/fields/{{pk}}/{act}"): ROUTES["desk:field"][1]
        for act in ("change", "move", "archive", "restore")
    },
    ("POST", "/returns/{pk}/fields"): ROUTES["desk:answers"][1],
    **{(method, "/delegations"): ROUTES["desk:delegations"][1] for method in ("GET", "POST")},
    ("POST", "/delegations/{pk}/end"): ROUTES["desk:delegations"][1],
    ("GET", "/settings/assignment"): ROUTES["desk:assignment"][1],
    ("POST", "/settings/assignment/{pk}"): ROUTES["desk:assignment"][1],
    ("POST", "/returns/assign"): ROUTES["desk:assign"][1],
    ("GET", "/settings/{kind}"): ROUTES["desk:settings"][1],
    ("POST", "/settings/{kind}"): ROUTES["desk:settings"][1],
    ("GET", "/settings/{kind}/{pk}"): ROUTES["desk:setting"][1],
    **{
        ("POST", f"/settings/{{kind}}/{{pk}}/{act}"): ROUTES["desk:setting"][1]
        for act in ("change", "archive", "restore")
    },
    ("POST", "/imports/profiles/{pk}/rename"): IMPORTS,
    ("POST", "/imports/profiles/{pk}/delete"): IMPORTS,
    ("GET", "/returns/queues"): EVERYBODY,
    ("GET", "/persons"): ROUTES["desk:persons"][1],
    ("GET", "/persons/{pk}"): ROUTES["desk:person"][1],
    ("POST", "/persons/{pk}/erase"): ROUTES["desk:person"][1],
    ("GET", "/roles"): EVERYBODY,
    ("GET", "/users"): ROUTES["desk:users"][1],
    ("POST", "/users"): ROUTES["desk:users"][1],
    **{("POST", f"/users/{{pk}}/{act}"): ROUTES["desk:users"][1] for act in ("change", "lock", "unlock")},
    ("GET", "/tokens"): ROUTES["desk:tokens"][1],
    ("POST", "/tokens"): ROUTES["desk:tokens"][1],
    ("POST", "/tokens/{pk}/revoke"): ROUTES["desk:tokens"][1],
    ("GET", "/webhooks"): HOOKS,
    ("POST", "/webhooks"): HOOKS,
    ("GET", "/webhooks/events"): HOOKS,
    ("GET", "/webhooks/{pk}"): HOOKS,
    ("GET", "/webhooks/{pk}/deliveries"): HOOKS,
    **{
        ("POST", f"/webhooks/{{pk}}/{act}"): HOOKS for act in ("change", "switch", "rotate", "ping", "replay", "remove")
    },
    ("GET", "/outbox"): ROUTES["desk:outbox"][1],
    ("POST", "/outbox/retry"): ROUTES["desk:outbox"][1],
    ("POST", "/outbox/drop"): ROUTES["desk:outbox"][1],
    ("GET", "/credit"): ROUTES["desk:credit"][1],
    ("GET", "/credit/{pk}"): ROUTES["desk:credit_account"][1],
    ("POST", "/credit/{pk}/adjust"): "agent approver finance admin",
    ("POST", "/credit/adjustments/{pk}/decide"): "approver finance admin",
    ("POST", "/orders/{pk}/spend-credit"): "admin",
    ("GET", "/coupons"): ROUTES["desk:coupons"][1],
    ("POST", "/coupons/redeem"): "agent approver counter admin",
    ("POST", "/orders/{pk}/preview"): ROUTES["desk:request"][1],
    ("POST", "/orders/{pk}/counter"): ROUTES["desk:counter"][1],
    **{
        ("GET", f"/policy/{path}"): EVERYBODY for path in ("versions", "versions/{pk}", "versions/{pk}/toml", "presets")
    },
    ("POST", "/policy/check"): EVERYBODY,
    ("GET", "/policy/draft"): ROUTES["desk:policy_draft"][1],
    ("GET", "/policy/draft/findings"): ROUTES["desk:policy_draft"][1],
    ("PUT", "/policy/draft"): ROUTES["desk:policy_draft"][1],
    **{
        ("POST", f"/policy/draft/{act}"): ROUTES["desk:policy_draft"][1]
        for act in ("start", "import", "discard", "publish")
    },
    ("GET", "/pictures/{pk}"): EVERYBODY,
    ("GET", "/returns/{pk}/evidence.pdf"): ROUTES["desk:evidence_pack"][1],
    ("GET", "/returns/{pk}/pictures"): EVERYBODY,
    ("POST", "/returns/{pk}/pictures"): ROUTES["desk:add_pictures"][1],
    ("POST", "/returns/{pk}/pictures/remove"): ROUTES["desk:remove_pictures"][1],
    ("POST", "/returns/{pk}/platform-deadline"): ROUTES["desk:deadline"][1],
    ("GET", "/returns/{pk}/notes"): EVERYBODY,
    ("POST", "/returns/{pk}/notes"): ROUTES["desk:note"][1],
    ("POST", "/returns"): ROUTES["desk:request"][1],
    **{("POST", f"/returns/{name}"): roles for name, roles in COMMANDS.items()},
    **{("POST", f"/returns/{{pk}}/{name}"): roles for name, roles in COMMANDS.items()},
}


def declared() -> dict[tuple[str, str], Any]:
    return {
        (method.upper(), path.removeprefix("/api/v1")): operation
        for path, methods in v1.get_openapi_schema()["paths"].items()
        for method, operation in methods.items()
    }


def test_every_operation_has_a_row() -> None:
    assert set(declared()) == set(OPERATIONS)


def test_every_permission_is_one() -> None:
    known = {name for role in rules.ROLES.values() for name in role.permissions} | {""}
    assert {name for one in declared().values() for name in one["x-permission"].replace("|", " ").split()} <= known


@pytest.mark.parametrize("role", rules.STAFF)
def test_roles(role: str, world: World, order: Callable[..., Sold], program: Hire) -> None:
    sold, caller = order(), program(role)
    key = world.request(sold, 1)
    (transfer, batch), (_, shift) = sent(world), begun(world)
    ids = {
        "/refunds": transfer,
        "/payment-files": batch,
        "/shifts": shift,
        "/orders": sold.id,
        "/returns": key,
        "/pictures": add_evidence(pictures=[Showing(key, photo())], actor=SYSTEM, now=world.now)[0].id,
        "/webhooks": endpoint(world),
        "/credit": credit_of(world, sold.customer_id),
        "/settings/approvals": a_flow(world, [{"roles": ["admin"]}], risk_points=1),
        "/settings/fields": own_field(world),
        "/rebates": rebate_of(world, sold),
        "/settings": world.shop_id,
        "/persons": sold.customer_id,
        "/accounts": sold.customer_id,
        "/policy": drafted(world),
        "/imports/files": kept(order_rows("x")),
        "/imports": imported(order_rows("x")).run_id,
    }
    before = moved()
    for (method, path), roles in OPERATIONS.items():
        pk = next((known for start, known in ids.items() if path.startswith(start)), None)
        address = path.replace("{pk}", str(pk)).replace("{sku}", str(world.sku_id)).replace("{kind}", "shop")
        address += "?q=nobody" if address == "/persons" else ""
        taken = path.endswith("/evidence.pdf") and role in roles.split()
        assert not taken or moved() == before
        answer = caller.send(method, address, None if method == "GET" else [])
        if taken:
            before = moved()  # who takes a case out of the house is written down
        if role not in roles.split():
            assert (answer.status_code, codes(answer)) == (403, ["not_permitted"]), path
        elif method == "GET":
            assert answer.status_code == 200, path
        else:
            assert {*codes(answer)} == {"bad_field"}, path  # let in, and then told what is missing
    assert moved() == before


def drafted(world: World) -> UUID:
    """The version in force; with a draft of the next one."""
    base = PolicyVersion.objects.get(company_id=world.company_id)
    with transaction.atomic():
        context = begin("test", actor=SYSTEM, now=world.now, items=1)
        start_draft(context, world.company_id, name="next", statement=PLAIN, base_id=base.id)
    return base.id


def moved() -> dict[str, list[Any]]:
    return {name: rows for name, rows in dump().items() if not name.startswith("staff.")}
