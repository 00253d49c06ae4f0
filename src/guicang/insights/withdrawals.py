"""Withdrawals from the contract as customers see them: what of an order can be withdrawn, and what was declared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from guicang.insights.orders import lines_of
from guicang.insights.shopper import gives_right, last_day
from guicang.insights.sold import sku_names
from guicang.kernel.ids import NIL
from guicang.org import queries as org
from guicang.parties import queries as parties
from guicang.policy.queries.words import sentence
from guicang.returns.models import Return, ReturnLine
from guicang.returns.operations.judging import outlook
from guicang.returns.operations.withdrawing import stated
from guicang.sales.models import LineKind, Order


class Line(NamedTuple):
    """A line with what of it can be withdrawn: `unshipped` units are cancelled, `free` ones come back."""

    id: UUID
    name: str
    unshipped: int
    free: int
    refused: tuple[str, ...] = ()

    @property
    def most(self) -> int:
        return 0 if self.refused else self.unshipped + self.free


@dataclass(frozen=True, slots=True)
class Withdrawable:
    """An order as its contract can be withdrawn from. `until` None: the time has not begun to run."""

    order_id: UUID
    shop_id: UUID
    customer_id: UUID
    number: str
    shop: str
    currency: str
    lines: list[Line]
    until: datetime | None

    @property
    def possible(self) -> bool:
        return any(line.most for line in self.lines)

    @property
    def refused(self) -> list[str]:
        """What is against it, each once."""
        return list(dict.fromkeys(text for line in self.lines for text in line.refused))


def withdrawable(order_id: UUID, customer_id: UUID, now: datetime) -> Withdrawable | None:
    """None where it is not this customer's order, or was made under no right of withdrawal. At most 20 statements."""
    order = Order.objects.filter(id=order_id, customer_id=customer_id).first()
    if order is None or not gives_right([order.policy_version_id]):
        return None
    rows = [line for line in lines_of(order_id) if line.kind == LineKind.GOODS]
    verdicts = outlook(order.id, order.shop_id, customer_id, [row.id for row in rows], now, withdraws=True)
    names = sku_names({row.sku_id for row in rows})
    taken = _asked_unshipped(order_id)
    lines = []
    for row in rows:
        refused = tuple(sentence(one.as_data()) for one in verdicts[row.id].reasons if one.answer == "refuse")
        unshipped = row.unshipped - taken.get(row.id, 0)
        lines.append(Line(row.id, names.get(row.sku_id, row.code), max(unshipped, 0), row.free, refused))
    found = [verdicts[line.id].deadline for line in lines if line.most]
    return Withdrawable(
        order.id,
        order.shop_id,
        customer_id,
        order.number,
        org.shops([order.shop_id])[order.shop_id].name,
        order.currency,
        lines,
        last_day(min((at for at in found if at), default=None)),
    )


def _asked_unshipped(order_id: UUID) -> dict[UUID, int]:
    """Units that an open request is to cancel already; 1 statement."""
    rows = ReturnLine.objects.filter(
        order_id=order_id, kind="unshipped", parent__decision__in=("pending", "info_needed")
    )
    found: dict[UUID, int] = {}
    for line_id, units in rows.filter(parent__ending="").values_list("order_line_id", "requested"):
        found[line_id] = found.get(line_id, 0) + units
    return found


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration with its content and its instant, in the zone of the market. '' for what was erased."""

    number: str
    shop: str
    orders: str
    goods: list[tuple[str, int]]
    name: str
    contact: str
    at: str


def declared(return_id: UUID) -> Declared | None:
    """None for a return that is no withdrawal. At most 7 statements."""
    header = Return.objects.filter(id=return_id, withdrawal=True).first()
    if header is None:
        return None
    rows = list(ReturnLine.objects.filter(parent_id=return_id).order_by("position"))
    names = sku_names({row.sku_id for row in rows})
    numbers = Order.objects.filter(id__among=sorted({row.order_id for row in rows} - {NIL})).values_list(
        "number", flat=True
    )
    own = {
        entry.kind: entry.value for entry in parties.personal([("return", return_id)]).get(("return", return_id), [])
    }
    return Declared(
        header.number,
        org.shops([header.shop_id])[header.shop_id].name,
        ", ".join(sorted(numbers)),
        [(names.get(row.sku_id, ""), row.requested) for row in rows],
        own.get("name", ""),
        own.get("contact", ""),
        stated(header.requested_at, org.markets([header.market_id])[header.market_id].zone),
    )
