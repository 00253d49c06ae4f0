"""Answers to a company's own fields: read from a request, kept with its return, changed until that is over.

Texts lie in the vault (`parties`), since they are about a person; the trail says that there is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context, begin
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome, Refusal, Refused
from guicang.parties import operations as vault
from guicang.parties import queries as vaulted
from guicang.policy import queries as policies
from guicang.policy.errors import FieldMissing
from guicang.policy.facts import FieldInfo
from guicang.policy.queries.fields import answered, title
from guicang.policy.queries.fields import answers as check
from guicang.policy.rules import CONDITIONAL, Answered
from guicang.returns import errors
from guicang.returns.models import FieldAnswer
from guicang.returns.operations import docket
from guicang.returns.operations.asking import Request
from guicang.returns.operations.docket import Case
from guicang.returns.operations.judging import UNJUDGED
from guicang.returns.operations.persons import persons_of
from guicang.returns.operations.sight import Sight

CHANGE = "returns.note"
#: Requests that no form of ours asked for: nothing has to be answered in them, nor where nothing comes
#: back, nor by whoever withdraws from the contract.
UNASKED = ("platform", "sheet", "import")
#: By line (NIL: the return) and by code, as they are kept.
Kept = Mapping[UUID, Mapping[str, str]]


#: Owner of answers that are texts in the vault, and the kind of their words.
ANSWER, ANSWER_TEXT = "field_answer", "text"


class AnswerInfo(NamedTuple):
    """The answer to a field; `value` '' where it was a text that was erased with its person."""

    id: UUID
    return_id: UUID
    line_id: UUID
    field_id: UUID
    value: str


def answers_of(return_ids: Iterable[UUID]) -> dict[UUID, list[AnswerInfo]]:
    """Answers to the company's own fields by return; 2 statements per 1,000, 1 where there are no texts."""
    found: dict[UUID, list[AnswerInfo]] = {}
    for batch in setwrites.chunks(sorted(set(return_ids))):
        rows = FieldAnswer.objects.filter(parent_id__among=batch).order_by("parent_id", "line_id", "id")
        answers = [AnswerInfo(*row) for row in rows.values_list("id", "parent_id", "line_id", "field_id", "value")]
        texts = vaulted.personal((ANSWER, one.id) for one in answers if not one.value)
        for one in answers:
            text = next((entry.value for entry in texts.get((ANSWER, one.id), ())), one.value)
            found.setdefault(one.return_id, []).append(one._replace(value=text))
    return found


def read(
    item: Request, lines: Sequence[Mapping[str, Any]], sight: Sight, context: Context
) -> tuple[Kept, list[Refusal]]:
    """The answers of a request, of the return and of each of its lines, and what is wrong with them. No statement."""
    shop = sight.shops.get(item.shop_id)
    known = sight.fields.get(shop.company_id, {}) if shop else {}
    side = "customer" if context.actor.kind == "customer" else "staff"
    asked = {line["id"] for line in lines if line["kind"] not in UNJUDGED}
    if context.origin != Origin.LIVE or item.entered_by in UNASKED or item.withdrawal is not None:
        asked = set()
    found, refusals = check(known, item.answers, per_line=False, side=side, complete=bool(asked))
    kept = {NIL: found} if found else {}
    for line in lines:
        typed = sight.answers.get(line["id"], {})
        found, wrong = check(known, typed, per_line=True, side=side, complete=line["id"] in asked)
        refusals += [one for one in wrong if repr(one) not in map(repr, refusals)]
        if found:
            kept[line["id"]] = found
    return kept, refusals


def conditional(known: Mapping[str, FieldInfo], kept: Kept) -> dict[UUID, dict[str, Answered]]:
    """What conditions may ask about, by line: never a text, which a verdict would keep for ever."""
    return {
        key: {code: answered(known[code], value) for code, value in found.items() if known[code].kind in CONDITIONAL}
        for key, found in kept.items()
    }


def told(known: Mapping[str, FieldInfo], found: Mapping[str, str]) -> dict[str, str]:
    """Answers as the trail keeps them: of a text only that there is one."""
    return {code: "" if known[code].kind == "text" else value for code, value in found.items()}


def write(
    answers: Iterable[tuple[UUID, UUID | None, Mapping[str, FieldInfo], Kept]], context: Context
) -> list[vault.PersonalFacts]:
    """Write new answers of (return, person, fields); the texts among them, for the vault. 1 statement a thousand.

    Of a person who was erased no text is kept.
    """
    rows: list[dict[str, Any]] = []
    texts = []
    for return_id, person, known, kept in answers:
        for line_id, found in kept.items():
            for code, value in found.items():
                one, key = known[code], new_id()
                if one.kind == "text" and person is None:
                    continue
                if one.kind == "text" and person is not None:
                    texts.append(vault.PersonalFacts(ANSWER, key, person, {ANSWER_TEXT: value}))
                rows.append(_row(key, return_id, line_id, one, value))
    setwrites.insert(FieldAnswer, rows)
    return texts


