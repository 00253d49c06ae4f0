"""The demo: every state and type of return, books that hold, and a second start that changes nothing."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from guicang.accounting.models import Entry
from guicang.audit.models import AuditRow
from guicang.insights import home
from guicang.insights.policies import vocabulary
from guicang.integrations import demo
from guicang.integrations.demo import names, ten
from guicang.kernel.actor import EVERYTHING
from guicang.kernel.ids import NIL
from guicang.kernel.models import OutboxMessage
from guicang.policy.queries import versions
from guicang.policy.rules import findings
from guicang.proofs import queries as proofs
from guicang.returns.lifecycle import LineKind, State, Type
from guicang.returns.models import (
    ApprovalSeat,
    Clock,
    Insurance,
    Offer,
    RebateEntry,
    Return,
    ReturnLine,
    RiskListing,
    RiskScore,
)
from guicang.returns.steps.request import Request, Wanted, preview
from guicang.sales.models import Order, OrderLine, Tender
from guicang.staff.models import User
from tests.world import SYSTEM

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
    assert 310 <= made.orders <= 380
    assert made.returns == Return.objects.count() >= 90
    states = Counter(Return.objects.values_list("state", flat=True))
    assert set(states) == {str(state) for state in State}, states
    assert set(Return.objects.values_list("type", flat=True)) == {str(each) for each in Type}
    assert set(ReturnLine.objects.values_list("kind", flat=True)) == {str(kind) for kind in LineKind}
    assert set(Order.objects.values_list("return_label", flat=True)) == {"none", "in_progress", "part", "full"}
    assert ReturnLine.objects.filter(held=True).count() == 1
    assert ReturnLine.objects.filter(price_rule="last", settled=1).exists()
    assert RebateEntry.objects.filter(amount_minor__gt=0).exists()
    assert Insurance.objects.get().state == "filed"
    assert Return.objects.filter(link_kind="late_parcel").count() == 1
    assert Tender.objects.filter(kind__in=["points", "gift_card"], refunded_minor__gt=0).count() >= 2
    assert OutboxMessage.objects.filter(topic="handover.goods").exists()
    assert Return.objects.filter(changed_at__gt=NOW).count() == 0
    assert [(proof.name, proof.differences[:3]) for proof in proofs.run() if not proof.ok] == []
    assert {user.username for user in User.objects.all()} == {login.username for login in names.LOGINS}
    assert User.objects.get(username="wes").check_password(names.PASSWORD)
    _decides()
    _is_alive()


def _decides() -> None:
    """The demo's own policy gives the ten prepared orders the verdicts that the documents print."""
    company_id = Order.objects.values_list("company_id", flat=True)[:1].get()
    statement = versions(company_id, NOW)[0].statement
    assert [one for one in findings(statement, vocabulary(company_id).codes) if one.level == "error"] == []
    lines = OrderLine.objects.filter(order__number__startswith="QHTEN")
    sold = {line.order.number: line for line in lines.select_related("order")}
    base = NOW.replace(hour=0, minute=0)
    for one in ten.TEN:
        line = sold[one.number]
        wanted = [Wanted(line.id, 1, one.reason, condition=one.condition)]
        said = preview(Request(line.order.shop_id, line.order.customer_id, wanted), actor=SYSTEM, now=base).verdict
        found = said["answer"], said["reasons"][0]["code"], said["terms"]["freight"]
        assert found == (one.answer, one.because, one.freight), one.number


def _is_alive() -> None:
    """What people find who look around on the day."""
    waiting = Return.objects.filter(decision="pending")
    assert sorted(waiting.exclude(stage=0).values_list("stage", flat=True)) == [1, 2]
    assert ApprovalSeat.objects.exclude(decided_for_id=NIL).count() == 1
    talks = [(one.state, one.side, one.expires_at > NOW) for one in Offer.objects.order_by("expires_at")]
    assert sorted(talks) == [
        ("countered", "staff", True),
        ("expired", "staff", False),
        ("open", "customer", True),
        ("open", "staff", True),
    ]
    high = Return.objects.get(risk_high=True)
    assert (high.verdict["answer"], high.decision) == ("review", "pending")
    assert {part["code"] for part in RiskScore.objects.get(parent=high).parts} == {"rate", "velocity", "not_received"}
    assert set(RiskListing.objects.values_list("kind", flat=True)) == {"allow", "block"}
    clocks = Clock.objects.filter(outcome="")
    assert clocks.filter(kind="review", due_at__gt=NOW, warned_at__isnull=False).exists()
    assert clocks.filter(kind="refund", due_at__lte=NOW, escalate_to="finance", acted_at__isnull=False).exists()
    assert clocks.filter(kind="platform", due_at__gt=NOW).count() == 1
    granted = Return.objects.filter(verdict__automatic=True)
    assert sorted(granted.values_list("type", flat=True)) == [str(Type.REFUND), str(Type.REFUND_ONLY)]
    assert [one.before for one in home.reviews(EVERYTHING, NOW)] == [1]


@pytest.mark.django_db
def test_the_same_day_makes_the_same_and_a_second_call_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from guicang.integrations.demo import filling

    monkeypatch.setattr(filling, "PLAIN_ORDERS", 5)
    demo.load(NOW)
    first, counts = _facts(), (AuditRow.objects.count(), Entry.objects.count())
    assert demo.load(NOW) is None
    assert demo.load(NOW, seed=7) is None
    assert (_facts(), (AuditRow.objects.count(), Entry.objects.count())) == (first, counts)
