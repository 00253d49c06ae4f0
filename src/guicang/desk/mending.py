"""What a form says of a repair, as the steps want it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from django.http import QueryDict

from guicang.desk.typed import number
from guicang.kernel.actor import Actor
from guicang.kernel.refusal import Outcome, Refused
from guicang.returns import errors
from guicang.returns.operations import repairs, talks
from guicang.returns.steps.accept_quote import QuoteAcceptance, accept_quote
from guicang.returns.steps.decline_quote import QuoteDeclination, decline_quote
from guicang.returns.steps.finish_repair import Repaired, finish_repair
from guicang.returns.steps.pay_repair import RepairPaid, pay_repair
from guicang.returns.steps.quote_repair import Quote, quote_repair
from guicang.returns.steps.turn_repair import Turning, turn_repair
from guicang.ui.amounts import typed_minor

Ids = Sequence[UUID]
#: Fields for parts that the form offers.
PARTS = 3


def _quote(ids: Ids, given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    """Raises Refused where the price is no amount."""
    items = []
    for pk in ids:
        typed = given.get("amount", "").strip()
        price = typed_minor(typed, talks.currency_of(pk)) if typed else 0
        if price is None:
            raise Refused([errors.BadAmount(amount_minor=typed[:40])])
        items.append(Quote(pk, given.get("warranty", "") == "1", price))
    return quote_repair(quotes=items, actor=actor, now=now)


def _finish(ids: Ids, given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    """`part.<n>` and `units.<n>`: code and units. Raises Refused for a code that no SKU of the company has."""
    items = [Repaired(pk, _parts(pk, given), number(given.get("minutes", ""))) for pk in ids]
    return finish_repair(repaired=items, actor=actor, now=now)


def _parts(pk: UUID, given: QueryDict) -> dict[UUID, int]:
    typed: dict[str, int] = {}
    for place in range(PARTS):
        if code := given.get(f"part.{place}", "").strip():
            typed[code] = typed.get(code, 0) + number(given.get(f"units.{place}", "") or "1")
    known = repairs.parts_named(pk, list(typed)) if typed else {}
    return {known[code]: units for code, units in typed.items()}


def _turn(ids: Ids, given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    reason, to, disposition = given.get("reason", ""), given.get("to", ""), given.get("disposition", "")
    items = [Turning(pk, reason, to, disposition) for pk in ids]
    return turn_repair(turnings=items, actor=actor, now=now)


REPAIRS: dict[str, Callable[[Ids, QueryDict, Actor, datetime], list[Outcome]]] = {
    "quote_repair": _quote,
    "accept_quote": lambda ids, given, actor, now: accept_quote(
        acceptances=[QuoteAcceptance(pk, number(given.get("price", ""))) for pk in ids], actor=actor, now=now
    ),
    "decline_quote": lambda ids, given, actor, now: decline_quote(
        declinations=[QuoteDeclination(pk, number(given.get("price", ""))) for pk in ids], actor=actor, now=now
    ),
    "finish_repair": _finish,
    "pay_repair": lambda ids, given, actor, now: pay_repair(
        payments=[RepairPaid(pk, given.get("way", ""), given.get("reference", "").strip()) for pk in ids],
        actor=actor,
        now=now,
    ),
    "turn_repair": _turn,
}
