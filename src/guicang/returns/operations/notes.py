"""What staff write down about a return for one another: words about a customer, so the vault keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context, begin
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Outcome, Refusal, Refused
from guicang.parties.operations import PersonalFacts, keep
from guicang.returns import errors, queries
from guicang.returns.models import Note
from guicang.returns.operations import docket
from guicang.returns.operations.docket import Case
from guicang.returns.operations.persons import persons_of

WRITE = "returns.note"
#: Characters of a note.
MOST = 2000


@dataclass(frozen=True, slots=True)
class Noting:
    return_id: UUID
    text: str = field(repr=False)


def add_notes(*, notes: Sequence[Noting], actor: Actor, now: datetime) -> list[Outcome]:
    """Keep notes; the id of each. A return that is over takes them too: people call afterwards.

    The same words again by the same person are the note that is there (a form sent twice). About 12 statements a
    thousand; locks the returns. Raises Refused(NotPermitted); refused each: Nothing, TextTooLong, NotFound,
    PersonErased.
    """
    if actor.kind == "customer" or not actor.may(WRITE):
        raise Refused([errors.NotPermitted(permission=WRITE)])
    outcomes: list[Outcome] = []
    for chunk in setwrites.chunks(notes):
        with transaction.atomic():
            context = begin("returns.note", actor=actor, now=now, items=len(chunk))
            outcomes.extend(_add(chunk, context))
    for index, outcome in enumerate(outcomes):
        outcome.index = index
    return outcomes


def _add(chunk: Sequence[Noting], context: Context) -> list[Outcome]:
    cases = docket.load({item.return_id for item in chunk})
    persons = persons_of(cases.values())
    said = {
        (note.return_id, note.actor_id, note.text): note.id
        for notes in queries.notes_of(cases).values()
        for note in notes
    }
    outcomes, rows, kept, trail = [], [], [], []
    for item in chunk:
        case, text = cases.get(item.return_id), item.text.strip()
        refusals = _refusals(case, text, context.actor, persons)
        key = said.get((item.return_id, context.actor.id, text))
        outcomes.append(Outcome(0, key, refusals, {"known": True} if key and not refusals else {}))
        person = persons.get(item.return_id)
        if refusals or key or case is None or person is None:
            continue
        made = said[item.return_id, context.actor.id, text] = outcomes[-1].id = new_id()
        rows.append(_row(made, case, context))
        kept.append(PersonalFacts(queries.NOTE, made, person, {queries.NOTE_TEXT: text}))
        trail.append(AuditEntry(case.header.company_id, "return", case.header.id, "note", {}, {"note": str(made)}))
    setwrites.insert(Note, rows)
    keep(context, kept)
    record(context, trail)
    return outcomes


def _row(made: UUID, case: Case, context: Context) -> dict[str, object]:
    return {
        "id": made,
        "parent_id": case.header.id,
        "actor_kind": context.actor.kind,
        "actor_id": context.actor.id,
        "command_id": context.id,
        "recorded_at": context.now,
    }


def _refusals(case: Case | None, text: str, actor: Actor, persons: dict[UUID, UUID | None]) -> list[Refusal]:
    if case is None or docket.hidden(case, actor):
        return [errors.NotFound()]
    found: list[Refusal] = []
    if not text:
        found.append(errors.NoteEmpty())
    if len(text) > MOST:
        found.append(errors.TextTooLong(column="text", longest=MOST))
    if persons[case.header.id] is None:
        found.append(errors.PersonErased())
    return found
