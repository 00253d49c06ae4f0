"""Ask the buyer for more before a decision is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome
from guicang.returns import queries
from guicang.returns.deadlines import Kind
from guicang.returns.operations import approvals, docket, inputs

#: How long the buyer may take to answer where the policy does not say.
ANSWER_DAYS = 14


@dataclass(frozen=True, slots=True)
class Question:
    """`reason`: a code for what is missing; it goes to the trail, so no personal data."""

    return_id: UUID
    reason: str
    occurred_at: datetime | None = None


def ask(
    *,
    questions: Sequence[Question],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Ask for more; the buyer has the days of the policy from then on, else `ANSWER_DAYS`, an exclusive instant.

    About 13 statements a thousand, 4 more where stages are open, whose time stands still meanwhile; locks returns.
    Claims stay held.
    """
    return docket.in_chunks(questions, _ask, "ask", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing)


def _ask(chunk: Sequence[Question], context: Context) -> list[Outcome]:
    days = queries.terms_said((item.return_id for item in chunk), "answer_days")
    cases = docket.load(item.return_id for item in chunk)
    chains = approvals.load(cases.values())
    outcomes, asked = [], []
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "ask", context.actor)
        refusals += inputs.reason(item.reason)
        if case is not None and not refusals:
            at = item.occurred_at or context.now
            case.header.decision, case.header.state = "info_needed", "info_needed"
            case.header.expires_at = at + timedelta(days=days.get(item.return_id, ANSWER_DAYS))
            case.touched, case.reason, case.occurred_at = True, item.reason, at
            case.notice = "return_info_needed"
            if item.return_id in chains and approvals.pause(chains[item.return_id], at):
                case.stopped.add(Kind.STAGE)
            asked.append(case)
        outcomes.append(docket.outcome(index, case, refusals))
    approvals.store(chains.values())
    docket.store(context, asked, "ask")
    return outcomes
