"""Whose a return is: taken, given to a colleague, put back, one by one and in sets; and what a company's rules say."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from guicang.api import errors, replies
from guicang.api.acts import KEY, Key, declare_act, replayed
from guicang.api.bearer import Caller, actor_of, caller_of
from guicang.api.parsing import Given, Shown, Word
from guicang.api.routes.commands import MOST_ITEMS, reply_of, results_of
from guicang.api.service import operation
from guicang.api.shapes.results import Results
from guicang.insights import journal as journals
from guicang.kernel.commands import begin
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refused
from guicang.returns.departments import Department, Way
from guicang.returns.operations import assigning
from guicang.returns.steps.assign import ASSIGN, Assigning, assign

router = Router()

KEEP: dict[str, Any] = {"permission": "org.manage", "tags": "settings"}


class AssignItem(Given):
    """`to`: the user whose it is from now on, the caller himself to take it; null puts it back.

    `note`: kept as a note on the return.
    """

    id: UUID
    to: UUID | None
    note: Annotated[str, Field(max_length=2000)] = ""


class AssignItems(Given):
    items: Annotated[list[AssignItem], Field(min_length=1, max_length=MOST_ITEMS)]


@operation(router, "POST", "/returns/assign", permission=ASSIGN, answer=Results, tags="commands")
def assign_returns(request: HttpRequest, response: HttpResponse, body: AssignItems, key: Key = KEY) -> Results:
    """Take, give or put back up to 1,000 returns, each answered for itself: of two who take one the first has it."""
    caller = caller_of(request)
    payload = body.model_dump(mode="json")
    reply, again = replies.once(caller, "assign", key, payload, lambda: _assign(caller, body.items))
    replayed(response, again)
    return results_of(reply)


def _assign(caller: Caller, items: list[AssignItem]) -> dict[str, Any]:
    wanted = [Assigning(item.id, item.to or NIL, item.note) for item in items]
    outcomes = assign(assignments=wanted, actor=caller.actor, now=caller.now)
    return reply_of(outcomes, [item.id for item in items])


class AssignmentRule(Given):
    """`role`: whose people take turns where `way` is in_turn."""

    department: Department
    way: Way
    role: Word


class AssignmentRules(Given):
    """One for each department."""

    rules: Annotated[list[AssignmentRule], Field(min_length=len(Department), max_length=len(Department))]


class RuleShown(Shown):
    department: Department
    way: Way
    role: str


class CompanyRules(Shown):
    company_id: UUID
    rules: list[RuleShown]


@operation(router, "GET", "/settings/assignment", answer=list[CompanyRules], **KEEP)
def list_assignment_rules(request: HttpRequest) -> list[CompanyRules]:
    """Who gets what comes to each department of each company."""
    return [_rules(company.id) for company in journals.companies(actor_of(request).scope)]


def _rules(company_id: UUID) -> CompanyRules:
    rules = assigning.assignment_rules(company_id)
    shown = [RuleShown(department=Department(place), way=Way(way), role=role) for place, (way, role) in rules.items()]
    return CompanyRules(company_id=company_id, rules=shown)


def _state(caller: Caller, pk: UUID, said: AssignmentRules) -> None:
    """All departments of the company `pk`; returns that are there already keep their owner."""
    if pk not in {company.id for company in journals.companies(caller.actor.scope)}:
        raise Refused([errors.NotThere()])
    context = begin("settings.assignment", actor=caller.actor, now=caller.now, items=1)
    rules = {str(one.department): (str(one.way), one.role) for one in said.rules}
    assigning.state_assignment_rules(context, pk, rules)


declare_act(
    router,
    "/settings/assignment/{pk}",
    "state_assignment_rules",
    AssignmentRules,
    _state,
    summary="Say who gets what comes to a department",
    **KEEP,
)
