"""Decline what a repair costs: the goods go back to the buyer as they came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome
from guicang.returns.operations import docket, repairs
from guicang.returns.repairing import RepairState


@dataclass(frozen=True, slots=True)
class QuoteDeclination:
    """`price_minor`: as it was read."""

    return_id: UUID
    price_minor: int


def decline_quote(
    *,
    declinations: Sequence[QuoteDeclination],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Decline quotes, a customer his own, staff for him. About 15 statements a thousand; locks returns."""
    return docket.in_chunks(
        declinations, _decline, "decline_quote", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _decline(chunk: Sequence[QuoteDeclination], context: Context) -> list[Outcome]:
    cases = docket.load(item.return_id for item in chunk)
    shop = repairs.load(cases.values())
    outcomes: list[Outcome] = []
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "decline_quote", context.actor)
        if case is not None and not refusals:
            refusals = repairs.answer_refusals(case, "decline_quote", item.price_minor, shop)
        if case is not None and not refusals:
            shop.answer(case, RepairState.DECLINED, context.now)
            case.touched, case.notes = True, {"amount_minor": item.price_minor}
        outcomes.append(docket.outcome(index, case, refusals))
    shop.write()
    docket.store(context, [case for case in cases.values() if case.touched], "decline_quote")
    return outcomes
