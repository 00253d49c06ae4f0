"""Later facts about known orders, stated one by one: grouped by order, recorded once, answered one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.refusal import Outcome, Refused
from guicang.trade import errors
from guicang.trade.facts import OrderFacts
from guicang.trade.operations.recording import Cancels, record

PERMISSION = "trade.record"


class _Item(Protocol):
    shop_id: UUID
    number: str


I = TypeVar("I", bound=_Item)  # noqa: E741 - an item


def permit(actor: Actor) -> None:
    """Raises Refused(NotPermitted)."""
    if not actor.may(PERMISSION):
        raise Refused([errors.NotPermitted(permission=PERMISSION)])


def by_order(items: Sequence[I], now: datetime, put: Callable[[OrderFacts, I], None]) -> list[OrderFacts]:
    """One statement an order, in the order of the items; `put` adds an item to its order's facts."""
    found: dict[tuple[UUID, str], OrderFacts] = {}
    for item in items:
        key = (item.shop_id, item.number)
        if key not in found:
            found[key] = OrderFacts(item.shop_id, item.number, now, "", [])
        put(found[key], item)
    return list(found.values())


def record_items(
    context: Context,
    items: Sequence[I],
    facts: Sequence[OrderFacts],
    *,
    cancels: Cancels | None = None,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Record `facts` of known orders; one Outcome an item, that of its order."""
    outcomes = record(context, facts, known_only=True, cancels=cancels, all_or_nothing=all_or_nothing)
    by_key = {(fact.shop_id, fact.number): outcome for fact, outcome in zip(facts, outcomes, strict=True)}
    found = []
    for index, item in enumerate(items):
        outcome = by_key[item.shop_id, item.number]
        found.append(Outcome(index, outcome.id, list(outcome.refusals), dict(outcome.data)))
    return found
