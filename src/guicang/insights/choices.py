"""What each way of asking is worth, for the same goods and reason, before one is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from guicang.insights.shopper import Estimate, estimate
from guicang.kernel.actor import Actor
from guicang.returns.lifecycle import Type
from guicang.returns.steps.request import Request

#: Types of returns that are worth money and can be asked for of the same goods, in the order in which they are shown.
COMPARED = (Type.REFUND, Type.REFUND_ONLY)


class Choice(NamedTuple):
    """`sends_back`: goods go back, at the cost of whom `seller_pays` says. `review`: a person decides about it."""

    kind: str
    cash_minor: int
    fees_minor: int
    sends_back: bool
    seller_pays: bool
    review: bool
    chosen: bool


def compare(asked: Mapping[str, Request], chosen: str, known: Estimate, actor: Actor, now: datetime) -> list[Choice]:
    """Rows of those that are possible, nothing where there is but one; about 20 statements for each besides `chosen`.

    `known`: the estimate of the chosen one.
    """
    if chosen not in COMPARED or known.refusals:
        return []
    found = []
    for kind in (one for one in COMPARED if one in asked):
        told = known if kind == chosen else estimate(asked[kind], actor, now)
        explained = told.explained
        if told.refusals or explained is None:
            continue
        sends_back = kind == Type.REFUND and not explained.keeps
        review = not explained.automatic
        found.append(
            Choice(kind, told.cash_minor, told.fees_minor, sends_back, explained.seller_pays, review, kind == chosen)
        )
    return found if len(found) > 1 else []
