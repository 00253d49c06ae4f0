"""An exchange as pages show it: what is wanted instead, what it comes to, the order in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol
from uuid import UUID

from guicang.catalog import queries as catalogue
from guicang.catalog.queries import SkuInfo
from guicang.kernel.ids import NIL
from guicang.returns.lifecycle import EXCHANGED, Type, awaited, pending, unsettled
from guicang.returns.models import Collection, Return, ReturnLine
from guicang.returns.operations import swaps
from guicang.returns.operations.swaps import Offered
from guicang.returns.settlement.exchanging import same_item
from guicang.returns.steps.collect import WAYS
from guicang.sales.models import Order, OrderLine
from guicang.trade.queries import Replacement, replacements


class Wish(NamedTuple):
    name: str
    units: int
    pricing: str
    unit_minor: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """`ahead`: what it would come to; None once it is carried out. `order`: in place of the goods, once it is made."""

    wishes: list[Wish]
    ahead: Offered | None
    order: Replacement | None
    collected: list[Collection]
    ways: tuple[str, ...] = WAYS
    #: Nothing of the order in its place left or was cancelled: it can be undone.
    undoable: bool = False


class Variant(NamedTuple):
    """What a buyer can choose in place of one unit; `difference_minor`: above zero he pays it, below he gets it."""

    sku_id: UUID
    name: str
    difference_minor: int

    @property
    def back_minor(self) -> int:
        return max(0, -self.difference_minor)


def name_of(sku: SkuInfo) -> str:
    return " ".join(filter(None, (sku.name or sku.code, sku.variant)))


def exchange_of(header: Return, lines: Sequence[ReturnLine]) -> Exchange | None:
    """None, and no statement, for a return without an exchange; 10 statements otherwise."""
    if not any(line.resolution in EXCHANGED for line in lines):
        return None
    rows = [row for several in swaps.of([header.id]).values() for row in several]
    skus = catalogue.skus(row.sku_id for row in rows)
    wishes = [Wish(name_of(skus[row.sku_id]), row.units, row.pricing, row.unit_minor) for row in rows]
    order = replacements([header.id]).get(header.id)
    collected = list(Collection.objects.filter(order_id=order.id).order_by("id")) if order else []
    left = OrderLine.objects.filter(order_id=order.id if order else NIL).values_list("ordered", "cancelled", "shipped")
    rest = list(left) if order else []
    undoable = not any(shipped for *_, shipped in rest) and any(had > gone for had, gone, _ in rest)
    over = bool(header.ending) or header.decision == "rejected"
    ahead = None if over else swaps.look_ahead(header, lines)
    return Exchange(wishes, ahead, order, collected, undoable=undoable)


def offered_in(offer: Offered | None) -> Exchange | None:
    """What an exchange that is asked for comes to; 1 statement where there is one."""
    if offer is None:
        return None
    skus = catalogue.skus(good.sku_id for good in offer.goods)
    wishes = [
        Wish(name_of(skus[good.sku_id]), good.priced.units, good.pricing, good.priced.paid_minor // good.priced.units)
        for good in offer.goods
    ]
    return Exchange(wishes, offer, None, [])


def can_exchange(lines: Sequence[ReturnLine]) -> bool:
    """Whether all goods of the exchange are there and looked at, and it was not carried out."""
    mine = [line for line in lines if line.resolution in EXCHANGED]
    return any(map(unsettled, mine)) and not any(awaited(line) + pending(line) for line in mine)


def can_send_ahead(lines: Sequence[ReturnLine]) -> bool:
    """Whether goods of an advance exchange are still awaited; that it was done once already the step says."""
    return any(awaited(line) for line in lines if line.resolution == Type.ADVANCE_EXCHANGE)


class Sold(Protocol):
    """An order line as far as exchanging it goes."""

    @property
    def sku_id(self) -> UUID: ...
    @property
    def paid_minor(self) -> int: ...
    @property
    def ordered(self) -> int: ...


def variants_of(lines: Sequence[Sold], order: Order) -> dict[UUID, list[Variant]]:
    """What else is sold of what was bought, and what choosing a unit of it costs; 2 statements."""
    skus = catalogue.skus(line.sku_id for line in lines)
    paid = {line.sku_id: line.paid_minor // line.ordered for line in lines if line.ordered}
    return variants(list(skus.values()), paid, order.tax_inclusive)


def variants(skus: Sequence[SkuInfo], paid: dict[UUID, int], inclusive: bool) -> dict[UUID, list[Variant]]:
    """What else is sold of the product of each of these SKUs, by SKU; 1 statement. `paid`: for one unit of each."""
    others = catalogue.variants({sku.product_id for sku in skus})
    found: dict[UUID, list[Variant]] = {}
    for sku in skus:
        for other in others.get(sku.product_id, ()):
            if other.id == sku.id:
                continue
            same = same_item(swaps.item_of(sku), swaps.item_of(other))
            if same or other.list_price_minor is not None:
                cost = paid[sku.id] if same else swaps.cost_of(other, inclusive=inclusive)
                found.setdefault(sku.id, []).append(Variant(other.id, name_of(other), cost - paid[sku.id]))
    return found
