"""Claims on shipped units, and the label of an order that follows from its returns."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from guicang.catalog import operations as catalog
from guicang.kernel.ids import NIL
from guicang.returns import queries
from guicang.returns.models import ReturnLine
from guicang.returns.operations import swaps
from guicang.returns.operations.docket import Case
from guicang.sales import operations as sales
from guicang.sales import queries as sold
from guicang.sales.models import ReturnLabel


def hold_orders(return_ids: Iterable[UUID]) -> set[UUID]:
    """Lock the orders of these returns before anything else; their shipment lines. 2 statements per 1,000.

    A step that ends in `label_orders` begins here.
    """
    rows = queries.sale_lines_of(return_ids)
    sales.hold_orders({order_id for _, order_id, _ in rows} - {NIL})
    return {line_id for _, _, line_id in rows} - {NIL}


def lock_for(return_ids: Iterable[UUID]) -> None:
    """Lock the orders and the shipment lines of these returns, before the returns; 3 statements per 1,000."""
    sales.lock_shipment_lines(hold_orders(return_ids))


class Releases:
    """Claims given back by a set, written once."""

    def __init__(self) -> None:
        self.deltas: dict[UUID, int] = {}
        self.serials: dict[tuple[UUID, str], UUID] = {}

    def release(self, line: ReturnLine, units: int) -> None:
        """Give back `units` of what the line holds."""
        units = min(units, line.claimed)
        if not units:
            return
        line.claimed -= units
        self.deltas[line.shipment_line_id] = self.deltas.get(line.shipment_line_id, 0) - units
        if line.serial and not line.claimed:
            self.serials[line.sku_id, line.serial] = NIL

    def write(self) -> None:
        """At most 3 statements per 1,000 lines."""
        sales.claim(self.deltas)
        if self.serials:
            catalog.hold_serials(self.serials)


def release_all(cases: Collection[Case]) -> None:
    """Give back every claim of units that did not come: after a rejection, a cancellation, an expiry."""
    releases = Releases()
    for case in cases:
        for line in case.lines:
            releases.release(line, line.claimed - line.received)
    releases.write()
    swaps.release(cases)


def free_serials(cases: Collection[Case]) -> None:
    """A return that is over holds no serial any more: the item may be sold and come back again."""
    held = {(line.sku_id, line.serial): NIL for case in cases for line in case.lines if line.serial and line.claimed}
    if held:
        catalog.hold_serials(held)


def label_orders(cases: Collection[Case]) -> None:
    """Store 未退 / 退货处理中 / 部分退货 / 已退货 of the orders of these returns; 3 statements per 1,000.

    Call it after the returns and the order lines were stored, with the orders locked from the start (`lock_for`).
    """
    orders = {line.order_id for case in cases for line in case.lines} - {NIL}
    if not orders:
        return
    busy = queries.open_orders(orders)
    labels: dict[UUID, str] = {}
    for order_id, kept, returned in sold.units_of(orders):
        if order_id in busy:
            labels[order_id] = ReturnLabel.IN_PROGRESS
        elif not returned:
            labels[order_id] = ReturnLabel.NONE
        else:
            labels[order_id] = ReturnLabel.FULL if returned >= kept else ReturnLabel.PART
    sales.label_orders(labels)
