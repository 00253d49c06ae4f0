"""What customers see of their orders and returns. Every read is bounded by orders that were proved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from guicang.catalog.models import Sku
from guicang.kernel.ids import NIL
from guicang.org import queries as org
from guicang.returns.models import Return, ReturnLine
from guicang.sales.models import LineKind, Order, OrderLine


class Bought(NamedTuple):
    name: str
    units: int


class ReturnHead(NamedTuple):
    id: UUID
    number: str
    state: str
    type: str
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class OrderCard:
    id: UUID
    number: str
    shop: str
    ordered_at: datetime
    currency: str
    total_minor: int
    goods: list[Bought]
    returns: list[ReturnHead]


def orders(proved: Mapping[UUID, UUID]) -> list[OrderCard]:
    """Cards of the proved orders (order: customer), newest first; 6 statements."""
    rows = list(Order.objects.filter(id__among=sorted(proved)).order_by("-ordered_at", "-id"))
    rows = [row for row in rows if row.customer_id == proved[row.id]]
    shops = org.shops({row.shop_id for row in rows})
    goods = _goods([row.id for row in rows])
    returns = _returns(proved)
    return [
        OrderCard(
            row.id,
            row.number,
            shops[row.shop_id].name,
            row.ordered_at,
            row.currency,
            row.total_minor,
            goods.get(row.id, []),
            returns.get(row.id, []),
        )
        for row in rows
    ]


def _goods(order_ids: list[UUID]) -> dict[UUID, list[Bought]]:
    """What was bought, a bundle by its parts; 2 statements."""
    lines = OrderLine.objects.filter(order_id__among=order_ids, kind=LineKind.GOODS).order_by("position")
    rows = list(lines.values_list("order_id", "sku_id", "ordered"))
    names = sku_names({sku_id for _, sku_id, _ in rows})
    found: dict[UUID, list[Bought]] = {}
    for order_id, sku_id, units in rows:
        found.setdefault(order_id, []).append(Bought(names.get(sku_id, ""), units))
    return found


def _returns(proved: Mapping[UUID, UUID]) -> dict[UUID, list[ReturnHead]]:
    """Returns by order, the newest first; 2 statements."""
    pairs = ReturnLine.objects.filter(order_id__among=sorted(proved)).values_list("order_id", "parent_id").distinct()
    orders_by_return: dict[UUID, UUID] = {parent_id: order_id for order_id, parent_id in pairs}
    found: dict[UUID, list[ReturnHead]] = {}
    rows = Return.objects.filter(id__among=sorted(orders_by_return)).order_by("-requested_at", "-id")
    for *head, customer_id in rows.values_list(*ReturnHead._fields, "customer_id"):
        order_id = orders_by_return[head[0]]
        if customer_id == proved[order_id]:
            found.setdefault(order_id, []).append(ReturnHead(*head))
    return found


def sku_names(sku_ids: set[UUID]) -> dict[UUID, str]:
    """Name and variant as a shopper knows them; 1 statement."""
    rows = Sku.objects.filter(id__among=sorted(sku_ids - {NIL})).values_list("id", "code", "name", "variant")
    return {key: " ".join(filter(None, (name or code, variant))) for key, code, name, variant in rows}
