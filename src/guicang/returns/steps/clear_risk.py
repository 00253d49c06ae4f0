"""Clear the risk review of returns: somebody looked, so what the policy does by itself goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome, Refusal
from guicang.returns import errors
from guicang.returns.operations import docket, inputs
from guicang.returns.operations.docket import Case
from guicang.returns.risk import seen


@dataclass(frozen=True, slots=True)
class Clearing:
    return_id: UUID
    reason: str
    occurred_at: datetime | None = None


def clear_risk(
    *,
    clearings: Sequence[Clearing],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Take the mark off. About 9 statements a thousand; locks returns.

    The points that stand are those that somebody looked at: only more of them make a mark again. A refund that was
    due meanwhile is paid by the next look at the clocks.
    """
    return docket.in_chunks(
        clearings, _clear, "clear_risk", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _clear(chunk: Sequence[Clearing], context: Context) -> list[Outcome]:
    cases = docket.load(item.return_id for item in chunk)
    outcomes, cleared = [], []
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "clear_risk", context.actor)
        if case is None or refusals or (refusals := _refusals(case, item)):
            outcomes.append(docket.outcome(index, case, refusals))
            continue
        header = case.header
        header.risk_review, header.risk_seen = False, seen(header.risk_points)
        case.notes["risk_points"] = header.risk_points
        case.touched, case.reason, case.occurred_at = True, item.reason, item.occurred_at
        cleared.append(case)
        outcomes.append(docket.outcome(index, case))
    docket.store(context, cleared, "clear_risk")
    return outcomes


def _refusals(case: Case, item: Clearing) -> list[Refusal]:
    refusals = inputs.reason(item.reason)
    if not case.header.risk_review:
        refusals.append(errors.Nothing())
    return refusals
