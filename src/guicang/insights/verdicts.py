"""A verdict as people read it: every reason in a sentence, what follows from it, and the policy behind each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guicang.policy import queries as policies
from guicang.policy.queries import summary, words
from guicang.policy.rules import Statement
from guicang.returns.operations.charging import charges_of
from guicang.returns.rules import CONDITIONS, label
from guicang.returns.settlement import EARNEST, Plan


@dataclass(frozen=True, slots=True)
class Said:
    """`answer`: what this reason alone leads to; `policy`: its name, '' where none said so."""

    answer: str
    text: str
    policy: str


class WayBack(NamedTuple):
    """What the way back costs by the company's table. `deducted`: it is kept back of the refund."""

    amount_minor: int
    currency: str
    carrier: str
    weight_g: int
    deducted: bool


def way_back(verdict: Mapping[str, Any]) -> WayBack | None:
    """None where no table says it."""
    told = verdict.get("freight")
    if not told:
        return None
    fees = [fee for line in verdict.get("lines", {}).values() for fee in line["terms"].get("fees", ())]
    deducted = any(fee.get("what") == "freight" for fee in fees)
    return WayBack(told["amount_minor"], told["currency"], told["carrier"], told["weight_g"], deducted)


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
    way_back: WayBack | None = None


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee that may be deducted: of what line, in words, and about how much."""

    line_id: UUID
    text: str
    amount_minor: int


def fees(verdict: Mapping[str, Any], version_id: UUID, plans: Iterable[Plan]) -> list[Fee]:
    """What the fees of a verdict would come to, by what settling would pay; 1 statement where its version was not
    read yet. None where the goods may stay with the buyer.
    """
    told = list(plans)
    kept = [(line.ref, minor) for plan in told for line in plan.lines if (minor := line.fees.get(EARNEST, 0))]
    found = [Fee(key, _("The earnest deposit is forfeited."), minor) for key, minor in kept]
    if not verdict.get("lines") or verdict.get("keeps"):
        return found
    charges = charges_of(verdict, told)
    if not charges:
        return found
    currency, labels = policies.books([version_id])[version_id].statement.currency, {"conditions": condition_names()}
    return [
        *found,
        *(Fee(one.line_id, summary.fee_words(one.fee, currency, labels), one.amount_minor) for one in charges),
    ]


def fee_texts(verdict: Mapping[str, Any], version_id: UUID) -> list[str]:
    """The fees of a verdict in sentences, without amounts; 1 statement where it has any and was not read yet."""
    if verdict.get("keeps") or not any("fees" in line["terms"] for line in verdict.get("lines", {}).values()):
        return []
    currency = policies.books([version_id])[version_id].statement.currency
    told = summary.follows(verdict, currency, {"conditions": condition_names()})
    return [text for name, text in told if name == "fees"]


def explain(verdict: Mapping[str, Any], version_id: UUID, *, internal: bool = True) -> Explained:
    """A verdict as a return stores it; 1 statement where its version was not read yet.

    `internal`: with what is for the staff alone.
    """
    return explain_by(verdict, policies.books([version_id])[version_id].statement, internal=internal)


def explain_by(verdict: Mapping[str, Any], statement: Statement, *, internal: bool = True) -> Explained:
    """As `explain`, by a statement that is no version: a draft."""
    names, conditions = words.policy_names(statement), condition_names()
    reasons = [
        Said(
            str(reason.get("answer", verdict.get("answer", ""))),
            words.sentence(reason, words=conditions),
            names.get(str(reason.get("policy", "")), "") if reason.get("policy") else "",
        )
        for reason in verdict.get("reasons", ())
        if internal or reason.get("code") not in words.INTERNAL
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
        way_back(verdict),
    )


def condition_names() -> dict[str, str]:
    language = get_language() or "zh"
    return {one.code: label(one.code, language) for one in CONDITIONS}
