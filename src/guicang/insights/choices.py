"""What each way of asking is worth, for the same goods and reason, before one is chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from guicang.insights.shopper import Estimate, estimate
from guicang.insights.verdicts import WayBack
from guicang.kernel.actor import Actor
from guicang.returns.lifecycle import Type
from guicang.returns.operations.money_only import MoneyKind
from guicang.returns.steps.request import Request, Wanted

#: Types of returns that are worth money and can be asked for of the same goods, in the order in which they are shown.
COMPARED = (Type.REFUND, Type.EXCHANGE, Type.MONEY_ONLY, Type.REFUND_ONLY)
#: The choice that is no type of its own: a refund that goes to store credit.
STORE_CREDIT = "store_credit"


class Choice(NamedTuple):
    """`code`: a type, or store_credit; `kind`: the type that asks for it. `worth_minor`: what the buyer has of it, in
    money, in store credit with its bonus, or in goods; `pays_minor` he adds to it, `back_minor` he gets besides.

    `sends_back`: goods go back, at the cost of whom `seller_pays` says. `review`: a person decides about it.
    """

    code: str
    kind: str
    worth_minor: int
    fees_minor: int
    sends_back: bool
    seller_pays: bool
    review: bool
    chosen: bool
    bonus_minor: int = 0
    bonus_days: int = 0
    pays_minor: int = 0
    back_minor: int = 0
    #: What sending the goods back costs, where a table says so.
    way_back: WayBack | None = None


def compare(asked: Mapping[str, Request], chosen: str, known: Estimate, actor: Actor, now: datetime) -> list[Choice]:
    """Rows of those that are possible, nothing where there is but one; about 20 statements for each besides `chosen`.

    `known`: the estimate of the chosen one.
    """
    if chosen not in COMPARED or known.refusals:
        return []
    found: list[Choice] = []
    for kind in (one for one in COMPARED if one in asked):
        told = known if kind == chosen else estimate(asked[kind], actor, now)
        if not told.refusals and told.explained is not None:
            found += _rows(kind, told, kind == chosen)
    return found if len(found) > 1 else []


def of_request(item: Request, actor: Actor, now: datetime) -> list[Choice]:
    """The same of a request of which all lines ask for one thing, as staff enter it. Raises Refused(NotPermitted)."""
    kinds = {line.resolution for line in item.lines}
    chosen = next(iter(kinds), "")
    priced = any(line.money_kind not in ("", MoneyKind.KEPT) for line in item.lines)
    if len(kinds) != 1 or chosen not in COMPARED or priced:
        return []
    plain = replace(item, refund_to="", consented=False)
    asked: dict[str, Request] = {
        kind: replace(plain, lines=[asked_as(line, kind) for line in item.lines]) for kind in COMPARED
    }
    return compare(asked, chosen, estimate(asked[chosen], actor, now), actor, now)


def asked_as(line: Wanted, kind: str) -> Wanted:
    """The same units and reason, for another thing."""
    return replace(
        line,
        resolution=kind,
        money_kind=MoneyKind.KEPT if kind == Type.MONEY_ONLY else "",
        instead=line.instead if kind == Type.EXCHANGE else (),
    )


def _rows(kind: str, told: Estimate, chosen: bool) -> Iterator[Choice]:
    """A row for the type, and one more where the money of goods sent back may become store credit."""
    if told.explained is None:
        return
    goes = kind == Type.EXCHANGE or (kind == Type.REFUND and not told.explained.keeps)
    row = Choice(
        *(kind, kind, told.cash_minor, told.fees_minor, goes),
        *(told.explained.seller_pays, not told.explained.automatic, chosen),
    )
    if goes:
        row = row._replace(way_back=told.explained.way_back)
    offer = told.exchange.ahead if told.exchange else None
    if offer is not None:
        row = row._replace(worth_minor=offer.cost_minor, fees_minor=0)
        row = row._replace(pays_minor=offer.collected_minor, back_minor=offer.returned_minor)
    yield row
    if told.choice is not None and kind == Type.REFUND:
        bonus, days = told.choice.bonus_minor, told.choice.bonus_days
        row = row._replace(code=STORE_CREDIT, worth_minor=told.cash_minor + bonus, chosen=False)
        yield row._replace(bonus_minor=bonus, bonus_days=days)
