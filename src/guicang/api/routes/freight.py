"""What the way back costs: each company's table of rates."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from guicang.api import errors
from guicang.api.acts import declare_act
from guicang.api.bearer import Caller, actor_of
from guicang.api.parsing import Given, Line, Shown, show
from guicang.api.service import operation
from guicang.insights.freight import tables
from guicang.kernel.commands import begin
from guicang.kernel.refusal import Refused
from guicang.logistics.operations import CARRIER_MOST, STATE, state_freight
from guicang.logistics.rules import MOST, MOST_RATES, Rate

router = Router()

KEEP: dict[str, Any] = {"permission": STATE, "tags": "settings"}
Amount = Annotated[int, Field(strict=True, ge=0, le=MOST)]
Code = Annotated[Line, Field(max_length=40)]


class FreightRate(Shown):
    """`first_minor` up to `first_g`, then `next_minor` for each `next_g` begun (0: flat). '' is for all."""

    zone: str
    warehouse: str
    carrier: str
    first_g: int
    first_minor: int
    next_g: int
    next_minor: int
    valid_from: date


class FreightTable(Shown):
    """`number` 0: none was stated yet."""

    company_id: UUID
    currency: str
    number: int
    rates: list[FreightRate]


class GivenRate(Given):
    """`zone`: code of the market that goods come from, `warehouse`: of where they go, `carrier`; '' is for all.
    `first_minor` up to `first_g`, then `next_minor` for each `next_g` begun (0: flat). It counts from `valid_from` on.
    """

    zone: Code = ""
    warehouse: Code = ""
    carrier: Annotated[Line, Field(max_length=CARRIER_MOST)] = ""
    first_g: Amount = 0
    first_minor: Amount
    next_g: Amount = 0
    next_minor: Amount = 0
    valid_from: date


class NewTable(Given):
    """The whole table of a currency."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    rates: Annotated[list[GivenRate], Field(max_length=MOST_RATES)]


@operation(router, "GET", "/settings/freight", answer=list[FreightTable], **KEEP)
def list_freight(request: HttpRequest) -> list[FreightTable]:
    """What the way back costs each company, by currency. 3 statements."""
    return [
        show(FreightTable, one, company_id=one.company.id, rates=[show(FreightRate, rate) for rate in one.rates])
        for one in tables(actor_of(request).scope)
    ]


def _state(caller: Caller, pk: UUID, said: NewTable) -> None:
    """It counts for returns that are asked for from now on; those asked for before keep what they were told."""
    if (pk, said.currency) not in {(one.company.id, one.currency) for one in tables(caller.actor.scope)}:
        raise Refused([errors.NotThere()])
    context = begin("settings.freight", actor=caller.actor, now=caller.now, items=1)
    state_freight(context, pk, said.currency, [Rate(**rate.model_dump()) for rate in said.rates])


declare_act(
    router,
    "/settings/freight/{pk}/change",
    "change_freight",
    NewTable,
    _state,
    summary="Say what the way back costs",
    **KEEP,
)
