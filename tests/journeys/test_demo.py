"""The demo: every state and type of return, books that hold, and a second start that changes nothing."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from guicang.accounting.models import Entry
from guicang.audit.models import AuditRow
from guicang.integrations import demo
from guicang.integrations.demo import names
from guicang.kernel.models import OutboxMessage
from guicang.proofs import queries as proofs
from guicang.returns.lifecycle import LineKind, State, Type
from guicang.returns.models import Return, ReturnLine
from guicang.sales.models import Order, Tender
from guicang.staff.models import User

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


def _facts() -> list[Any]:
    """Everything that must be the same the next time; ids are not."""
    columns = ("number", "state", "type", "refund_minor", "requested_at", "changed_at")
    amounts = ("number", "total_minor", "refunded_minor", "return_label")
    rows = Return.objects.order_by("number").values_list(*columns)
    return [
        *rows,
        *Order.objects.order_by("number").values_list(*amounts),
    ]


@pytest.mark.django_db
def test_the_demo_holds_everything_and_proves_itself() -> None:
    made = demo.load(NOW)
    assert made is not None
    assert 290 <= made.orders <= 330
    assert made.returns == Return.objects.count() >= 90
    states = Counter(Return.objects.values_list("state", flat=True))
    assert set(states) == {str(state) for state in State}, states
    assert set(Return.objects.values_list("type", flat=True)) == {str(each) for each in Type}
    assert set(ReturnLine.objects.values_list("kind", flat=True)) == {str(kind) for kind in LineKind}
    assert set(Order.objects.values_list("return_label", flat=True)) == {"none", "in_progress", "part", "full"}
    assert ReturnLine.objects.filter(held=True).count() == 1
    assert Return.objects.filter(link_kind="late_parcel").count() == 1
    assert Tender.objects.filter(kind__in=["points", "gift_card"], refunded_minor__gt=0).count() >= 2
    assert OutboxMessage.objects.filter(topic="handover.goods").exists()
    assert Return.objects.filter(changed_at__gt=NOW).count() == 0
    assert [(proof.name, proof.differences[:3]) for proof in proofs.run() if not proof.ok] == []
    assert {user.username for user in User.objects.all()} == {login.username for login in names.LOGINS}
    assert User.objects.get(username="wes").check_password(names.PASSWORD)


@pytest.mark.django_db
def test_the_same_day_makes_the_same_and_a_second_call_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from guicang.integrations.demo import filling

    monkeypatch.setattr(filling, "PLAIN_ORDERS", 5)
    demo.load(NOW)
    first, counts = _facts(), (AuditRow.objects.count(), Entry.objects.count())
    assert demo.load(NOW) is None
    assert demo.load(NOW, seed=7) is None
    assert (_facts(), (AuditRow.objects.count(), Entry.objects.count())) == (first, counts)
