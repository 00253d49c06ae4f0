"""What programs may send: JSON to the letter, and values that a database can hold."""

from __future__ import annotations

import json
import math
from datetime import date
from typing import Annotated, Any, NoReturn, TypeVar
from uuid import UUID

from django.http import HttpRequest
from ninja.parser import Parser
from ninja.types import DictStrAny
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from guicang.api import errors
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refused

#: More units than any line holds.
MOST_UNITS = 999_999_999
#: Years of instants: beyond them other zones and databases overflow.
YEARS = range(1970, 2200)


class StrictParser(Parser):
    """JSON as RFC 8259 has it and nothing else: no NaN, no name twice, no NUL, no half of a surrogate pair."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        if request.content_type != "application/json":
            raise Refused([errors.NotJson()])
        try:
            text = request.body.decode("utf-8")
            found: DictStrAny = json.loads(
                text, parse_constant=_no_number, parse_float=_finite, object_pairs_hook=_once_each
            )
        except (ValueError, RecursionError) as problem:
            raise _bad("it cannot be read" if isinstance(problem, RecursionError) else _why(problem)) from problem
        if _unclean(found):
            raise _bad("there is a character in a text that no database holds")
        return found


def _bad(why: str) -> Refused:
    return Refused([errors.BadJson(why=why)])


def _why(problem: ValueError) -> str:
    """Where it stops being JSON, without what stands there."""
    if isinstance(problem, json.JSONDecodeError):
        return f"{problem.msg}, line {problem.lineno} column {problem.colno}"
    return "it is not UTF-8" if isinstance(problem, UnicodeDecodeError) else "a number or a name is not possible"


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _unclean(value: Any) -> bool:
    if isinstance(value, str):
        return not storable(value)
    if isinstance(value, dict):
        return any(not storable(name) or _unclean(inner) for name, inner in value.items())
    return isinstance(value, list) and any(map(_unclean, value))


def storable(text: str) -> bool:
    """No NUL, which PostgreSQL refuses, and no lone surrogate, which is no text."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def clean(text: str) -> str:
    if not storable(text):
        raise ValueError("there is a character in it that no database holds")
    return text


D = TypeVar("D", bound=date)


def in_years(instant: D) -> D:
    if instant.year not in YEARS:
        raise ValueError(f"years are {YEARS.start} to {YEARS.stop - 1}")
    return instant


def _reference(value: Any) -> Any:
    return None if value == NIL else value


Text = Annotated[str, AfterValidator(clean), StringConstraints(max_length=200)]
#: As long as its field says.
Line = Annotated[str, AfterValidator(clean)]
Word = Annotated[str, AfterValidator(clean), StringConstraints(max_length=80)]
Instant = Annotated[AwareDatetime, AfterValidator(in_years)]
#: Units of a line: never 0, never a bool, never a string.
Units = Annotated[int, Field(strict=True, ge=1, le=MOST_UNITS)]
#: An id that comes out: null where it points at nothing.
Reference = Annotated[UUID | None, BeforeValidator(_reference)]


class Given(BaseModel):
    """What comes in: a name that nobody knows is a mistake."""

    model_config = ConfigDict(extra="forbid")


class Shown(BaseModel):
    """What goes out."""

    model_config = ConfigDict(from_attributes=True)


S = TypeVar("S", bound=Shown)


def show(kind: type[S], *sources: Any, **more: Any) -> S:
    """One of `kind`, each of its fields from `more`, else from the first of `sources` that has it."""
    found = dict(more)
    for name in kind.model_fields:
        if name not in found:
            found[name] = next(getattr(source, name) for source in sources if hasattr(source, name))
    return kind.model_validate(found)
