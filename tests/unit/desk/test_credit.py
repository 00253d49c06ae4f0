"""Store credit on the desk: rules as typed, a change by hand that a second person grants, the account it moves."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse

from guicang.payments.models import CreditAccount, CreditAdjustment
from guicang.payments.queries.credit import rules_of
from tests.unit.desk.conftest import Hire
from tests.unit.payments.test_credit import credit_of
from tests.world import Sold, World

SAID = {
    **{"bonus_bp": "5", "bonus_most_minor": "20.00", "bonus_days": "90", "warn_days": "7", "money_days": "0"},
    **{"coupon_on": "1", "coupon_bp": "0", "coupon_minor": "10.00", "coupon_least_minor": "50.00"},
    **{"coupon_days": "30", "coupon_from_minor": "0", "coupon_faults": ["seller"]},
}


def test_rules_are_kept_as_typed(world: World, hire: Hire) -> None:
    client = hire("admin")
    assert client.get(reverse("desk:credit_rules")).status_code == 200
    said = {"company": world.company_id, "currency": "CNY", **SAID}
    assert client.post(reverse("desk:credit_rules"), said).status_code == 302
    number, rules = rules_of([world.company_id])[world.company_id, "CNY"]
    assert (number, rules.bonus_bp, rules.bonus_most_minor, rules.coupon_minor) == (1, 500, 2_000, 1_000)
    assert rules.coupon_faults == ("seller",)
    assert client.post(reverse("desk:credit_rules"), {**said, "money_days": "30"}).status_code == 409


def test_a_second_person_grants_a_change_by_hand(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    pk = credit_of(world, order().customer_id)
    page = reverse("desk:credit_account", args=[pk])
    agent, finance = hire("agent"), hire("finance")
    assert agent.post(page, {"direction": "more", "amount": "2.50", "reason": "goodwill"}).status_code == 302
    said = {"adjustment": CreditAdjustment.objects.get().id, "act": "grant"}
    assert agent.post(reverse("desk:credit"), said).status_code == 409
    assert finance.post(reverse("desk:credit"), said).status_code == 302
    assert CreditAccount.objects.get(id=pk).balance_minor == 350
