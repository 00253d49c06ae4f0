"""Stock and the moves behind it, read."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router

from guicang.api import errors
from guicang.api.bearer import actor_of
from guicang.api.paging import Page, Paging, cursor, place_id
from guicang.api.parsing import Word, show
from guicang.api.service import operation
from guicang.api.shapes.goods import Level, Move
from guicang.insights import stock
from guicang.kernel.refusal import Refused

router = Router()


class StockFilters(Paging):
    """`q`: a part of a SKU's code or name; `limit` counts SKUs."""

    q: Word = ""


@operation(router, "GET", "/stock", permission="inventory.view", answer=Page[Level], tags="stock")
def list_stock(request: HttpRequest, filters: Query[StockFilters]) -> Page[Level]:
    """What lies where, by SKU code: every place and grade with units of the page's SKUs. 5 statements."""
    rows, after = stock.levels(actor_of(request).scope, filters.q, place_id("stock", filters.cursor), filters.limit)
    more = cursor("stock", after) if after else None
    return Page[Level](items=[show(Level, row) for row in rows], next=more)


@operation(router, "GET", "/stock/{sku}/moves", permission="inventory.view", answer=Page[Move], tags="stock")
def list_moves(request: HttpRequest, sku: UUID, paging: Query[Paging]) -> Page[Move]:
    """The moves of a SKU that touch what the token sees, newest first. 7 statements."""
    name = f"moves.{sku.hex}"
    found = stock.moves(sku, actor_of(request).scope, paging.limit + 1, place_id(name, paging.cursor))
    if found is None:
        raise Refused([errors.NotThere()])
    rows = found[1]
    shown = rows[: paging.limit]
    more = cursor(name, shown[-1].id) if len(rows) > paging.limit else None
    return Page[Move](items=[show(Move, row) for row in shown], next=more)
