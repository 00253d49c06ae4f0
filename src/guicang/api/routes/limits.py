"""Money without goods: limits by role; and the insurance of a return's way back."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from guicang.api.acts import KEY, Key, Made, acted, declare_act
from guicang.api.bearer import Caller, actor_of
from guicang.api.inputs import Minor
from guicang.api.parsing import Given, Shown, Word
from guicang.api.service import operation
from guicang.insights.journal import companies
from guicang.insights.limits import stated
from guicang.kernel.commands import begin
from guicang.returns.limits import Limit, Rules
from guicang.returns.operations import insurance, money_limits
from guicang.returns.operations.insurance import Insured

router = Router()
STATE: dict[str, Any] = {"permission": money_limits.STATE, "tags": "settings"}


class RoleLimit(Given):
    """In minor units of the company's currency; 0: no limit."""

    act_minor: Minor = 0
    customer_minor: Minor = 0
    agent_minor: Minor = 0


class LimitsBody(Given):
    """`roles`: by role; one that is left out has no limit."""

    company_id: UUID
    roles: Annotated[dict[Word, RoleLimit], Field(max_length=20)]


class MoneyLimits(Shown):
    """What each role may grant of money without goods; `number`: the version, 0 while nothing was stated."""

    company_id: UUID
    number: int
    roles: dict[str, dict[str, int]]


class InsuranceBody(Given):
    """`day`: of what `state` says. `amount_minor`: what the insurer paid the customer."""

    insured_by: Literal["buyer", "shop", "platform"]
    state: Literal["insured", "filed", "paid", "refused"]
    day: date
    insurer: Annotated[Word, Field(max_length=60)] = ""
    policy_number: Annotated[Word, Field(max_length=60)] = ""
    amount_minor: Minor = 0


@operation(router, "GET", "/settings/money-limits", answer=list[MoneyLimits], **STATE)
def list_money_limits(request: HttpRequest) -> list[MoneyLimits]:
    """The limits in force of each company. 2 statements."""
    return [
        MoneyLimits(
            company_id=one.company.id,
            number=one.number,
            roles={role: limit._asdict() for role, limit in one.rules.roles.items()},
        )
        for one in stated(companies(actor_of(request).scope))
    ]


@operation(router, "POST", "/settings/money-limits", answer=Made, **STATE)
def state_money_limits(request: HttpRequest, response: HttpResponse, body: LimitsBody, key: Key = KEY) -> Made:
    """State how much money without goods each role may grant from now on, as a new version."""

    def act(caller: Caller) -> dict[str, Any]:
        context = begin("money.limits", actor=caller.actor, now=caller.now, items=1)
        said = Rules({role: Limit(*limit.model_dump().values()) for role, limit in body.roles.items()})
        money_limits.state_rules(context, body.company_id, said)
        return {"id": str(body.company_id)}

    return Made(**acted(request, response, "state_money_limits", key, body.model_dump(mode="json"), act))


def _insure(caller: Caller, pk: UUID, said: InsuranceBody) -> None:
    """What it pays the customer, the shop does not pay a second time."""
    context = begin("returns.insure", actor=caller.actor, now=caller.now, items=1)
    insurance.insure(context, pk, Insured(**said.model_dump()))


declare_act(
    router,
    "/returns/{pk}/insurance",
    "insure_return",
    InsuranceBody,
    _insure,
    summary="Write down the insurance of the way back",
    permission=insurance.INSURE,
    tags="commands",
)
