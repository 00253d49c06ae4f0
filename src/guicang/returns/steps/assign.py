"""Take a return (认领), give it to a colleague (转交), or put it back: from then on it is his, or nobody's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from guicang.audit.operations import together
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Outcome, Refusal, Refused
from guicang.returns import errors
from guicang.returns.departments import How
from guicang.returns.operations import docket, owning
from guicang.returns.operations.docket import Case
from guicang.returns.operations.notes import Noting, add_notes
from guicang.returns.operations.owning import ASSIGN, Owned
from guicang.staff import errors as people_errors
from guicang.staff import queries as staff

__all__ = ["ASSIGN", "REASSIGN", "Assigning", "assign"]

#: Who may give away, take or put back what is a colleague's.
REASSIGN = "returns.reassign"


@dataclass(frozen=True, slots=True)
class Assigning:
    """`to`: whose it is from now on; the actor himself takes it, NIL puts it back. `note`: what the colleague is told,
    kept as a note on the return.
    """

    return_id: UUID
    to: UUID
    note: str = field(default="", repr=False)


def assign(*, assignments: Sequence[Assigning], actor: Actor, now: datetime) -> list[Outcome]:
    """Give returns an owner, each answered for itself. Of two who take the same one the first has it.

    About 17 statements a thousand, 12 more with notes. Locks returns. Raises Refused(NotPermitted); refused each:
    NotFound, WrongState, OwnedAlready, NoSuchColleague, and what a note can be refused for.
    """
    if actor.kind == "customer" or not actor.may(ASSIGN):
        raise Refused([errors.NotPermitted(permission=ASSIGN)])
    with transaction.atomic(), together():
        outcomes = docket.run(assignments, _assign, "assign", actor=actor, now=now)
        said = [
            (outcome, Noting(item.return_id, item.note))
            for outcome, item in zip(outcomes, assignments, strict=True)
            if outcome.ok and item.note.strip()
        ]
        noted = add_notes(notes=[note for _, note in said], actor=actor, now=now)
        for (outcome, _), note in zip(said, noted, strict=True):
            told = {"note": note.id} if note.ok else {"unnoted": [refusal.code for refusal in note.refusals]}
            outcome.data = {**outcome.data, **told}
    return outcomes


def _assign(chunk: Sequence[Assigning], context: Context) -> list[Outcome]:
    cases = docket.load(item.return_id for item in chunk)
    people = staff.actors({item.to for item in chunk} - {NIL})
    names = staff.names(sorted({case.header.owner_id for case in cases.values()} - {NIL, context.actor.id}))
    outcomes, changed = [], []
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "assign", context.actor) or _refusals(case, item, people, names, context.actor)
        if case is not None and not refusals and case.header.owner_id != item.to:
            case.header.owner_id, case.touched = item.to, True
            changed.append(Owned(owning.standing(case.header), item.to, _how(item, context.actor)))
        outcomes.append(docket.outcome(index, case, refusals))
    docket.store(context, [case for case in cases.values() if case.touched], "assign")
    owning.write(changed, context)
    return outcomes


def _how(item: Assigning, actor: Actor) -> How:
    return How.PUT_BACK if item.to == NIL else How.TAKEN if item.to == actor.id else How.GIVEN


def _refusals(
    case: Case | None, item: Assigning, people: Mapping[UUID, Actor], names: Mapping[UUID, str], actor: Actor
) -> list[Refusal]:
    if case is None:
        return []
    header = case.header
    if not header.department:
        return [errors.WrongState(state=header.state, command="assign")]
    if item.to not in (NIL, header.owner_id) and not owning.may_get(people.get(item.to), header):
        return [people_errors.NoSuchColleague()]
    if header.owner_id in (NIL, actor.id, item.to) or actor.may(REASSIGN):
        return []
    who = names.get(header.owner_id, "")
    return [errors.OwnedAlready(who=who)]
