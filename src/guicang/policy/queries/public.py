"""What everybody may read of a statement: what can hold in one shop, without the staff's own terms."""

from __future__ import annotations

from collections.abc import Iterable

from guicang.policy.queries.summary import INTERNAL
from guicang.policy.rules import Policy, Scope, Statement, Terms

#: What a reader of the shop's page knows already, so nothing is narrowed to it there.
_KNOWN = {"shops": (), "channels": (), "markets": ()}
_EVERYTHING = Scope()


def for_shop(statement: Statement, *, shop: str, channel: str, market: str) -> Statement:
    """The policies that can decide about sales of a shop, in their order, and of each what can ever be heard.

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
        if said:
            kept.append(policy.model_copy(update={"scope": scope, "terms": _only(policy, said)}))
        if scope == _EVERYTHING:
            heard |= said
    return statement.model_copy(update={"policies": tuple(kept)})


def _only(policy: Policy, said: Iterable[str]) -> Terms:
    return Terms(**{name: getattr(policy.terms, name) for name in said})
