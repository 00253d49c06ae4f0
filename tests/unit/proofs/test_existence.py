"""A row removed whole, with all that hangs on it: no sum is off, and yet it is missed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

import guicang
from guicang.kernel import commands, guards
from guicang.kernel.actor import Actor
from guicang.policy.models import PolicyVersion
from guicang.proofs import existence
from guicang.proofs import queries as proofs
from guicang.sales.models import LineDiscount, Order, OrderLine
from guicang.staff.models import User
from guicang.staff.operations import ensure_user

SOURCE = Path(guicang.__file__).parent


def failing() -> dict[str, list[dict[str, Any]]]:
    return {proof.name: proof.differences for proof in proofs.run() if not proof.ok}


def remove(*rows: Any) -> None:
    connection.check_constraints()
    with guards.removed(connection):
        for each in rows:
            assert each._raw_delete(each.db) or each.model is LineDiscount
        connection.check_constraints()


@pytest.fixture
def unsold(order: Callable[..., Any]) -> Any:
    """Nothing was paid or shipped: nothing but its own rows speaks of it."""
    return order(units=2, shipped=0, paid=False)


def test_a_removed_order_is_missed(unsold: Any) -> None:
    assert failing() == {}
    lines = OrderLine.objects.filter(order_id=unsold.id)
    discounts = LineDiscount.objects.filter(order_line_id__in=list(lines.values_list("pk", flat=True)))
    remove(discounts, lines, Order.objects.filter(pk=unsold.id))
    assert failing() == {"audited_rows_exist": [{"fault": "removed", "kind": "order", "id": str(unsold.id)}]}


def test_a_removed_policy_is_missed(unsold: Any) -> None:
    key = unsold.row.policy_version_id
    remove(PolicyVersion.objects.filter(pk=key))
    assert failing() == {"audited_rows_exist": [{"fault": "removed", "kind": "policy", "id": str(key)}]}


def test_a_removed_user_is_missed(world: Any) -> None:
    context = commands.begin("test", actor=Actor.system(), now=world.now, items=1)
    user = ensure_user(context, username="mallory", password="p", role="agent")
    remove(User.objects.filter(pk=user.pk))
    assert [each["kind"] for each in failing()["audited_rows_exist"]] == ["user"]


def test_every_kind_of_the_trail_is_placed() -> None:
    """A kind that a context begins to audit must be looked for here, or named among the others."""
    text = "\n".join(path.read_text(encoding="utf8") for path in SOURCE.rglob("*.py") if "tests" not in path.parts)
    kinds = set(re.findall(r'AuditEntry\(\s*[\w.()\[\]"]+,\s*"(\w+)"', text))
    assert {"order", "return", "policy"} <= kinds
    assert kinds <= set(existence.TABLES) | existence.OTHERS
