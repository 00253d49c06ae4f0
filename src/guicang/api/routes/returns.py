"""Returns, read; at the addresses of their commands, and after them: no command is taken for an id."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query
from pydantic import Field

from guicang.api import errors
from guicang.api.bearer import actor_of, caller_of
from guicang.api.paging import Page, Paging, cursor, place_id
from guicang.api.parsing import Instant, Word, show
from guicang.api.routes.commands import router
from guicang.api.service import operation
from guicang.api.shapes import returns as shapes
from guicang.insights import dossier as dossiers
from guicang.insights import home
from guicang.insights import worklist as work
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refused
from guicang.returns.departments import Department
from guicang.returns.lifecycle import State, Type


class ReturnFilters(Paging):
    """As the worklist has them. `department`, `owner`: where it stands and whose it is there; none of what is over.

    `q`: a number, RMA code, order or parcel number, phone, e-mail or name.

    `overdue`: one of its clocks ran out, of the kind `clock` where that is given; `escalated`: somebody was called.
    """

    state: list[State] = Field(default_factory=list)
    queue: work.QueueName | None = None
    attention: work.LeakName | None = None
    shop: UUID | None = None
    type: Type | None = None
    q: Word = ""
    since: Instant | None = None
    until: Instant | None = None
    overdue: bool = False
    due_before: Instant | None = None
    clock: work.ClockName | None = None
    escalated: bool = False
    risky: bool = False
    risk_review: bool = False
    department: Department | None = None
    owner: UUID | Literal["me", "nobody"] | None = None
    sort: work.SortName = "new"


@operation(router, "GET", "/returns", permission="returns.view", answer=Page[shapes.ReturnRow], tags="returns")
def list_returns(request: HttpRequest, filters: Query[ReturnFilters]) -> Page[shapes.ReturnRow]:
    """A page of returns, newest first unless `sort` is old, or due: what is due first. At most 10 statements."""
    caller = caller_of(request)
    wanted = work.Filters(
        states=filters.state or work.QUEUES.get(filters.queue or "", ()),
        shop_id=filters.shop,
        type=filters.type or "",
        text=filters.q,
        since=filters.since,
        until=filters.until,
        overdue=filters.overdue,
        due_before=filters.due_before,
        clock=filters.clock or "",
        escalated=filters.escalated,
        risky=filters.risky,
        risk_review=filters.risk_review,
        leak=filters.attention or "",
        mine=caller.actor if filters.queue == "mine" else None,
        department=filters.department or "",
        owner_id=_owner(filters.owner, caller.actor.id),
        sort=filters.sort,
        after=place_id("returns", filters.cursor),
    )
    rows, more = work.listed(caller.actor.scope, wanted, caller.now, filters.limit)
    following = cursor("returns", rows[-1].id) if more else None
    return Page[shapes.ReturnRow](items=[shapes.row(row) for row in rows], next=following)


def _owner(asked: UUID | str | None, caller: UUID) -> UUID | None:
    return asked if isinstance(asked, UUID) else {"me": caller, "nobody": NIL}.get(asked or "")


@operation(router, "GET", "/returns/queues", permission="returns.view", answer=list[shapes.WorkQueue], tags="returns")
def list_queues(request: HttpRequest) -> list[shapes.WorkQueue]:
    """What waits, by `queue` and by `attention` of GET /returns. At most 9 statements.

    `mine` is what the token's user may decide himself; others have no such queue.
    """
    caller = caller_of(request)
    queues = home.waiting_for(caller.actor, tuple(work.QUEUES), caller.now)
    found = [*queues, *work.four_lists(caller.actor.scope)]
    return [show(shapes.WorkQueue, one) for one in found]


@operation(router, "GET", "/returns/{pk}", permission="returns.view", answer=shapes.ReturnSheet, tags="returns")
def read_return(request: HttpRequest, response: HttpResponse, pk: UUID) -> shapes.ReturnSheet:
    """Everything on one return: lines, what may be done, money preview, parcels, goods, books, history.

    The `ETag` is the number of its last change; a later command may name it in `If-Match`.
    """
    caller = caller_of(request)
    found = dossiers.dossier(pk, actor_of(request), caller.now)
    if found is None:
        raise Refused([errors.NotThere()])
    version = found.history[-1].seq if found.history else 0
    response["ETag"] = f'"{version}"'
    return shapes.sheet(found, version)
