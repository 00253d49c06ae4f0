"""Who has to agree: approval flows as settings, and who stands in for whom."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from guicang.api import errors
from guicang.api.acts import KEY, Key, Made, Nothing, acted, declare_act
from guicang.api.bearer import Caller, actor_of, caller_of
from guicang.api.parsing import Given, Line, Word, show
from guicang.api.service import operation
from guicang.api.shapes import settings as shapes
from guicang.insights import settings as kept
from guicang.insights.journal import companies
from guicang.kernel.commands import begin
from guicang.kernel.refusal import Refused
from guicang.policy import operations as policy
from guicang.policy import queries as policies
from guicang.policy.rules import MOST_STAGES, Conditions, Stage
from guicang.staff import operations, queries

router = Router()

KEEP: dict[str, Any] = {"permission": "org.manage", "tags": "settings"}
STAND_IN: dict[str, Any] = {"permission": "returns.approve", "tags": "staff"}
Name = Annotated[Line, Field(max_length=80)]


class FlowFacts(Given):
    """The whole of what may change of a flow. `stages` in their order."""

    zh: Name
    en: Name
    conditions: Conditions = Conditions()
    stages: Annotated[list[Stage], Field(min_length=1, max_length=MOST_STAGES)]


class NewFlow(FlowFacts):
    """`code` stays for ever; it is asked after all others of its company."""

    company_id: UUID
    code: Word


class FlowMove(Given):
    """`up`: asked one place earlier, else later."""

    up: bool


class NewDelegation(Given):
    """Both days count, in the zone of the installation."""

    to_id: UUID
    first_day: date
    last_day: date


@operation(router, "GET", "/settings/approvals", answer=list[shapes.Flow], **KEEP)
def list_approval_flows(request: HttpRequest) -> list[shapes.Flow]:
    """By company, in the order in which they are asked, the archived ones too. 2 statements."""
    known = policies.flows(company.id for company in companies(actor_of(request).scope))
    return [shapes.flow(company_id, one) for company_id, rows in known.items() for one in rows]


@operation(router, "POST", "/settings/approvals", answer=Made, **KEEP)
def add_approval_flow(request: HttpRequest, response: HttpResponse, body: NewFlow, key: Key = KEY) -> Made:
    """A flow for requests from now on. About 12 statements."""

    def act(caller: Caller) -> dict[str, Any]:
        context = begin("settings.approvals", actor=caller.actor, now=caller.now, items=1)
        return {"id": policy.add_flow(context, body.company_id, body.code.strip(), **_said(body))}

    return Made(id=acted(request, response, "approval_flow", key, body.model_dump(mode="json"), act)["id"])


@operation(router, "GET", "/settings/approvals/{pk}", answer=shapes.FlowSheet, **KEEP)
def read_approval_flow(request: HttpRequest, pk: UUID) -> shapes.FlowSheet:
    """With what was done to it. 4 statements."""
    return shapes.flow_sheet(_found(actor_of(request), pk))


def _found(actor: Any, pk: UUID) -> kept.FlowSheet:
    found = kept.flow_sheet(pk, actor.scope)
    if found is None:
        raise Refused([errors.NotThere()])
    return found


def _said(body: FlowFacts) -> dict[str, Any]:
    data = {
        "conditions": body.conditions.model_dump(mode="json", exclude_defaults=True),
        "stages": [stage.model_dump(mode="json", exclude_defaults=True) for stage in body.stages],
    }
    return {"zh": body.zh.strip(), "en": body.en.strip(), "data": data}


def _change(caller: Caller, pk: UUID, said: FlowFacts) -> None:
    """Returns that were requested keep their stages."""
    company = _found(caller.actor, pk).company
    context = begin("settings.approvals", actor=caller.actor, now=caller.now, items=1)
    policy.change_flow(context, company.id, pk, **_said(said))


def _move(caller: Caller, pk: UUID, said: FlowMove) -> None:
    """The first one from the top that fits applies."""
    company = _found(caller.actor, pk).company
    context = begin("settings.approvals", actor=caller.actor, now=caller.now, items=1)
    policy.move_flow(context, company.id, pk, up=said.up)


def _archive(caller: Caller, pk: UUID, _said: Nothing) -> None:
    """No new request goes through it; those under way do."""
    _set_archived(caller, pk, archived=True)


def _restore(caller: Caller, pk: UUID, _said: Nothing) -> None:
    _set_archived(caller, pk, archived=False)


def _set_archived(caller: Caller, pk: UUID, *, archived: bool) -> None:
    company = _found(caller.actor, pk).company
    context = begin("settings.approvals", actor=caller.actor, now=caller.now, items=1)
    policy.archive_flow(context, company.id, pk, archived)


_ACTS: tuple[tuple[str, type[Given], Any, str], ...] = (
    ("change", FlowFacts, _change, "Change an approval flow"),
    ("move", FlowMove, _move, "Ask an approval flow earlier or later"),
    ("archive", Nothing, _archive, "Archive an approval flow"),
    ("restore", Nothing, _restore, "Bring an approval flow back"),
)
for _name, _body, _act, _summary in _ACTS:
    declare_act(
        router, f"/settings/approvals/{{pk}}/{_name}", f"{_name}_approval_flow", _body, _act, summary=_summary, **KEEP
    )


@operation(router, "GET", "/delegations", answer=list[shapes.Delegation], **STAND_IN)
def list_delegations(request: HttpRequest) -> list[shapes.Delegation]:
    """Who stands in for the token's user, and for whom he does. 1 statement."""
    caller = caller_of(request)
    return [show(shapes.Delegation, one) for one in queries.delegations(caller.actor.id, caller.now)]


@operation(router, "POST", "/delegations", answer=Made, **STAND_IN)
def delegate(request: HttpRequest, response: HttpResponse, body: NewDelegation, key: Key = KEY) -> Made:
    """Name a colleague who decides too, in the place of the token's user. About 11 statements."""

    def act(caller: Caller) -> dict[str, Any]:
        context = begin("staff.delegations", actor=caller.actor, now=caller.now, items=1)
        user = queries.member_by_id(caller.actor.id)
        if user is None:
            raise Refused([errors.NotThere()])
        return {"id": operations.delegate(context, user, body.to_id, body.first_day, body.last_day)}

    return Made(id=acted(request, response, "delegate", key, body.model_dump(mode="json"), act)["id"])


def _end(caller: Caller, pk: UUID, _said: Nothing) -> None:
    """From now on it counts no more."""
    context = begin("staff.delegations", actor=caller.actor, now=caller.now, items=1)
    user = queries.member_by_id(caller.actor.id)
    if user is None:
        raise Refused([errors.NotThere()])
    operations.end_delegation(context, user, pk)


declare_act(router, "/delegations/{pk}/end", "end_delegation", Nothing, _end, summary="End a delegation", **STAND_IN)
