"""The buyer, or somebody for the buyer, answered: the request waits for a decision again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome
from guicang.returns.operations import docket


@dataclass(frozen=True, slots=True)
class Answer:
    """That an answer came. What it says is the buyer's text, personal data, and no part of the trail."""

    return_id: UUID
    occurred_at: datetime | None = None


def answer(
    *, answers: Sequence[Answer], actor: Actor, now: datetime, origin: str = Origin.LIVE, all_or_nothing: bool = False
) -> list[Outcome]:
    """Put returns back before the reviewer; the time to answer ends. About 10 statements a thousand; locks returns."""
    return docket.in_chunks(
        answers, _answer, "answer", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _answer(chunk: Sequence[Answer], context: Context) -> list[Outcome]:
    cases = docket.load(item.return_id for item in chunk)
    outcomes, answered = [], []
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "answer", context.actor)
        if case is not None and not refusals:
            case.header.decision, case.header.state, case.header.expires_at = "pending", "requested", None
            case.touched, case.occurred_at = True, item.occurred_at
            answered.append(case)
        outcomes.append(docket.outcome(index, case, refusals))
    docket.store(context, answered, "answer")
    return outcomes
