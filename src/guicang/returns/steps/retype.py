"""Change the type of a request: the system set it by facts, and somebody knows better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from guicang.kernel import setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome, Refusal
from guicang.returns import errors
from guicang.returns.classing import CHANGEABLE, Because, retyped
from guicang.returns.lifecycle import Type
from guicang.returns.models import Return, ReturnLine
from guicang.returns.operations import docket, inputs
from guicang.returns.operations.docket import Case


@dataclass(frozen=True, slots=True)
class Retyping:
    return_id: UUID
    type: str
    reason: str


def retype(
    *,
    retypings: Sequence[Retyping],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Make requests that wait for a decision another type, with their lines of goods that were shipped.

    About 12 statements a thousand; locks returns. The verdict stays the one that was given to the request. Refused:
    BadChoice where no line can become it or it is of that type, a reason that is missing or no code.
    """
    return docket.in_chunks(
        retypings, _retype, "retype", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _retype(chunk: Sequence[Retyping], context: Context) -> list[Outcome]:
    cases = docket.load(item.return_id for item in chunk)
    outcomes: list[Outcome] = []
    changed: list[Case] = []
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "retype", context.actor) + inputs.reason(item.reason)
        if case is not None and not refusals and not (refusals := _refusals(case, item)):
            _change(case, Type(item.type))
            case.touched, case.reason = True, item.reason
            changed.append(case)
        outcomes.append(docket.outcome(index, case, refusals))
    setwrites.update(
        Return,
        [{"id": case.header.id, "type": case.header.type, "type_because": str(Because.STAFF)} for case in changed],
        assign=["type", "type_because"],
    )
    lines = [line for case in changed for line in case.lines]
    rows = [{"id": line.id, "kind": line.kind, "resolution": line.resolution} for line in lines]
    setwrites.update(ReturnLine, rows, assign=["kind", "resolution"])
    docket.store(context, changed, "retype")
    return outcomes


def _refusals(case: Case, item: Retyping) -> list[Refusal]:
    possible = {str(each) for each in CHANGEABLE} - {case.header.type}
    if item.type not in possible or not any(_becomes(line, Type(item.type)) for line in case.lines):
        return [errors.BadChoice(column="type", value=item.type)]
    return []


def _becomes(line: ReturnLine, to: Type) -> bool:
    return retyped(line.kind, line.resolution, to) != (line.kind, line.resolution) and _moves(line)


def _moves(line: ReturnLine) -> bool:
    """Postage and fees are no goods that could come back."""
    return line.sku_id != NIL


def _change(case: Case, to: Type) -> None:
    case.notes |= {"type_before": case.header.type, "type": str(to)}
    for line in case.lines:
        if _moves(line):
            line.kind, line.resolution = retyped(line.kind, line.resolution, to)
    case.header.type = str(to)
