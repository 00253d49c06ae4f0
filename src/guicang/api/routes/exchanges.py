"""Exchanges: what is still to be collected, reminding customers of it, and undoing one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from guicang.api import problems, replies
from guicang.api.acts import KEY, Key, acted, declare_act
from guicang.api.bearer import Caller, caller_of
from guicang.api.inputs import Reason
from guicang.api.paging import Page, Paging, cursor, place_id
from guicang.api.parsing import Given, Shown, Word, show
from guicang.api.service import operation
from guicang.insights import exchanges as insight
from guicang.kernel.refusal import raise_first
from guicang.returns import lifecycle
from guicang.returns.steps.collect import PERMISSION
from guicang.returns.steps.remind import Reminding, remind
from guicang.returns.steps.undo_exchange import COMMANDS, Undoing, undo_exchange

router = Router()

COLLECT: dict[str, Any] = {"permission": PERMISSION, "tags": "exchanges"}
#: Whoever may not do all of it does none.
ALL = " ".join(lifecycle.COMMANDS[name].permission for name in COMMANDS)


class ExchangeFilters(Paging):
    """Nothing said: what is to be collected, the oldest first. `q`: the number of a return or an order.

    `show`: open, overdue (for more than 7 days), ahead (until the old goods are back), paid, all.
    """

    show: insight.Show = "open"
    shop: UUID | None = None
    q: Word = ""


class ExchangeRow(Shown):
    """An order in place of a return's goods. `open_minor`: still to be collected; `ahead`: the old goods are awaited.

    `reminded_at`: when the customer was told last.
    """

    id: UUID
    number: str
    return_id: UUID
    return_number: str
    shop_id: UUID
    currency: str
    total_minor: int
    open_minor: int
    ahead: bool
    overdue: bool
    ordered_at: datetime
    reminded_at: datetime | None


class Remind(Given):
    """Up to 1,000 returns; each customer is told at most once a day."""

    return_ids: Annotated[list[UUID], Field(min_length=1, max_length=1_000)]


class Reminded(Shown):
    """What became of one item, in their order."""

    index: int
    ok: bool
    id: UUID | None
    errors: list[problems.Finding]


class UndoExchange(Given):
    """`reason`: a code."""

    reason: Reason


@operation(router, "GET", "/exchanges", answer=Page[ExchangeRow], **COLLECT)
def list_exchanges(request: HttpRequest, filters: Query[ExchangeFilters]) -> Page[ExchangeRow]:
    """A page of exchanges. At most 8 statements."""
    caller = caller_of(request)
    wanted = insight.Filters(filters.show, filters.shop, filters.q, place_id("exchanges", filters.cursor))
    rows, more = insight.listed(caller.actor.scope, wanted, caller.now, filters.limit)
    following = cursor("exchanges", rows[-1].id) if more else None
    return Page[ExchangeRow](items=[show(ExchangeRow, row) for row in rows], next=following)


@operation(router, "POST", "/exchanges/remind", answer=list[Reminded], **COLLECT)
def remind_customers(request: HttpRequest, response: HttpResponse, body: Remind, key: Key = KEY) -> list[Reminded]:
    """Tell customers what they still have to pay for their new goods."""

    def act(caller: Caller) -> dict[str, Any]:
        items = [Reminding(one) for one in body.return_ids]
        found = remind(remindings=items, actor=caller.actor, now=caller.now)
        return {
            "items": [{"id": one.id, "errors": [replies.keep_refusal(why) for why in one.refusals]} for one in found]
        }

    reply = acted(request, response, "remind", key, body.model_dump(mode="json"), act)
    return [
        Reminded(
            index=index,
            ok=not item["errors"],
            id=item["id"],
            errors=[problems.finding(replies.refusal_of(stored)) for stored in item["errors"]],
        )
        for index, item in enumerate(reply["items"])
    ]


def _undo(caller: Caller, pk: UUID, said: UndoExchange) -> None:
    """As long as nothing of the new goods left: their order is cancelled, its goods are free, and what paid it goes
    back to the customer. A return of the new order, linked to this one, shows it.
    """
    raise_first(undo_exchange(undoings=[Undoing(pk, said.reason)], actor=caller.actor, now=caller.now))


declare_act(
    router,
    "/returns/{pk}/undo-exchange",
    "undo_exchange",
    UndoExchange,
    _undo,
    summary="Undo an exchange",
    permission=ALL,
    tags="exchanges",
)
