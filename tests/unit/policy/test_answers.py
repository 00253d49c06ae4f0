"""Answers to own fields: one form for each, and conditions that are true of what was answered and of nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from guicang.kernel.ids import NIL
from guicang.policy.facts import FieldInfo
from guicang.policy.queries.fields import answered, condition_words, labels
from guicang.policy.rules import Book, Facts, FieldCondition, NotAPolicy, Statement, eligibility, findings
from guicang.policy.rules.answers import NotAnAnswer, checked, holds

AT = datetime(2026, 11, 3, tzinfo=UTC)
WORN = FieldInfo(NIL, "worn", "穿过次数", "Times worn", "", "", "number", (), "customer", False, False)
PLACE = FieldInfo(
    NIL, "place", "购买渠道", "Bought at", "", "", "choice", ({"code": "tmall", "zh": "天猫", "en": "Tmall"},), "both",
    False, False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("text", "  很紧 ", "很紧"),
        ("number", "12.50", "12.5"),
        ("number", "100", "100"),
        ("number", "-0", "0"),
        ("number", "007", "7"),
        ("number", "0.0", "0"),
        ("date", "2026-02-28", "2026-02-28"),
        ("choice", "a", "a"),
        ("yes_no", "no", "no"),
    ],
)
def test_an_answer_has_one_form(kind: str, typed: str, kept: str) -> None:
    assert checked(kind, ["a", "b"], typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("text", "x" * 1_001),
        ("text", "a\0b"),
        *[
            ("number", typed)
            for typed in ("", "1e3", "NaN", "Infinity", "1,5", "1.23456", "1234567890123", "１２", "two")
        ],
        *[("date", typed) for typed in ("", "2026-02-30", "20260228", "28.2.2026", "0001-01-01")],
        *[("choice", typed) for typed in ("", "c", "A")],
        *[("yes_no", typed) for typed in ("", "true", "Yes")],
    ],
)
def test_what_is_no_answer_is_refused(kind: str, typed: str) -> None:
    with pytest.raises(NotAnAnswer):
        checked(kind, ["a", "b"], typed)


@given(st.decimals(-999_999, 999_999, places=4))
def test_a_number_is_kept_as_it_is_and_once(number: Decimal) -> None:
    kept = checked("number", (), f"{number:f}")
    assert Decimal(kept) == number
    assert checked("number", (), kept) == kept


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_a_day_is_kept_as_it_is(day: date) -> None:
    assert checked("date", (), day.isoformat()) == day.isoformat()


@pytest.mark.parametrize(
    ("said", "answers", "true"),
    [
        ({"at_least": "3"}, ["3"], True),
        ({"at_least": "3"}, ["2.9999"], False),
        ({"at_most": "3"}, ["3.0001"], False),
        ({"at_least": "-1", "at_most": "1"}, ["0"], True),
        ({"at_least": "10"}, ["9"], False),
        ({"at_least": "3"}, [], False),
        ({"at_least": "3"}, ["words"], False),
        ({"at_least": "3"}, ["1", "5"], True),
        ({"one_of": ["a"]}, ["a"], True),
        ({"one_of": ["a", "b"]}, ["c"], False),
        ({"is_yes": True}, ["yes"], True),
        ({"is_yes": False}, ["yes"], False),
        ({"is_yes": False}, [], False),
    ],
)
def test_a_condition_is_true_of_answers(said: dict[str, Any], answers: list[str], true: bool) -> None:
    assert holds(FieldCondition(field="x", **said), answers) is true


@pytest.mark.parametrize(
    "said",
    [{}, {"one_of": ["a"], "is_yes": True}, {"at_least": "NaN"}, {"at_least": "x"}, {"field": "Bad", "is_yes": True}],
)
def test_a_condition_asks_one_question(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FieldCondition(**{"field": "x", **said})


def book(*rules: dict[str, Any]) -> Book:
    data = {"policies": [{"code": "p", "zh": "p", "terms": {"days": 7, "fields": list(rules)}}]}
    return Book(NIL, 1, Statement.from_data(data))


def facts(value: str = "", **more: Any) -> Facts:
    return Facts(AT, answers={"worn": answered(WORN, value)} if value else {}, **more)


def test_a_rule_refuses_reviews_and_never_refuses_faulty_goods() -> None:
    strict = book({"field": "worn", "at_least": "3", "then": "refuse"})
    assert eligibility(facts(), strict).answer == "allow"
    assert eligibility(facts("2"), strict).answer == "allow"
    refused = eligibility(facts("5"), strict)
    assert (refused.answer, refused.reasons[0].code, refused.reasons[0].policy) == ("refuse", "field_refuses", "p")
    assert refused.reasons[0].data["value"] == "5"
    assert eligibility(facts("5", fault="seller"), strict).answer == "review"
    assert eligibility(facts("5"), book({"field": "worn", "at_least": "3"})).answer == "review"


def test_a_statement_keeps_its_rules_through_data() -> None:
    said = book({"field": "worn", "at_least": "3.5"}).statement
    assert Statement.from_data(said.as_data()) == said
    with pytest.raises(NotAPolicy):
        book({"field": "worn", "at_least": "3"}, {"field": "worn", "at_most": "1"})


def test_a_rule_on_what_nobody_knows_is_an_error() -> None:
    said = book({"field": "worn", "at_least": "1"}, {"field": "place", "one_of": ["shop"]}).statement
    known = {"fields": ["place"], "field.place": ["tmall"]}
    found = [dict(one.data) for one in findings(said, known) if one.code == "unknown_code"]
    assert found == [{"column": "fields", "codes": "worn"}, {"column": "fields", "codes": "shop"}]


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("zh-hans", ["“穿过次数”不少于 3", "“穿过次数”在 1 到 2 之间", "“购买渠道”为：天猫"]),
        ("en", ["“Times worn” is at least 3", "“Times worn” is from 1 to 2", "“Bought at” is one of: Tmall"]),
    ],
)
def test_conditions_in_words(language: str, wanted: list[str]) -> None:
    said: list[dict[str, Any]] = [{"field": "worn", "at_least": 3}, {"field": "worn", "at_least": 1, "at_most": 2}]
    conditions = [FieldCondition(**one) for one in [*said, {"field": "place", "one_of": ["tmall"]}]]
    with translation.override(language):
        assert [condition_words(one, labels([WORN, PLACE])) for one in conditions] == wanted
