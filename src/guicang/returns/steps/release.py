"""Lift the hold of lines whose found serial is not the one that was sold: somebody decided."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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


@dataclass(frozen=True, slots=True)
class Release:
    """`line_ids` empty: every held line. `accept`: the goods may be taken; else they are to be rejected."""

    return_id: UUID
    accept: bool
    reason: str
    line_ids: Collection[UUID] = ()
    occurred_at: datetime | None = None


def release(
    *, releases: Sequence[Release], actor: Actor, now: datetime, origin: str = Origin.LIVE, all_or_nothing: bool = False
) -> list[Outcome]:
    """Lift holds. About 10 statements a thousand; locks returns.

    The decision is recorded in the trail; the units still wait in the bay, and the inspection that follows
    carries it out (HARD-CASES 18).
    """
    return docket.in_chunks(
        releases, _release, "release", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _release(chunk: Sequence[Release], context: Context) -> list[Outcome]:
    cases = docket.load(item.return_id for item in chunk)
    outcomes, released = [], []
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "release", context.actor)
        if case is None or refusals or (refusals := _refusals(case, item)):
            outcomes.append(docket.outcome(index, case, refusals))
            continue
        lifted = [line for line in case.lines if line.held and (not item.line_ids or line.id in item.line_ids)]
        for line in lifted:
            line.held, line.hold_decision = False, "accept" if item.accept else "reject"
            case.notes[f"line{line.position}.accept"] = item.accept
        case.touched, case.reason, case.occurred_at = True, item.reason, item.occurred_at
        released.append(case)
        outcomes.append(docket.outcome(index, case, data={"lines": [line.id for line in lifted]}))
    docket.store(context, released, "release")
    return outcomes


def _refusals(case: Case, item: Release) -> list[Refusal]:
    refusals = inputs.reason(item.reason)
    if any(case.line(line_id) is None for line_id in item.line_ids):
        refusals.append(errors.LineNotFound())
    if not any(line.held and (not item.line_ids or line.id in item.line_ids) for line in case.lines):
        refusals.append(errors.Nothing())
    return refusals
