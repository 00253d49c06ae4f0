"""What came against what was sold: lots, and the weight of goods sold by it. What differs holds the refund."""

from __future__ import annotations

from guicang.returns.models import ReturnLine
from guicang.returns.operations.docket import Case
from guicang.returns.risk import WEIGHT_TOLERANCE, weight_off
from guicang.sales.queries import LineHead, SoldLine


def unit_weight(head: LineHead | None, row: SoldLine | None) -> int:
    """Of goods sold by weight what the very piece weighed when it left; else an order's line weighs what all do."""
    if head is not None and head.by_weight and row is not None and row.weight_g:
        return row.weight_g // row.shipped
    return head.weight_g // head.ordered if head else 0


def other_lot(line: ReturnLine, lot: str) -> bool:
    """Another lot than what came of the line before: in the bay a lot lies by itself."""
    return bool(line.received and lot and lot != line.lot)


def take_lot(case: Case, line: ReturnLine, lot: str) -> None:
    """The goods are kept as the lot that they are; where another one was sold, somebody decides first."""
    if lot in ("", line.lot):
        return
    if line.lot:
        _hold(case, line, f"lot:{lot}/{line.lot}")
    line.lot = lot


def hold_by_weight(case: Case, line: ReturnLine, units: int, weight_g: int) -> None:
    """Of goods sold by weight another piece than was sold, or a part of it, is no refund before somebody decides."""
    expected = units * line.unit_weight_g
    if line.by_weight and units and weight_off(expected, weight_g) > WEIGHT_TOLERANCE:
        _hold(case, line, f"weight:{weight_g}/{expected}")


def _hold(case: Case, line: ReturnLine, why: str) -> None:
    line.held, line.hold_decision, case.reason = True, "", why
