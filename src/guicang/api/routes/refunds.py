"""Refunds: how companies carry them out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from guicang.api import errors
from guicang.api.acts import declare_act
from guicang.api.bearer import Caller, actor_of
from guicang.api.parsing import Given, Shown, Word
from guicang.api.service import operation
from guicang.insights.journal import companies
from guicang.kernel.commands import begin
from guicang.kernel.refusal import Refused
from guicang.payments import queries as payments
from guicang.payments.operations import set_ways

router = Router()

KEEP: dict[str, Any] = {"permission": "org.manage", "tags": "settings"}
#: Stands for all kinds of tenders that are not named; in the data it is ''.
OTHERS = "others"


class WaysOfCompany(Shown):
    """`ways` by kind of tender, `others` for those that are not named; nothing said: at_once."""

    company_id: UUID
    ways: dict[str, str]


class NewWays(Given):
    """By kind of tender: at_once, by_hand, port, platform; '' takes back what was said. `others`: all not named."""

    ways: dict[Word, Word]


@operation(router, "GET", "/settings/refund-ways", answer=list[WaysOfCompany], **KEEP)
def list_refund_ways(request: HttpRequest) -> list[WaysOfCompany]:
    """Who carries out the refunds of each company. 2 statements."""
    mine = [one.id for one in companies(actor_of(request).scope)]
    return [
        WaysOfCompany(company_id=key, ways={kind or OTHERS: way for kind, way in said.items()})
        for key, said in payments.ways(mine).items()
    ]


def _set_ways(caller: Caller, pk: UUID, said: NewWays) -> None:
    """It counts for what is settled from now on."""
    if pk not in {one.id for one in companies(caller.actor.scope)}:
        raise Refused([errors.NotThere()])
    context = begin("settings.refund_ways", actor=caller.actor, now=caller.now, items=1)
    set_ways(context, pk, {"" if kind == OTHERS else kind: way for kind, way in said.ways.items()})


declare_act(
    router,
    "/settings/refund-ways/{pk}/change",
    "change_refund_ways",
    NewWays,
    _set_ways,
    summary="Say who carries out refunds",
    **KEEP,
)