def _row(key: UUID, return_id: UUID, line_id: UUID, one: FieldInfo, value: str) -> dict[str, Any]:
    said = "" if one.kind == "text" else value
    return {"id": key, "parent_id": return_id, "line_id": line_id, "field_id": one.id, "value": said}


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers by code for a return, or for one of its lines; an empty one takes an answer back."""

    return_id: UUID
    answers: Mapping[str, str] = field(repr=False)
    line_id: UUID = NIL


def change_answers(*, items: Sequence[Answering], actor: Actor, now: datetime) -> list[Outcome]:
    """Correct or add answers, by staff, until the return is over; the verdict stays as it was given.

    Locks the returns. About 12 statements a thousand and the trail's. Raises Refused(NotPermitted); refused each for
    itself: NotFound, ReturnIsOver, PersonErased, LineNotFound, and what is wrong with an answer.
    """
    if actor.kind == "customer" or not actor.may(CHANGE):
        raise Refused([errors.NotPermitted(permission=CHANGE)])
    with transaction.atomic():
        context = begin("returns.fields", actor=actor, now=now, items=len(items))
        cases = docket.load({item.return_id for item in items})
        fields = policies.fields({case.header.company_id for case in cases.values()})
        there = answers_of(cases)
        persons = persons_of(cases.values())
        change = _Change(context)
        outcomes = []
        for index, item in enumerate(items):
            case = cases.get(item.return_id)
            known = fields[case.header.company_id] if case else {}
            mine = [one for one in there.get(item.return_id, ()) if one.line_id == item.line_id]
            found, refusals = _read(item, case, known, mine, actor, persons.get(item.return_id))
            outcomes.append(Outcome(index, item.return_id, refusals))
            if case is not None and not refusals:
                change.add(item, case, known, found, mine, persons[item.return_id])
        change.write()
    return outcomes


def _read(
    item: Answering,
    case: Case | None,
    known: Mapping[str, FieldInfo],
    there: Sequence[AnswerInfo],
    actor: Actor,
    person: UUID | None,
) -> tuple[dict[str, str], list[Refusal]]:
    """The answers, '' where one is taken back, and why they are not taken."""
    if case is None or docket.hidden(case, actor):
        return {}, [errors.NotFound()]
    found, refusals = check(known, item.answers, per_line=item.line_id != NIL, side="staff", complete=False)
    given = {one.field_id for one in there}
    gone = [known[code] for code, text in item.answers.items() if code in known and not text.strip()]
    blank = [one for one in gone if one.id in given]
    refusals += [FieldMissing(field=one.code, title=title(one)) for one in blank if one.required]
    if case.header.ending:
        refusals.append(errors.ReturnIsOver())
    if person is None and any(known[code].kind == "text" for code in found):
        refusals.append(errors.PersonErased())
    if item.line_id != NIL and case.line(item.line_id) is None:
        refusals.append(errors.LineNotFound())
    return {**found, **{one.code: "" for one in blank}}, refusals


@dataclass(slots=True)
class _Change:
    """What a set of corrections comes to, written at once."""

    context: Context
    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    gone: list[UUID] = field(default_factory=list)
    texts: list[vault.PersonalFacts] = field(default_factory=list)
    trail: list[AuditEntry] = field(default_factory=list)

    def add(
        self,
        item: Answering,
        case: Case,
        known: Mapping[str, FieldInfo],
        found: Mapping[str, str],
        there: Sequence[AnswerInfo],
        person: UUID | None,
    ) -> None:
        rows = {one.field_id: one for one in there}
        before, after = {}, {}
        for code, value in found.items():
            one = known[code]
            was = rows.get(one.id)
            if value == (was.value if was else ""):
                continue
            before[code], after[code] = was.value if was else "", value
            self._put(one, was, value, item, person)
        if after:
            line = {"line": str(item.line_id)} if item.line_id != NIL else {}
            said = {"fields": told(known, before), **line}, {"fields": told(known, after), **line}
            company_id = case.header.company_id
            self.trail.append(AuditEntry(company_id, "return", item.return_id, "fields", *said))

    def _put(self, one: FieldInfo, was: AnswerInfo | None, value: str, item: Answering, person: UUID | None) -> None:
        if was is not None and not value:
            self.gone.append(was.id)
            return
        key = was.id if was else new_id()
        if was is None:
            self.new.append(_row(key, item.return_id, item.line_id, one, value))
        elif one.kind != "text":
            self.changed.append({"id": key, "value": value})
        if one.kind == "text" and person is not None:
            self.texts.append(vault.PersonalFacts(ANSWER, key, person, {ANSWER_TEXT: value}))

    def write(self) -> None:
        setwrites.insert(FieldAnswer, self.new)
        setwrites.update(FieldAnswer, self.changed, assign=["value"])
        FieldAnswer.objects.filter(id__among=self.gone).delete()
        vault.forget(ANSWER, self.gone)
        vault.keep(self.context, self.texts)
        record(self.context, self.trail)
