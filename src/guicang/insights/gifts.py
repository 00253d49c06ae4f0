"""A gift as whoever was given it sees it: what it is and what becomes of it, without price and without giver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from guicang.insights import progress
from guicang.insights.shopper import TYPES, last_day
from guicang.insights.shopper import offer as offer_of
from guicang.insights.sold import sku_names
from guicang.org import queries as org
from guicang.policy.facts import ReasonInfo
from guicang.returns.lifecycle import Type
from guicang.returns.models import Return, ReturnLine
from guicang.sales.models import Order


class Piece(NamedTuple):
    """A line of the order: what it is, and how much of it can come back."""

    id: UUID
    name: str
    ordered: int
    most: int


@dataclass(frozen=True, slots=True)
class Present:
    """What the order brought. `reasons`: why it can come back."""

    order_id: UUID
    number: str
    shop: str
    pieces: list[Piece]
    reasons: list[ReasonInfo]

    @property
    def open(self) -> bool:
        return any(piece.most for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class GiftSheet:
    """How the return of a gift stands. `until`: the last day to send it."""

    id: UUID
    number: str
    type: str
    state: str
    rma_code: str
    shop: str
    send_to: str
    until: datetime | None
    stages: list[progress.Stage]
    waits: progress.Waits | None
    goods: list[tuple[str, int]]
    under_way: bool
    sends: bool


def order_by_number(number: str) -> list[UUID]:
    """Orders of this number, which is one shop's own; 1 statement."""
    typed = number.strip()
    return list(Order.objects.filter(number=typed).values_list("id", flat=True)[:20]) if typed else []


def present(order_id: UUID, now: datetime) -> Present | None:
    """None for no order. At most 24 statements."""
    buyer = Order.objects.filter(id=order_id).values_list("customer_id", flat=True).first()
    found = offer_of(order_id, buyer, now) if buyer else None
    if found is None:
        return None
    pieces = [Piece(line.id, line.name, line.ordered, line.most[TYPES[0]]) for line in found.lines]
    return Present(found.order_id, found.number, found.shop, pieces, found.offered(Type.REFUND))


def sheet(return_id: UUID, order_ids: Sequence[UUID]) -> GiftSheet | None:
    """The return of a gift of one of these orders; None for any other. 8 statements."""
    header = Return.objects.filter(id=return_id, gift=True).first()
    rows = list(ReturnLine.objects.filter(parent_id=return_id).order_by("position")) if header else []
    if header is None or not {row.order_id for row in rows} & set(order_ids):
        return None
    names = sku_names({row.sku_id for row in rows})
    waits = progress.waits_for(header, rows)
    shop = org.shops([header.shop_id])[header.shop_id].name
    address = org.return_address(header.warehouse_id)
    sends = waits is not None and waits.code == "parcel"
    return GiftSheet(
        header.id,
        header.number,
        header.type,
        header.state,
        header.rma_code,
        shop,
        str(address) if address is not None else shop,
        last_day(header.expires_at) if sends else None,
        progress.stages(header, rows, ()),
        waits,
        [(names.get(row.sku_id, ""), row.requested) for row in rows],
        header.under_way,
        sends,
    )


def asker_of(return_id: UUID) -> UUID | None:
    """The customer that a visitor is for the return of a gift; 1 statement."""
    return Return.objects.filter(id=return_id, gift=True).values_list("customer_id", flat=True).first()
