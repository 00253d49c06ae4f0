"""Say what a repair costs the buyer: nothing in warranty, else a price that he is asked to agree to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.models import Origin
from guicang.kernel.money import from_minor
from guicang.kernel.refusal import Outcome, Refusal
from guicang.returns import errors
from guicang.returns.operations import docket, repairs
from guicang.returns.operations.docket import Case
from guicang.returns.operations.repairs import Shop
from guicang.returns.repairing import RepairState, may

MOST_MINOR = 10**12


@dataclass(frozen=True, slots=True)
class Quote:
    """`price_minor` with its tax, for all goods of the return; 0: the buyer pays nothing."""

    return_id: UUID
    in_warranty: bool
    price_minor: int = 0


def quote_repair(
    *,
    quotes: Sequence[Quote],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Quote repairs. About 16 statements a thousand; locks returns. What costs the buyer nothing needs no consent."""
    return docket.in_chunks(
        quotes, _quote, "quote_repair", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _quote(chunk: Sequence[Quote], context: Context) -> list[Outcome]:
    cases = docket.load(item.return_id for item in chunk)
    shop, rates = repairs.load(cases.values()), repairs.rates_of(cases.values())
    outcomes: list[Outcome] = []
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "quote_repair", context.actor)
        if case is not None and not refusals and not (refusals := _refusals(case, item, shop)):
            tax = repairs.tax_within(item.price_minor, rates.get(case.header.id, []))
            state = RepairState.QUOTED if item.price_minor else RepairState.AGREED
            shop.quote(case, item.price_minor, tax, in_warranty=item.in_warranty, state=state, context=context)
            _tell(case, item)
        outcomes.append(docket.outcome(index, case, refusals))
    shop.write()
    docket.store(context, [case for case in cases.values() if case.touched], "quote_repair")
    return outcomes


def _refusals(case: Case, item: Quote, shop: Shop) -> list[Refusal]:
    if not may("quote_repair", shop.of(case), case.lines):
        return [errors.NotNow()]
    if not 0 <= item.price_minor <= MOST_MINOR:
        return [errors.BadAmount(amount_minor=item.price_minor)]
    return [errors.WarrantyCosts()] if item.in_warranty and item.price_minor else []


def _tell(case: Case, item: Quote) -> None:
    case.touched = True
    case.notes = {"in_warranty": item.in_warranty, "amount_minor": item.price_minor}
    if item.price_minor:
        case.notice = "repair_quoted"
        case.tells = {"amount": str(from_minor(item.price_minor, case.header.currency))}
