"""The form of one approval flow: what is ticked and typed as data, and data as the form shows it again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict

from guicang.desk import field_conditions
from guicang.kernel.money import fits, from_minor, to_minor
from guicang.policy.queries.flow_words import LISTS
from guicang.policy.rules import MOST_STAGES

_SPLIT = re.compile(r"[,，;；、\n]+")
#: Conditions of which others than those offered can be typed.
TYPED = ("categories", "tiers")


def data_of(given: QueryDict, currency: str) -> dict[str, Any]:
    """What the form says as data for `Flow`, which finds what is wrong with it. Stages that name nobody are none."""
    conditions: dict[str, Any] = {
        "amount_minor": _amount(given.get("amount", "").strip(), currency),
        "answer": given.get("answer", ""),
        "override": {"yes": True, "no": False}.get(given.get("override", "")),
        "risk_points": _whole(given.get("risk_points", "").strip()),
    }
    conditions["fields"] = field_conditions.data_of(given)
    for name in LISTS:
        codes = [*given.getlist(name), *_SPLIT.split(given.get(f"{name}.more", ""))]
        conditions[name] = list(dict.fromkeys(code.strip() for code in codes if code.strip()))
    stages = [_stage(given, f"stage.{place}") for place in range(MOST_STAGES)]
    return {
        "conditions": {name: value for name, value in conditions.items() if value not in (None, "", [])},
        "stages": [stage for stage in stages if stage["roles"] or stage["users"]],
    }


def _stage(given: QueryDict, prefix: str) -> dict[str, Any]:
    return {
        "roles": given.getlist(f"{prefix}.roles"),
        "users": given.getlist(f"{prefix}.users"),
        "need": given.get(f"{prefix}.need", "") or "any",
        "hours": _whole(given.get(f"{prefix}.hours", "").strip()),
        "escalate_to": given.get(f"{prefix}.escalate_to", ""),
    }


def _whole(typed: str) -> Any:
    """As a number; what is none stays as typed, and is refused as that."""
    return (int(typed) if typed.isascii() and typed.isdigit() else typed) if typed else None


def _amount(typed: str, currency: str) -> Any:
    if not typed:
        return None
    try:
        amount = Decimal(typed.replace(",", ""))
    except InvalidOperation:
        return typed
    return to_minor(amount, currency) if amount.is_finite() and fits(amount, currency) else typed


def shown(
    data: Mapping[str, Any], currency: str, choices: Mapping[str, Sequence[tuple[str, str]]]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(conditions, stages) as the form holds them; one empty stage more, and two for a flow that has none yet."""
    said = data.get("conditions", {})
    amount = said.get("amount_minor")
    conditions = {
        "amount": str(from_minor(amount, currency)) if isinstance(amount, int) else amount or "",
        "answer": said.get("answer", ""),
        "override": {True: "yes", False: "no"}.get(said.get("override"), ""),
        "risk_points": said.get("risk_points", ""),
        "lists": [_list(name, title, said.get(name, ()), choices.get(name, ())) for name, title in LISTS.items()],
    }
    stages = [dict(stage) for stage in data.get("stages", ())]
    stages += [{}] * (2 if not stages else int(len(stages) < MOST_STAGES))
    return conditions, stages


def _list(name: str, title: Any, chosen: Sequence[str], offered: Sequence[tuple[str, str]]) -> dict[str, Any]:
    known = {code for code, _label in offered}
    others = [code for code in chosen if code not in known]
    typed = name in TYPED
    more = ", ".join(others) if typed else ""
    kept = [] if typed else [(code, code) for code in others]
    return {
        "name": name,
        "title": title,
        "offered": [*offered, *kept],
        "chosen": chosen,
        "more": more,
        "typed": typed,
    }
