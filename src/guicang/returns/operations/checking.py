"""What a policy would say about order lines, asked by programs: the facts of the step, and nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.kernel.ids import NIL
from guicang.policy.rules import Book, Verdict, eligibility
from guicang.returns.lifecycle import LineKind, Type
from guicang.returns.operations.asking import Request, Wanted
from guicang.returns.operations.judging import Case, asked
from guicang.returns.operations.sight import Sight, look
from guicang.sales import queries as sold

#: Of these nothing comes back.
_KINDS = {Type.UNSHIPPED: LineKind.UNSHIPPED, Type.MONEY_ONLY: LineKind.MONEY}


@dataclass(frozen=True, slots=True)
class Query:
    """An order line, and what its buyer would say. `amount_minor` None: not known, so no limit is compared with it."""

    order_line_id: UUID
    reason: str = ""
    resolution: str = Type.REFUND
    condition: str = ""
    amount_minor: int | None = None
    pictures: int | None = None


def check(
    queries: Sequence[Query], orders: Mapping[UUID, sold.OrderHead], asked_at: datetime, book: Book | None = None
) -> list[Verdict | None]:
    """The verdict on each, by its latest shipment, in their order; None for a line of none of the `orders`.

    By the version that its order froze, or all by `book`. About 13 statements.
    """
    heads = sold.line_heads({one.order_line_id for one in queries})
    lines = {key: head for key, head in heads.items() if head.order_id in orders}
    wanted: dict[UUID, list[Wanted]] = {}
    for one in queries:
        if head := lines.get(one.order_line_id):
            wanted.setdefault(head.order_id, []).append(Wanted(head.id, 1))
    requests = [Request(orders[key].shop_id, orders[key].customer_id, each) for key, each in wanted.items()]
    sight = look(requests, lock=False, book=book) if requests else None
    return [
        _verdict(one, lines[one.order_line_id], sight, orders, asked_at, book)
        if sight and one.order_line_id in lines
        else None
        for one in queries
    ]


def _verdict(
    one: Query,
    head: sold.LineHead,
    sight: Sight,
    orders: Mapping[UUID, sold.OrderHead],
    asked_at: datetime,
    book: Book | None,
) -> Verdict:
    """Allowed without a word where nothing comes back."""
    rows = sight.shipped.get(head.id)
    line: dict[str, Any] = {"id": head.id, "kind": _KINDS.get(Type(one.resolution), LineKind.GOODS)}
    line |= {"order_id": head.order_id, "order_line_id": head.id, "sku_id": head.sku_id}
    line |= {"shipment_line_id": rows[-1].shipment_line_id if rows else NIL, "reason": one.reason}
    line |= {"resolution": one.resolution, "condition": one.condition}
    order = orders[head.order_id]
    case = Case(order.shop_id, asked_at, one.amount_minor, one.pictures)
    found = asked([line], case, sight).lines.get(head.id)
    by = book or sight.books[order.policy_version_id]
    return eligibility(found[1], by) if found else Verdict("allow", version=by.number)
