"""Answers to a company's own fields: one check of what was typed, and the conditions that rules and flows put to it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal, NamedTuple, TypeVar

from pydantic import Field, model_validator

from guicang.policy.rules.parts import Codes, Part

FieldKind = Literal["text", "number", "date", "choice", "yes_no"]
#: Of these a condition can ask.
CONDITIONAL: tuple[FieldKind, ...] = ("number", "choice", "yes_no")
#: Characters of a text; of a number, before and after the point.
TEXT_MOST, DIGITS, PLACES = 1_000, 12, 4
_YEARS = range(1900, 2200)
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,4})?")
Number = Annotated[Decimal, Field(max_digits=DIGITS + PLACES, decimal_places=PLACES)]


class NotAnAnswer(ValueError):
    """The text is none of the field's kind."""


def checked(kind: str, options: Collection[str], typed: str) -> str:
    """What was typed in the one form in which answers of its kind are kept. Raises `NotAnAnswer`.

    A number without needless noughts, a day as ISO 8601 has it, the code of an option, yes or no, a text without
    outer blanks.
    """
    text = typed.strip()
    good = {
        "text": lambda: len(text) <= TEXT_MOST and "\0" not in text,
        "number": lambda: _NUMBER.fullmatch(text) is not None,
        "date": lambda: _day(text) is not None,
        "choice": lambda: text in options,
        "yes_no": lambda: text in ("yes", "no"),
    }[kind]()
    if not good:
        raise NotAnAnswer(kind)
    return _plain(Decimal(text)) if kind == "number" else text


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in _YEARS and day.isoformat() == text else None


def _plain(number: Decimal) -> str:
    """12.50 as 12.5, 0.00 and -0 as 0."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else str(Decimal(text))


class Answered(NamedTuple):
    """An answer with what it and its field are called, so that a verdict can be read whatever becomes of the field."""

    value: str
    zh: str
    en: str
    value_zh: str
    value_en: str


class FieldCondition(Part):
    """What has to be true of the answer to a field; without an answer it is not true.

    Of a number `at_least`, `at_most` or both; of a choice `one_of`, codes of its options; of yes or no `is_yes`.
    """

    field: str = Field(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_]*$")
    at_least: Number | None = None
    at_most: Number | None = None
    one_of: Codes = ()
    is_yes: bool | None = None

    @model_validator(mode="after")
    def _one_question(self) -> FieldCondition:
        asked = (self.at_least is not None or self.at_most is not None, bool(self.one_of), self.is_yes is not None)
        if sum(asked) != 1:
            raise ValueError("say at_least or at_most, or one_of, or is_yes")
        return self


class FieldRule(FieldCondition):
    """Where the condition holds, a person looks, or it is refused."""

    then: Literal["review", "refuse"] = "review"


def holds(said: FieldCondition, values: Iterable[str]) -> bool:
    """Whether the condition is true of any of the answers, as `checked` has them."""
    return any(_is_true(said, value) for value in values)


def _is_true(said: FieldCondition, value: str) -> bool:
    if said.one_of:
        return value in said.one_of
    if said.is_yes is not None:
        return value == ("yes" if said.is_yes else "no")
    try:
        number = Decimal(value)
    except InvalidOperation:
        return False
    return (said.at_least is None or number >= said.at_least) and (said.at_most is None or number <= said.at_most)


C = TypeVar("C", bound=FieldCondition)


def once_each(said: tuple[C, ...]) -> tuple[C, ...]:
    """A field is asked about once, so that its form can show it. Raises ValueError."""
    if twice := sorted({one.field for one in said if sum(other.field == one.field for other in said) > 1}):
        raise ValueError(f"{', '.join(twice)} stands twice")
    return said
