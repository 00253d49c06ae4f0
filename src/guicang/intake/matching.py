"""Which sale a returned line came from: the rule for past documents that name no order. Pure.

The same customer's earlier sales of that SKU, same unit price first, then the latest; never more than was
shipped and is not yet returned. A line may lie over several sales; what no sale can take is split off.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

from guicang.kernel.ids import NIL
from guicang.kernel.money import split


class Sold(Protocol):
    """What matching reads of a sold line; `sales.queries.SoldLine` is one."""

    @property
    def shipment_line_id(self) -> UUID: ...
    @property
    def order_line_id(self) -> UUID: ...
    @property
    def order_id(self) -> UUID: ...
    @property
    def customer_id(self) -> UUID: ...
    @property
    def sku_id(self) -> UUID: ...
    @property
    def serial(self) -> str: ...
    @property
    def shipped_at(self) -> datetime: ...
    @property
    def unit_price(self) -> Decimal: ...
    @property
    def shipped(self) -> int: ...
    @property
    def free(self) -> int: ...


S = TypeVar("S", bound=Sold)


class Wanted(NamedTuple):
    """A returned goods line. `order_id`, `order_line_id`, `serial`: NIL or '' where the document does not say."""

    customer_id: UUID
    sku_id: UUID
    units: int
    unit_price: Decimal | None
    at: datetime
    order_id: UUID = NIL
    order_line_id: UUID = NIL
    serial: str = ""


@dataclass(slots=True)
class _Entry(Generic[S]):
    sold: S
    free: int


class Part(NamedTuple, Generic[S]):
    """`units` of a returned line that came from one sold line, `before` of which came back earlier; None: from none."""

    sold: S | None
    units: int
    before: int = 0


class Pool(Generic[S]):
    """Sold lines with what is still free of each; `take` uses them up."""

    def __init__(self, sold: Iterable[S]) -> None:
        self._by_buyer: dict[tuple[UUID, UUID], list[_Entry[S]]] = {}
        self._by_order: dict[tuple[UUID, UUID], list[_Entry[S]]] = {}
        seen: set[UUID] = set()
        for line in sold:
            if line.free > 0 and line.shipment_line_id not in seen:
                seen.add(line.shipment_line_id)
                entry = _Entry(line, line.free)
                self._by_buyer.setdefault((line.customer_id, line.sku_id), []).append(entry)
                self._by_order.setdefault((line.order_id, line.sku_id), []).append(entry)

    def take(self, wanted: Wanted) -> list[Part[S]]:
        """The parts of a line, best match first; a last part without a sale for what none can take."""
        if wanted.order_id != NIL:
            entries = self._by_order.get((wanted.order_id, wanted.sku_id), [])
        else:
            entries = self._by_buyer.get((wanted.customer_id, wanted.sku_id), [])
        left, parts = wanted.units, list[Part[S]]()
        for entry in sorted(
            (entry for entry in entries if _fits(entry, wanted)), key=lambda entry: _rank(entry, wanted)
        ):
            if not left:
                break
            units, before = min(left, entry.free), entry.sold.shipped - entry.free
            entry.free -= units
            left -= units
            parts.append(Part(entry.sold, units, before))
        return [*parts, Part(None, left)] if left else parts


def _fits(entry: _Entry[Any], wanted: Wanted) -> bool:
    sold = entry.sold
    return (
        entry.free > 0
        and sold.shipped_at <= wanted.at
        and wanted.order_line_id in (NIL, sold.order_line_id)
        and (not wanted.serial or not sold.serial or sold.serial == wanted.serial)
    )


def _rank(entry: _Entry[Any], wanted: Wanted) -> tuple[bool, bool, float, int]:
    """Same serial, same price, latest; the id decides between equals, so that every run matches alike."""
    sold = entry.sold
    other_serial = bool(wanted.serial) and sold.serial != wanted.serial
    return (other_serial, sold.unit_price != wanted.unit_price, -sold.shipped_at.timestamp(), sold.shipment_line_id.int)


def recorded_parts(recorded_minor: int, parts: Sequence[Part[Any]]) -> list[int]:
    """A line's recorded amount over its parts by units: prefix targets, so that they sum exactly."""
    return split(recorded_minor, [part.units for part in parts])
