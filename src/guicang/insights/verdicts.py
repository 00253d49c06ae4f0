"""A verdict as people read it: every reason in a sentence, what follows from it, and the policy behind each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import get_language

from guicang.policy import queries as policies
from guicang.policy.queries import summary, words
from guicang.policy.rules import Statement
from guicang.returns.rules import CONDITIONS, label


@dataclass(frozen=True, slots=True)
class Said:
    """`answer`: what this reason alone leads to; `policy`: its name, '' where none said so."""

    answer: str
    text: str
    policy: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A stored verdict. `follows`: fees, times, and for the staff who pays the way back."""

    answer: str
    seller_pays: bool
    automatic: bool
    keeps: bool
    override: str
    version: int
    reasons: list[Said]
    follows: list[Said]


def explain(verdict: Mapping[str, Any], version_id: UUID, *, internal: bool = True) -> Explained:
    """A verdict as a return stores it; 1 statement where its version was not read yet.

    `internal`: with what is for the staff alone.
    """
    return explain_by(verdict, policies.books([version_id])[version_id].statement, internal=internal)


def explain_by(verdict: Mapping[str, Any], statement: Statement, *, internal: bool = True) -> Explained:
    """As `explain`, by a statement that is no version: a draft."""
    names, language = words.policy_names(statement), get_language() or "zh"
    conditions = {one.code: label(one.code, language) for one in CONDITIONS}
    reasons = [
        Said(
            str(reason.get("answer", verdict.get("answer", ""))),
            words.sentence(reason, words=conditions),
            names.get(str(reason.get("policy", "")), "") if reason.get("policy") else "",
        )
        for reason in verdict.get("reasons", ())
    ]
    said_by = verdict.get("said_by", {})
    follows = [
        Said("allow", text, names.get(said_by.get(name, ""), "") if said_by.get(name) else "")
        for name, text in summary.follows(verdict, statement.currency, {"conditions": conditions}, internal=internal)
        if internal or name != "freight"
    ]
    return Explained(
        str(verdict.get("answer", "")),
        verdict.get("terms", {}).get("freight") == "seller",
        bool(verdict.get("automatic")),
        bool(verdict.get("keeps")),
        str(verdict.get("override", "")),
        int(verdict.get("version", 0)),
        reasons,
        follows,
    )
