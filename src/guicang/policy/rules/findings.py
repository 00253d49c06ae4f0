"""What is wrong or doubtful in a draft: gaps, policies that never decide, contradictions, and what the law wants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from guicang.policy.rules.book import includes
from guicang.policy.rules.terms import WHOLE_BP, Policy, Scope, Statement

#: The dimensions of a scope whose codes can be looked up, and the terms that name codes.
SCOPED = ("categories", "brands", "skus", "channels", "shops", "markets", "tiers", "sellers", "payments")
#: What may come in with a later import and mean something then.
LATER = ("categories", "brands", "skus", "tiers", "sellers", "payments")
NAMED = ("conditions", "reasons", "resolutions")
#: 消法 25 and 24, 办法 10: days for a change of mind and for faulty goods, days until the money is back.
SEVEN = 7


@dataclass(frozen=True, slots=True)
class Finding:
    """An `error` keeps the draft from being published; a `warning` wants to be read. `policy` '': the whole of it."""

    code: str
    level: Literal["error", "warning"]
    policy: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


def findings(statement: Statement, known: Mapping[str, Iterable[str]] | None = None) -> list[Finding]:
    """All of them, errors first. `known`: the codes there are, by dimension; those not given are not looked up."""
    found = [*_gaps(statement), *_never(statement)]
    codes = {name: frozenset(values) for name, values in (known or {}).items()}
    for policy in statement.policies:
        found += [*_unknown(policy, codes), *_contradictions(policy), *_law(policy)]
    return sorted(found, key=lambda one: one.level)


def _gaps(statement: Statement) -> Iterator[Finding]:
    if not statement.policies:
        yield Finding("no_policy", "error")
    elif not any(one.scope == Scope() and one.terms.days is not None for one in statement.policies):
        yield Finding("no_rule_for_all", "warning")


def _never(statement: Statement) -> Iterator[Finding]:
    """A policy of which nothing is ever heard: those above it say all of it for all of its sales."""
    for place, policy in enumerate(statement.policies):
        said = set(policy.terms.said())
        if not said:
            yield Finding("says_nothing", "warning", policy.code)
            continue
        above = [one for one in statement.policies[:place] if includes(one.scope, policy.scope)]
        hidden = said & {name for one in above for name in one.terms.said()}
        if hidden == said:
            by = ", ".join(one.zh for one in above if said & set(one.terms.said()))
            yield Finding("never_decides", "error", policy.code, {"by": by})
        elif hidden:
            yield Finding("decides_in_part", "warning", policy.code, {"terms": sorted(hidden)})


def _unknown(policy: Policy, codes: Mapping[str, frozenset[str]]) -> Iterator[Finding]:
    for of, names in ((policy.scope, SCOPED), (policy.terms, NAMED)):
        for name in names:
            missing = sorted(set(getattr(of, name) or ()) - codes[name]) if name in codes else []
            if missing:
                level: Literal["error", "warning"] = "warning" if name in LATER else "error"
                yield Finding("unknown_code", level, policy.code, {"column": name, "codes": ", ".join(missing)})

    if "fields" in codes:
        for rule in policy.terms.fields or ():
            of_field = codes.get(f"field.{rule.field}", frozenset())
            missing = sorted(set(rule.one_of) - of_field) if rule.field in codes["fields"] else [rule.field]
            if missing:
                yield Finding("unknown_code", "error", policy.code, {"column": "fields", "codes": ", ".join(missing)})


def _contradictions(policy: Policy) -> Iterator[Finding]:
    terms = policy.terms
    comes_back = terms.excluded in (None, "no")
    for name in NAMED:
        if getattr(terms, name) == () and comes_back:
            yield Finding("accepts_nothing", "error", policy.code, {"column": name})
    if terms.days == 0 and comes_back:
        yield Finding("no_time", "warning", policy.code)
    shares = [fee.value for fee in terms.fees or () if fee.kind == "percent"]
    if sum(shares) > WHOLE_BP:
        yield Finding("fees_take_all", "error", policy.code)
    if terms.approve_below_minor is not None and (terms.keep_below_minor or 0) > terms.approve_below_minor:
        yield Finding("keeps_more_than_it_grants", "warning", policy.code)


def _law(policy: Policy) -> Iterator[Finding]:
    terms = policy.terms
    comes_back = terms.excluded in (None, "no")
    if terms.days is not None and terms.days < SEVEN and comes_back:
        yield Finding("shorter_than_seven_days", "warning", policy.code, {"days": terms.days})
    if terms.fault_days is not None and terms.fault_days < SEVEN:
        yield Finding("fault_shorter_than_seven_days", "warning", policy.code, {"days": terms.fault_days})
    if terms.refund_days is not None and terms.refund_days > SEVEN:
        yield Finding("refund_later_than_seven_days", "warning", policy.code, {"days": terms.refund_days})
    if terms.freight_fault == "buyer":
        yield Finding("buyer_pays_for_fault", "warning", policy.code)
    if any(set(fee.faults or ("seller",)) & {"seller", "carrier"} for fee in terms.fees or ()):
        yield Finding("fee_for_fault", "warning", policy.code)
    if terms.excluded == "by_law" and not policy.source:
        yield Finding("exclusion_without_article", "warning", policy.code)
