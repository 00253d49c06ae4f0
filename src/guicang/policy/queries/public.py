"""What everybody may read of a statement: what can hold in one shop, without the staff's own terms."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from guicang.policy.queries.summary import INTERNAL
from guicang.policy.rules import Policy, Scope, Statement, Terms

#: What a reader of the shop's page knows already, so nothing is narrowed to it there.
_KNOWN = {"shops": (), "channels": (), "markets": ()}
_EVERYTHING = Scope()


def for_shop(statement: Statement, *, shop: str, channel: str, market: str, asked: Collection[str] = ()) -> Statement:
    """The policies that can decide about sales of a shop, in their order, and of each what can ever be heard.

    `asked`: the own fields that customers are asked; rules on others are for the staff.

    A policy that says nothing to customers is left out with its name, which may tell what it was for.
    """
    here = {"shops": shop, "channels": channel, "markets": market}
    kept: list[Policy] = []
    heard: set[str] = set()
    for policy in statement.policies:
        if any((codes := getattr(policy.scope, name)) and code not in codes for name, code in here.items()):
            continue
        scope = policy.scope.model_copy(update=_KNOWN)
        said = policy.terms.said().keys() - INTERNAL - heard
        if not any(rule.field in asked for rule in policy.terms.fields or ()):
            said -= {"fields"}
        if said:
            kept.append(policy.model_copy(update={"scope": scope, "terms": _only(policy, said, asked)}))
        if scope == _EVERYTHING:
            heard |= said
    return statement.model_copy(update={"policies": tuple(kept)})


def _only(policy: Policy, said: Iterable[str], asked: Collection[str]) -> Terms:
    kept = {name: getattr(policy.terms, name) for name in said}
    if "fields" in kept:
        kept["fields"] = tuple(rule for rule in kept["fields"] if rule.field in asked)
    return Terms(**kept)
