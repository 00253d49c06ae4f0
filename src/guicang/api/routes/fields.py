"""A company's own fields: what its forms ask besides; and what was answered to them."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from guicang.api import errors
from guicang.api.acts import KEY, Key, Made, Nothing, acted, declare_act
from guicang.api.bearer import Caller, actor_of
from guicang.api.inputs import Answers, typed
from guicang.api.parsing import Given, Line, Word
from guicang.api.service import operation
from guicang.api.shapes import settings as shapes
from guicang.insights import settings as kept
from guicang.insights.journal import companies
from guicang.kernel.commands import begin
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refused, raise_first
from guicang.policy import operations as policy
from guicang.policy import queries as policies
from guicang.policy.rules.answers import FieldKind
from guicang.returns.operations.answering import CHANGE, Answering, change_answers

router = Router()

KEEP: dict[str, Any] = {"permission": "org.manage", "tags": "settings"}
COMMAND = "settings.field"
Name = Annotated[Line, Field(max_length=80)]
Hint = Annotated[Line, Field(max_length=160)]


class FieldOption(Given):
    code: Word
    zh: Name
    en: Name


class OwnFieldFacts(Given):
    """The whole of what may change of a field. `options` of a choice, in the order in which they are offered."""

    zh: Name
    en: Name
    help_zh: Hint = ""
    help_en: Hint = ""
    options: Annotated[list[FieldOption], Field(max_length=policy.MOST_OPTIONS)] = []
    asked_of: Literal["customer", "staff", "both"] = "both"
    required: bool = False


class NewOwnField(OwnFieldFacts):
    """`code`, `kind` and `per_line` (asked for every line) stay for ever; it is asked after all others."""

    company_id: UUID
    code: Word
    kind: FieldKind
    per_line: bool = False


class OwnFieldMove(Given):
    """`up`: asked one place earlier, else later."""

    up: bool


class AnswersItem(Given):
    """`line`: the line of the return that they are about; none: all of it. An empty text takes an answer back."""

    fields: Answers
    line: UUID | None = None


@operation(router, "GET", "/settings/fields", permission="", answer=list[shapes.OwnField], tags="settings")
def list_own_fields(request: HttpRequest) -> list[shapes.OwnField]:
    """By company, in the order in which they are asked, the archived ones too. 2 statements."""
    known = policies.fields(company.id for company in companies(actor_of(request).scope))
    return [shapes.own_field(company_id, one) for company_id, rows in known.items() for one in rows.values()]


@operation(router, "POST", "/settings/fields", answer=Made, **KEEP)
def add_own_field(request: HttpRequest, response: HttpResponse, body: NewOwnField, key: Key = KEY) -> Made:
    """A field that forms ask from now on. About 12 statements."""

    def act(caller: Caller) -> dict[str, Any]:
        context = begin(COMMAND, actor=caller.actor, now=caller.now, items=1)
        facts = _said(body) | {"kind": body.kind, "per_line": body.per_line}
        return {"id": policy.add_field(context, body.company_id, body.code.strip(), facts)}

    return Made(id=acted(request, response, "own_field", key, body.model_dump(mode="json"), act)["id"])


@operation(router, "GET", "/settings/fields/{pk}", answer=shapes.OwnFieldSheet, **KEEP)
def read_own_field(request: HttpRequest, pk: UUID) -> shapes.OwnFieldSheet:
    """With what was done to it. 4 statements."""
    return shapes.own_field_sheet(_found(actor_of(request), pk))


def _found(actor: Any, pk: UUID) -> kept.FieldSheet:
    found = kept.field_sheet(pk, actor.scope)
    if found is None:
        raise Refused([errors.NotThere()])
    return found


def _said(body: OwnFieldFacts) -> dict[str, Any]:
    texts = {name: getattr(body, name).strip() for name in ("zh", "en", "help_zh", "help_en")}
    options = [option.model_dump() for option in body.options]
    return {**texts, "options": options, "asked_of": body.asked_of, "required": body.required}


def _change(caller: Caller, pk: UUID, said: OwnFieldFacts) -> None:
    """What was answered stays."""
    company = _found(caller.actor, pk).company
    context = begin(COMMAND, actor=caller.actor, now=caller.now, items=1)
    policy.change_field(context, company.id, pk, _said(said))


def _move(caller: Caller, pk: UUID, said: OwnFieldMove) -> None:
    company = _found(caller.actor, pk).company
    context = begin(COMMAND, actor=caller.actor, now=caller.now, items=1)
    policy.move_field(context, company.id, pk, up=said.up)


def _archive(caller: Caller, pk: UUID, _body: Nothing) -> None:
    """No form asks for it; what was answered stays."""
    _set_archived(caller, pk, archived=True)


def _restore(caller: Caller, pk: UUID, _body: Nothing) -> None:
    _set_archived(caller, pk, archived=False)


def _set_archived(caller: Caller, pk: UUID, *, archived: bool) -> None:
    company = _found(caller.actor, pk).company
    context = begin(COMMAND, actor=caller.actor, now=caller.now, items=1)
    policy.archive_field(context, company.id, pk, archived)


_ACTS: tuple[tuple[str, type[Given], Any, str], ...] = (
    ("change", OwnFieldFacts, _change, "Change an own field"),
    ("move", OwnFieldMove, _move, "Ask for an own field earlier or later"),
    ("archive", Nothing, _archive, "Archive an own field"),
    ("restore", Nothing, _restore, "Bring an own field back"),
)
for _name, _body, _act, _summary in _ACTS:
    declare_act(router, f"/settings/fields/{{pk}}/{_name}", f"{_name}_own_field", _body, _act, summary=_summary, **KEEP)


def _answer(caller: Caller, pk: UUID, said: AnswersItem) -> None:
    """Until the return is over; its verdict stays as it was given."""
    item = Answering(pk, typed(said.fields), said.line or NIL)
    raise_first(change_answers(items=[item], actor=caller.actor, now=caller.now))


declare_act(
    router,
    "/returns/{pk}/fields",
    "change_answers",
    AnswersItem,
    _answer,
    summary="Correct or add answers to own fields",
    permission=CHANGE,
    tags="evidence",
)
