"""Put a return before somebody who has more to say: its clock ran out, and nothing else can or may be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from guicang.kernel import outbox
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.refusal import Outcome, Refused
from guicang.returns import errors
from guicang.returns.deadlines import Kind
from guicang.returns.operations import approvals, docket, staff_notices


@dataclass(frozen=True, slots=True)
class Escalation:
    """`why`: codes of what stood in the way of what the clock was to do."""

    return_id: UUID
    clock_id: UUID
    why: Sequence[str] = ()


def escalate(*, escalations: Sequence[Escalation], actor: Actor, now: datetime) -> list[Outcome]:
    """Mark returns as escalated to the role of their clock, which goes on until somebody decides, and tell that role.

    Where it is the clock of an approval stage, that role may decide the stage too; whoever could still can.
    Only the clock does it. About 11 statements a thousand; locks returns. Raises Refused(NotPermitted).
    """
    if actor.kind != "system":
        raise Refused([errors.NotPermitted(permission="returns.escalate")])
    return docket.run(escalations, _escalate, "escalate", actor=actor, now=now)


def _escalate(chunk: Sequence[Escalation], context: Context) -> list[Outcome]:
    cases = docket.load(item.return_id for item in chunk)
    chains = approvals.load(cases.values())
    outcomes, escalated = [], []
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "escalate", context.actor, item.clock_id)
        if case is not None and case.by is not None and not refusals:
            case.touched = True
            chain = chains.get(item.return_id)
            if chain is not None and case.by.kind == Kind.STAGE and approvals.escalate(chain, context.now):
                case.notes |= {"at_stage": case.header.stage, "role": case.by.escalate_to}
            if item.why:
                case.notes["why"] = sorted(set(item.why))
            escalated.append((case.header, case.by))
        outcomes.append(docket.outcome(index, case, refusals))
    outbox.queue(context, staff_notices.messages("staff_escalated", escalated))
    approvals.store(chains.values())
    docket.store(context, [case for case in cases.values() if case.touched], "escalate")
    return outcomes
