"""Yearly return quotas: their rules by group of customers. What one used stands on his account."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from guicang.api.acts import KEY, Key, Made, acted
from guicang.api.bearer import Caller, actor_of
from guicang.api.inputs import Minor
from guicang.api.parsing import Given, Word
from guicang.api.service import operation
from guicang.api.shapes import quotas as shapes
from guicang.insights import quotas as insight
from guicang.insights.journal import companies
from guicang.kernel.commands import begin
from guicang.returns.operations import quotas
from guicang.returns.quotas import Rules

router = Router()
Points = Annotated[int, Field(strict=True, ge=0, le=10_000)]


class QuotaBody(Given):
    company_id: UUID
    tier: Annotated[Word, Field(max_length=40)] = ""
    share_bp: Points = 0
    of: Literal["this_year", "last_year"] = "this_year"
    fixed_minor: Minor = 0
    above: Literal["review", "refuse", "fee"] = "review"
    fee_bp: Points = 0


@operation(router, "GET", "/quotas/rules", answer=list[shapes.QuotaRules], permission="policy.view", tags="quotas")
def list_quota_rules(request: HttpRequest) -> list[shapes.QuotaRules]:
    """The rules in force of each company, by group of customers. 3 statements, 1 a shop."""
    return [
        shapes.QuotaRules(company_id=one.company.id, tier=group.tier, number=group.number, **group.rules.as_data())
        for one in insight.stated(companies(actor_of(request).scope))
        for group in one.groups
    ]


@operation(router, "POST", "/quotas/rules", answer=Made, permission=quotas.STATE, tags="quotas")
def state_quota_rules(request: HttpRequest, response: HttpResponse, body: QuotaBody, key: Key = KEY) -> Made:
    """State the quota of a group of customers from now on, as a new version."""

    def act(caller: Caller) -> dict[str, Any]:
        context = begin("quotas.rules", actor=caller.actor, now=caller.now, items=1)
        said = body.model_dump(exclude={"company_id", "tier"})
        quotas.state_rules(context, body.company_id, body.tier, Rules(**said))
        return {"id": str(body.company_id)}

    return Made(**acted(request, response, "state_quota_rules", key, body.model_dump(mode="json"), act))
