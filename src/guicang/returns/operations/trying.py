"""What a statement would say of the lines of a few orders, before anybody asks for anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from guicang.policy.rules import Book
from guicang.returns.lifecycle import LineKind, Type
from guicang.returns.operations import judging, saleview
from guicang.returns.operations.asking import Request, Wanted
from guicang.returns.operations.planning import paid_back, reckon
from guicang.returns.operations.sight import Sight, look
from guicang.sales.queries import OrderHead, SoldLine


class Said(NamedTuple):
    """`units`: how many of it were shipped last and are free; `paid_minor`: what they would pay back."""

    units: int
    paid_minor: int
    verdict: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of each line: as a request would say it."""

    reason: str
    condition: str
    at: datetime


def try_orders(
    orders: Sequence[OrderHead], lines: Mapping[UUID, Sequence[UUID]], book: Book, question: Question
) -> dict[UUID, Said]:
    """By line of what was shipped: all units of its latest parcel that are free, asked for by themselves.

    Without pictures. About 15 statements, whatever the number of orders.
    """
    requests = [
        Request(order.shop_id, order.customer_id, [Wanted(key, 1) for key in lines.get(order.id, ())])
        for order in orders
    ]
    sight = look([item for item in requests if item.lines], lock=False)
    accounts = saleview.accounts(sight.orders, lock=False)
    found = {}
    for key, head in sight.lines.items():
        rows = sight.shipped.get(key)
        if not rows or head.order_id not in sight.orders:
            continue
        units = max(1, sight.free[rows[-1].shipment_line_id])
        line = _line(rows[-1], units, question)
        order = sight.orders[head.order_id]
        paid = paid_back(reckon(order.currency, [line], accounts))
        found[key] = Said(units, paid, _verdict(line, order, sight, book, paid, question.at))
    return found


def _line(row: SoldLine, units: int, question: Question) -> dict[str, Any]:
    return {
        "id": row.order_line_id,
        "kind": str(LineKind.GOODS),
        "resolution": str(Type.REFUND),
        "order_id": row.order_id,
        "order_line_id": row.order_line_id,
        "shipment_line_id": row.shipment_line_id,
        "sku_id": row.sku_id,
        "reason": question.reason,
        "condition": question.condition,
        "requested": units,
    }


def _verdict(
    line: Mapping[str, Any], order: OrderHead, sight: Sight, book: Book, paid_minor: int, at: datetime
) -> dict[str, Any]:
    case = judging.Case(order.shop_id, at, paid_minor)
    return judging.asked([line], case, sight).verdict(sight.books, book)
