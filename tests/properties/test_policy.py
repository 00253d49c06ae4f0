"""Random statements and sales: precedence is total and deterministic, verdicts only get worse with time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from guicang.policy.rules import ANSWERS, TERMS, Book, Facts, Sale, Statement, covers, eligibility, includes

FEW = st.sampled_from(["", "a", "a/b", "b", "c"])
CODES = st.lists(FEW.filter(bool), unique=True, max_size=2)
MAYBE = st.none() | st.integers(0, 40)
SCOPES = st.fixed_dictionaries({}, optional={name: CODES for name in ("categories", "tiers", "shops", "payments")})
VALUES: dict[str, Any] = {
    "days": MAYBE,
    "fault_days": MAYBE,
    "withdrawal": st.sampled_from([None, True, False]),
    "counted_from": st.sampled_from(["order", "shipment", "delivery"]),
    "counting": st.sampled_from(["days", "hours"]),
    "excluded": st.sampled_from(["no", "by_law", "confirmed"]),
    "conditions": st.lists(st.sampled_from(["unopened", "unused", "used"]), max_size=2),
    "evidence": st.sampled_from(["never", "fault", "always"]),
    "reasons": st.lists(st.sampled_from(["size", "broken"]), unique=True, max_size=2),
    "resolutions": st.lists(st.sampled_from(["refund", "exchange"]), unique=True, max_size=2),
    "requires": st.lists(st.sampled_from(["tags", "seal"]), unique=True, max_size=2),
    "evidence_from_minor": MAYBE,
    "fees": st.lists(
        st.fixed_dictionaries(
            {"kind": st.just("fixed"), "value": st.integers(1, 9), "conditions": st.sampled_from([[], ["used"]])},
            optional={"faults": st.sampled_from([["buyer"], ["seller", "none"]])},
        ),
        max_size=2,
    ),
    "approve_below_minor": MAYBE,
    "freight_choice": st.sampled_from(["seller", "buyer"]),
}
POLICIES = st.lists(
    st.fixed_dictionaries({"scope": SCOPES, "terms": st.fixed_dictionaries({}, optional=VALUES)}), max_size=6
)
SALES = st.builds(Sale, category=FEW, tier=FEW, shop=FEW, payments=st.lists(FEW.filter(bool), max_size=2).map(tuple))
START = datetime(2026, 3, 1, 5, tzinfo=UTC)
DAYS = st.integers(0, 60)


def statement(policies: list[dict[str, Any]]) -> Statement:
    named = [{"code": f"p{place}", "zh": "某", **one} for place, one in enumerate(policies)]
    return Statement.from_data({"policies": named})


def book(of: Statement) -> Book:
    return Book(UUID(int=3), 2, of)


@st.composite
def all_facts(draw: Any) -> Facts:
    shipped = START + timedelta(days=draw(DAYS))
    return Facts(
        asked_at=shipped + timedelta(days=draw(DAYS), hours=draw(st.integers(0, 23))),
        ordered_at=START,
        shipped_at=draw(st.sampled_from([None, shipped])),
        delivered_at=draw(st.sampled_from([None, shipped + timedelta(days=2)])),
        sale=draw(SALES),
        zone=draw(st.sampled_from(["Asia/Shanghai", "Europe/London"])),
        returnable=draw(st.booleans()),
        confirmed_non_returnable=draw(st.booleans()),
        withdraws=draw(st.booleans()),
        informed=draw(st.booleans()),
        more_to_come=draw(st.booleans()),
        fault=draw(st.sampled_from(["seller", "buyer", "carrier", "none"])),
        reason=draw(st.sampled_from(["", "size", "broken"])),
        resolution=draw(st.sampled_from(["", "refund", "exchange"])),
        condition=draw(st.sampled_from(["", "unopened", "used"])),
        amount_minor=draw(MAYBE),
        pictures=draw(st.sampled_from([None, 0, 1])),
        has_order=draw(st.booleans()),
    )


@given(POLICIES, SALES)
def test_precedence_is_total_and_the_first_that_says_something_decides(
    policies: list[dict[str, Any]], sale: Sale
) -> None:
    of = statement(policies)
    decided = book(of).decide(sale)
    assert set(decided.terms) == set(decided.said_by) == set(TERMS)
    for name in TERMS:
        saying = [one for one in of.policies if covers(one.scope, sale) and getattr(one.terms, name) is not None]
        assert decided.said_by[name] == (saying[0].code if saying else "")
        if saying:
            assert decided.terms[name] == getattr(saying[0].terms, name)
    assert Statement.from_data(of.as_data()) == of
    assert book(Statement.from_data(of.as_data())).decide(sale) == decided


@given(POLICIES, all_facts())
def test_a_policy_that_is_not_for_the_sale_changes_nothing(policies: list[dict[str, Any]], facts: Facts) -> None:
    of = statement(policies)
    only = Statement(policies=tuple(one for one in of.policies if covers(one.scope, facts.sale)))
    assert eligibility(facts, book(of)) == eligibility(facts, book(only))


@given(POLICIES, all_facts(), st.integers(1, 100))
def test_later_is_never_better(policies: list[dict[str, Any]], facts: Facts, hours: int) -> None:
    of = book(statement(policies))
    early, late = (
        eligibility(Facts(**{name: getattr(facts, name) for name in facts.__slots__} | {"asked_at": at}), of)
        for at in (facts.asked_at, facts.asked_at + timedelta(hours=hours))
    )
    assert early.deadline == late.deadline
    assert ANSWERS.index(early.answer) <= ANSWERS.index(late.answer)
    if early.deadline is not None:
        assert (facts.asked_at >= early.deadline) == any(one.code == "too_late" for one in early.reasons)


@given(POLICIES, all_facts())
def test_the_answer_is_the_worst_of_its_reasons_and_automatic_only_where_allowed(
    policies: list[dict[str, Any]], facts: Facts
) -> None:
    found = eligibility(facts, book(statement(policies)))
    assert found.answer == max((one.answer for one in found.reasons), key=ANSWERS.index, default="allow")
    assert found.answer == "allow" or not found.automatic
    # The seller's fault is never refused by a rule, a person looks; what is wanted may not be his.
    refusing = {one.code for one in found.reasons if one.answer == "refuse"}
    assert facts.fault not in ("seller", "carrier") or refusing <= {"resolution_not_offered", "no_right_of_withdrawal"}


#: What else may be true of a request that is alike in all the rest.
OTHERWISE: dict[str, tuple[Any, ...]] = {
    "asked_at": (START, START + timedelta(days=90)),
    "returnable": (True, False),
    "confirmed_non_returnable": (True, False),
    "reason": ("", "size", "broken"),
    "fault": ("seller", "buyer", "none"),
    "resolution": ("", "refund", "exchange"),
    "condition": ("", "unopened", "used"),
    "amount_minor": (None, 0, 40),
    "pictures": (None, 0, 1),
    "has_order": (True, False),
}


@given(POLICIES, all_facts())
def test_what_a_book_remembers_changes_no_verdict(policies: list[dict[str, Any]], facts: Facts) -> None:
    of = book(statement(policies))
    for name, values in OTHERWISE.items():
        for value in values:
            one = replace(facts, **{name: value})
            assert eligibility(one, of) == eligibility(one, book(of.statement)), (name, value)


@given(SCOPES, SCOPES, SALES)
def test_what_a_scope_includes_it_covers(wide: dict[str, Any], narrow: dict[str, Any], sale: Sale) -> None:
    first, second = (statement([{"scope": one}]).policies[0].scope for one in (wide, narrow))
    if includes(first, second) and covers(second, sale):
        assert covers(first, sale)
