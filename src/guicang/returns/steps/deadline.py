"""Write down when a platform does something about a return by itself (逾期自动同意), and what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.refusal import Outcome, Refusal, Refused
from guicang.returns import errors
from guicang.returns.deadlines import Kind, PlatformThen, given
from guicang.returns.operations import docket, inputs

SET = "returns.deadline"


@dataclass(frozen=True, slots=True)
class Deadline:
    """`due_at` None: there is none any more."""

    return_id: UUID
    due_at: datetime | None
    then: str = PlatformThen.NOTHING


def set_deadlines(*, deadlines: Sequence[Deadline], actor: Actor, now: datetime) -> list[Outcome]:
    """Set, change or take away the platform's deadline of returns that are under way.

    About 11 statements a thousand; locks returns. Raises Refused(NotPermitted).
    """
    if actor.kind == "customer" or not actor.may(SET):
        raise Refused([errors.NotPermitted(permission=SET)])
    return docket.run(deadlines, _set, "deadline", actor=actor, now=now)


def _set(chunk: Sequence[Deadline], context: Context) -> list[Outcome]:
    cases = docket.load(item.return_id for item in chunk)
    outcomes = []
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals: list[Refusal] = docket.check(case, "deadline", context.actor)
        refusals += inputs.unknown("then", item.then, PlatformThen)
        if case is not None and not refusals:
            if case.header.ending or case.header.decision == "rejected":
                refusals = [errors.WrongState(state=case.header.state, command="deadline")]
            elif item.due_at is None:
                case.stopped.add(Kind.PLATFORM)
            else:
                case.timers = [given(Kind.PLATFORM, context.now, item.due_at, item.then)]
        if case is not None and not refusals:
            case.touched, case.notes["platform_due_at"] = True, item.due_at
            case.notes["platform_then"] = item.then if item.due_at else ""
        outcomes.append(docket.outcome(index, case, refusals))
    docket.store(context, [case for case in cases.values() if case.touched], "deadline")
    return outcomes
