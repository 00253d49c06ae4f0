"""Orders, read."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router

from guicang.api import errors
from guicang.api.bearer import actor_of, caller_of
from guicang.api.paging import Page, Paging, cursor, place_id
from guicang.api.parsing import Instant, Word
from guicang.api.service import operation
from guicang.api.shapes import sales as shapes
from guicang.insights import orders
from guicang.kernel.refusal import Refused

router = Router()


class OrderFilters(Paging):
    """`q`: a number, a parcel's number, phone, e-mail or name. `label`: how much of it came back."""

    q: Word = ""
    since: Instant | None = None
    until: Instant | None = None
    label: Literal["", "none", "in_progress", "part", "full"] = ""
    shop: UUID | None = None


@operation(router, "GET", "/orders", permission="sales.view", answer=Page[shapes.OrderRow], tags="orders")
def list_orders(request: HttpRequest, filters: Query[OrderFilters]) -> Page[shapes.OrderRow]:
    """A page of orders, newest first. At most 8 statements."""
    wanted = orders.Filters(
        text=filters.q,
        since=filters.since,
        until=filters.until,
        label=filters.label,
        shop_id=filters.shop,
        after=place_id("orders", filters.cursor),
    )
    rows, more = orders.search(actor_of(request).scope, wanted, filters.limit)
    after = cursor("orders", rows[-1].id) if more else None
    return Page[shapes.OrderRow](items=[shapes.row(row) for row in rows], next=after)


@operation(router, "GET", "/orders/{pk}", permission="sales.view", answer=shapes.OrderSheet, tags="orders")
def read_order(request: HttpRequest, pk: UUID) -> shapes.OrderSheet:
    """An order with its lines, what can still come back of each, and what the policy says of that. 13 statements."""
    caller = caller_of(request)
    found = orders.sheet(pk, caller.actor.scope, caller.now)
    if found is None:
        raise Refused([errors.NotThere()])
    return shapes.sheet(found)
