"""Rebates on turnover: agreements with customers, granted and taken back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from guicang.api.acts import KEY, Key, Made, Nothing, acted, declare_act
from guicang.api.bearer import Caller, caller_of
from guicang.api.inputs import Minor
from guicang.api.parsing import Given, Shown, show
from guicang.api.service import operation
from guicang.insights.rebates import agreements
from guicang.kernel.commands import begin
from guicang.kernel.refusal import Refused
from guicang.returns.rebates import MOST_TIERS, Tier
from guicang.returns.steps import rebate
from guicang.returns.steps.rebate import Agreeing, Reckoning, reckon_rebates

router = Router()
GRANT: dict[str, Any] = {"permission": rebate.GRANT, "tags": "rebates"}


class After(Given):
    """`after`: the last id of the page before."""

    after: UUID | None = None


class TierBody(Given):
    """From `from_minor` of turnover on, `bp` hundredths of a percent of all of it."""

    from_minor: Minor
    bp: Annotated[int, Field(strict=True, ge=1, le=10_000)]


class RebateBody(Given):
    """Both days count. The same first day again changes it, as long as nothing was granted."""

    customer_id: UUID
    since: date
    until: date
    tiers: Annotated[list[TierBody], Field(min_length=1, max_length=MOST_TIERS)]
    tax_bp: Annotated[int, Field(strict=True, ge=0, le=9_999)] = 0


class Rebate(Shown):
    """`turnover_minor`, less what was credited of it, earns `due_minor` now; reckoning moves `change_minor`."""

    id: UUID
    customer_id: UUID
    customer_number: str
    currency: str
    since: date
    until: date
    granted: bool
    runs: bool
    turnover_minor: int
    due_minor: int
    given_minor: int
    change_minor: int


class Rebates(Shown):
    """A page, the newest first; `more`: ask again with `after` the last id."""

    items: list[Rebate]
    more: bool


@operation(router, "GET", "/rebates", answer=Rebates, permission="policy.view", tags="rebates")
def list_rebates(request: HttpRequest, looking: Query[After]) -> Rebates:
    """Agreements with what they come to now, 50 a page. At most 9 statements, and one a period."""
    caller = caller_of(request)
    rows, more = agreements(caller.actor.scope, caller.now, looking.after)
    return Rebates(items=[show(Rebate, row) for row in rows], more=more)


@operation(router, "POST", "/rebates", answer=Made, **GRANT)
def agree_rebate(request: HttpRequest, response: HttpResponse, body: RebateBody, key: Key = KEY) -> Made:
    """Agree a rebate with a customer for a period."""

    def act(caller: Caller) -> dict[str, Any]:
        context = begin("rebates.agree", actor=caller.actor, now=caller.now, items=1)
        tiers = tuple(Tier(one.from_minor, one.bp) for one in body.tiers)
        item = Agreeing(body.customer_id, body.since, body.until, tiers, Decimal(body.tax_bp) / 10_000)
        return {"id": str(rebate.agree(context, item))}

    return Made(**acted(request, response, "agree_rebate", key, body.model_dump(mode="json"), act))


def _reckon(caller: Caller, pk: UUID, _said: Nothing) -> None:
    """The first time once its period is over; what later returns made of it less is taken back."""
    (outcome,) = reckon_rebates(reckonings=[Reckoning(pk)], actor=caller.actor, now=caller.now)
    if not outcome.ok:
        raise Refused(outcome.refusals)


declare_act(
    router,
    "/rebates/{pk}/reckon",
    "reckon_rebate",
    Nothing,
    _reckon,
    summary="Grant a rebate, or take the difference back",
    **GRANT,
)
