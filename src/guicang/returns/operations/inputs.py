"""What is wrong with what a caller typed, found before a row is written: one bad item never fails its set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.db import models

from guicang.kernel.refusal import Refusal
from guicang.returns import errors


def too_long(model: type[models.Model], texts: Mapping[str, str]) -> list[Refusal]:
    """Texts that their columns do not hold: SQLite would take them, PostgreSQL fails the whole set."""
    refusals: list[Refusal] = []
    for column, text in texts.items():
        field: Any = model._meta.get_field(column)
        longest: int = field.max_length
        if len(text) > longest:
            refusals.append(errors.TextTooLong(column=column, longest=longest))
    return refusals


#: Characters of what the buyer says at one go.
WORDS_MOST = 1_000


def too_many_words(words: str) -> list[Refusal]:
    return [errors.TextTooLong(column="words", longest=WORDS_MOST)] if len(words) > WORDS_MOST else []


#: What a reason looks like: too_small, serial.mismatch. Reasons go into the trail, which outlives every person.
CODE = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,59}")


def reason(code: str, *, needed: bool = True) -> list[Refusal]:
    """A finding where a reason is missing, or is words instead of a code."""
    if not code:
        return [errors.ReasonMissing()] if needed else []
    return [] if CODE.fullmatch(code) else [errors.ReasonNotACode()]


def unknown(column: str, value: str, known: type[StrEnum]) -> list[Refusal]:
    """A finding where `value` is none of the choices."""
    return [] if value in known.__members__.values() else [errors.BadChoice(column=column, value=value)]
