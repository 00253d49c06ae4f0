"""Every component that a plan writes down has its rule in plain words, in both languages, with the case's numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import translation

from guicang.insights.reckoning import Reading, Told, tell
from guicang.policy.rules import Statement
from guicang.returns.pricing import PERSON, SOURCES
from guicang.returns.settlement import (
    Ask,
    Fee,
    Plan,
    Promotion,
    Rules,
    Sale,
    SaleLine,
    SaleTender,
    plan_settlement,
)
from guicang.returns.settlement.fees import DEDUCTION
from guicang.ui.words import COMPONENTS

A, B, GIFT = (UUID(int=n) for n in (1, 2, 3))
SAID: dict[str, Any] = {
    "currency": "CNY",
    "policies": [{"code": "p", "zh": "七日", "en": "Seven", "source": "办法 17"}],
}
VERDICT: dict[str, Any] = {
    "version": 3,
    "said_by": {"discount_mode": "p", "shipping_refund": "p"},
    "lines": {str(A): {"said_by": {"fees": "p"}, "terms": {}}},
}


def sale(**more: Any) -> Sale:
    """满300减50 with a gift and free shipping from 99: A of two units 200, B 120, paid 270 and shipping 10."""
    lines = {
        A: SaleLine(A, 2, 16875, 18000, 1100, 1125),
        B: SaleLine(B, 1, 10125, 10125, 600),
        GIFT: SaleLine(GIFT, 1, 0, 0, 0),
    }
    tenders = [SaleTender(uuid4(), 20000, 0, kind="wechat"), SaleTender(uuid4(), 8000, 0, kind="card")]
    promotions = (
        Promotion("M", "reprice", 30000, (A, B), {A: 3125, B: 1875}, ((GIFT, 2000),)),
        Promotion("F", threshold_minor=20000, shipping_minor=1000),
    )
    return Sale(
        uuid4(),
        "CNY",
        28000,
        28000,
        0,
        0,
        lines,
        tenders,
        shipping_standard_minor=1000,
        points_earned=27,
        promotions=promotions,
        **more,
    )


RULES = Rules(shipping="proportional", discounts="reprice", gifts="charge", lost_shipping="charge", tenders=("card",))
FEES = (
    Fee("percent", 1000, grades=("B", "C")),
    Fee("fixed", 100, "unit", what="value"),
    Fee("fixed", 50, "return", what="freight"),
)


def first() -> Plan:
    ask = Ask(A, A, 1, fees=FEES, graded=(("B", 1),), deduction_minor=30)
    return plan_settlement(sale(), [ask, Ask(B, expense_minor=500)], rules=RULES)


def told(plan: Plan, language: str) -> list[Told]:
    read = Reading("CNY", Statement.from_data(SAID), VERDICT, {str(A): "Kettle"}, {})
    with translation.override(language):
        return [
            Told(one.label, one.name, one.units, one.amount_minor, str(one.text), one.numbers, one.tenders, one.policy)
            for one in tell(plan.explanation, read)
        ]


def plans() -> Iterator[Plan]:
    plan = first()
    yield plan
    ask = Ask(A, A, 1, fees=FEES, graded=(("B", 1),), settled=1, share_minor=8438, charged=plan.lines[0].fees)
    second = plan_settlement(plan.sale, [ask], rules=RULES)
    yield second
    yield plan_settlement(second.sale, [Ask(A, A, -1, fees=FEES, settled=2, charged={DEDUCTION: 30})], rules=RULES)
    yield plan_settlement(sale(), [Ask(B, B, 1, unshipped=True), Ask(A, A, goodwill_minor=100)])
    yield plan_settlement(sale(), [Ask(B, B, 1, recorded_minor=99999), Ask(A, recorded_minor=10)])
    yield plan_settlement(sale(), [Ask(A, A, 1)], rules=Rules(on_account=True))
    yield plan_settlement(sale(earnest_minor=5000), [Ask(B, B, 1, unshipped=True, forfeits=True)])
    for rule in (*SOURCES, PERSON):
        went_by = {"rule": rule, "units": 2, "amount_minor": 500, "days": 90, "number": "SO-1"}
        went_by |= {"sold_on": "2026-10-02", "since": "2026-01-01"}
        yield plan_settlement(sale(), [Ask(B, quantity=2, recorded_minor=500, recorded_tax_minor=57, priced=went_by)])


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_component_says_its_rule(language: str) -> None:
    seen = set()
    for plan in plans():
        for one in told(plan, language):
            seen.add(one.label)
            assert one.text, one.label
            assert "%(" not in one.text
            assert one.text.isascii() == (language == "en"), one.text
            assert not one.text[-1].isalnum()
    assert seen >= set(COMPONENTS) - {"unapplied"}


def test_the_numbers_are_those_of_the_planner() -> None:
    by_label = {one.label: one for one in told(first(), "en")}
    assert "their share of the 168.75 CNY" in by_label["paid_share"].text
    later = next(one for one in told(list(plans())[1], "en") if one.label == "paid_share")
    assert {("Reckoned before", "84.38 CNY"), ("Reckoned with these", "168.75 CNY")} <= set(later.numbers)
    assert "worth 220.00 CNY" in by_label["promotion_lost"].text
    assert "300.00 CNY" in by_label["promotion_lost"].text
    assert "where its grade is B, C" in by_label["fee_restocking"].text
    shares = {one.kind: (one.amount_minor, one.room_minor) for one in by_label["cash"].tenders}
    assert shares["card"][1] == 8000
    assert sum(amount for amount, _ in shares.values()) == by_label["cash"].amount_minor


def test_who_says_so() -> None:
    by_label = {one.label: one for one in told(first(), "zh-hans")}
    assert by_label["fee_restocking"].policy == by_label["promotion_lost"].policy == "七日"
    assert by_label["tax_within"].policy == ""
    assert by_label["fee_deduction"].policy == ""


def test_what_stays_and_what_is_taken_back_is_told_apart() -> None:
    _, second, undone, *_ = plans()
    assert "2 of 2 units are settled" in next(one.text for one in told(second, "en") if one.label == "paid_share")
    assert "1 stay settled" in next(one.text for one in told(undone, "en") if one.label == "paid_share")
