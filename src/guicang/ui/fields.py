"""A company's own fields in forms, of customers and of staff: `field.<code>` for a return, `field.<code>.<line>`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import get_language

from guicang.policy.facts import FieldInfo
from guicang.policy.queries.fields import title
from guicang.policy.rules.answers import TEXT_MOST

PREFIX = "field"
#: What was typed, by line ('': the return) and by the field's code.
Typed = Mapping[str, Mapping[str, str]]


class Input(NamedTuple):
    """One field as a form shows it. `options` of a choice: (code, words)."""

    name: str
    label: str
    hint: str
    kind: str
    options: list[tuple[str, str]]
    required: bool
    value: str


def inputs(fields: Iterable[FieldInfo], typed: Mapping[str, str], line: str = "") -> list[Input]:
    """The fields of a return, or with `line` those of one of its lines."""
    chinese = (get_language() or "zh").startswith("zh")
    return [
        Input(
            name_of(one.code, line),
            title(one),
            one.help_zh if chinese else one.help_en,
            one.kind,
            [(option["code"], option["zh" if chinese else "en"]) for option in one.options],
            one.required,
            typed.get(one.code, ""),
        )
        for one in fields
        if one.per_line == bool(line)
    ]


def name_of(code: str, line: str = "") -> str:
    return f"{PREFIX}.{code}.{line}" if line else f"{PREFIX}.{code}"


def typed(given: QueryDict) -> dict[str, dict[str, str]]:
    """What a form says, by line ('': the return) and code; an empty field too, which says so."""
    found: dict[str, dict[str, str]] = {}
    for name in given:
        first, _, rest = name.partition(".")
        code, _, line = rest.partition(".")
        if first == PREFIX and code:
            found.setdefault(line, {})[code] = given.get(name, "").strip()[: TEXT_MOST + 1]
    return found


def of_line(said: Typed, line: UUID | str) -> Mapping[str, str]:
    return said.get(str(line), {})
