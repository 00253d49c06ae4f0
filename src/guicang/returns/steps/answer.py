"""The buyer, or somebody for the buyer, answered: the request waits for a decision again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome
from guicang.parties.operations import PersonalFacts, keep
from guicang.returns import queries
from guicang.returns.operations import approvals, docket, inputs
from guicang.returns.operations.docket import Case
from guicang.returns.operations.persons import persons_of


@dataclass(frozen=True, slots=True)
class Answer:
    """That an answer came. `words`: what it says, the buyer's text; for the vault, and no part of the trail."""

    return_id: UUID
    occurred_at: datetime | None = None
    words: str = ""


def answer(
    *, answers: Sequence[Answer], actor: Actor, now: datetime, origin: str = Origin.LIVE, all_or_nothing: bool = False
) -> list[Outcome]:
    """Put returns back before the reviewer; the time to answer ends. Locks returns.

    About 10 statements a thousand, 4 more where anybody says anything, and where stages are open, whose time goes on.
    """
    return docket.in_chunks(
        answers, _answer, "answer", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _answer(chunk: Sequence[Answer], context: Context) -> list[Outcome]:
    cases = docket.load(item.return_id for item in chunk)
    chains = approvals.load(cases.values())
    outcomes, answered, said = [], [], {}
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "answer", context.actor) or inputs.too_many_words(item.words)
        if case is not None and not refusals:
            case.header.decision, case.header.state, case.header.expires_at = "pending", "requested", None
            case.touched, case.occurred_at = True, item.occurred_at
            if item.return_id in chains:
                approvals.resume(case, chains[item.return_id], item.occurred_at or context.now)
            answered.append(case)
            if item.words.strip():
                said[case.header.id] = item.words
        outcomes.append(docket.outcome(index, case, refusals))
    approvals.store(chains.values())
    docket.store(context, answered, "answer")
    _keep(said, answered, context)
    return outcomes


def _keep(said: Mapping[UUID, str], answered: Sequence[Case], context: Context) -> None:
    """Words go to the vault as their person's, beside the answer that said them; nothing of who was erased."""
    persons = persons_of([case for case in answered if case.header.id in said]) if said else {}
    keep(
        context,
        [
            PersonalFacts(*queries.answer_place(key, context.id), person, {"words": said[key]})
            for key, person in persons.items()
            if person is not None
        ],
    )
