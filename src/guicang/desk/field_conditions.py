"""Conditions on a company's own fields in the forms of policies and of approval flows: `when.<code>.<question>`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import QueryDict

from guicang.policy.facts import FieldInfo
from guicang.policy.queries.fields import labels, title
from guicang.policy.rules import CONDITIONAL

_PREFIX = "when"


def data_of(given: QueryDict, *, rules: bool = False) -> list[dict[str, Any]]:
    """What the form says as data, in its order; a field that is left alone is no condition. `rules`: with `then`."""
    found = []
    for code in dict.fromkeys(name.split(".")[1] for name in given if name.startswith(f"{_PREFIX}.")):
        one: dict[str, Any] = {
            "at_least": given.get(f"{_PREFIX}.{code}.at_least", "").strip(),
            "at_most": given.get(f"{_PREFIX}.{code}.at_most", "").strip(),
            "one_of": given.getlist(f"{_PREFIX}.{code}.one_of"),
            "is_yes": {"yes": True, "no": False}.get(given.get(f"{_PREFIX}.{code}.is_yes", "")),
        }
        one = {name: value for name, value in one.items() if value not in ("", [], None)}
        if one:
            then = {"then": given.get(f"{_PREFIX}.{code}.then", "") or "review"} if rules else {}
            found.append({"field": code, **one, **then})
    return found


def shown(fields: Iterable[FieldInfo], said: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row for every field that can be asked about: those in use, and the archived ones that are asked about."""
    by_code = {one["field"]: one for one in said}
    known = [one for one in fields if one.kind in CONDITIONAL and (one.archived_at is None or one.code in by_code)]
    words = labels(known)
    return [
        {
            "code": one.code,
            "title": title(one),
            "kind": one.kind,
            "options": list(words[f"field.{one.code}"].items()),
            "said": {name: _text(value) for name, value in by_code.get(one.code, {}).items()},
        }
        for one in known
    ]


def _text(value: Any) -> Any:
    return value if isinstance(value, (list, tuple, bool)) else str(value)
