"""Which units of what was sold a request takes, line by line, and what stands in its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from guicang.kernel.ids import NIL, new_id
from guicang.kernel.refusal import Refusal
from guicang.returns import errors
from guicang.returns.lifecycle import LineKind, Type
from guicang.returns.operations import (
    money_only,
    refusing,
)
from guicang.returns.operations.asking import Request, Wanted
from guicang.returns.operations.comparing import unit_weight
from guicang.returns.operations.sight import Sight, as_sold
from guicang.sales import queries as sold

#: What is sent again holds its units as what is paid for and kept does: nothing of it is to come back.
KINDS = {
    Type.REFUND_ONLY: LineKind.KEEP,
    Type.RESHIP: LineKind.KEEP,
    Type.UNSHIPPED: LineKind.UNSHIPPED,
    Type.MONEY_ONLY: LineKind.MONEY,
}


def plan_lines(item: Request, sight: Sight) -> tuple[list[dict[str, Any]], list[Refusal]]:
    """The return lines that take what is asked for, and every reason why some cannot."""
    lines: list[dict[str, Any]] = []
    refusals: list[Refusal] = []
    for wanted in as_sold(refusing.lines_of(item), sight):
        begun = len(lines)
        head = sight.lines.get(wanted.order_line_id)
        kind = _kind(wanted, head)
        if wanted.order_line_id == NIL:
            lines.append(_line(wanted, LineKind.MONEY if wanted.money_kind else LineKind.BLIND, wanted.quantity))
        elif (
            head is None
            or sight.orders[head.order_id].shop_id != item.shop_id
            or (not item.gift and sight.orders[head.order_id].customer_id != item.customer_id)
        ):
            refusals.append(errors.LineNotFound())
        elif kind == LineKind.MONEY:
            lines.append(_line(money_only.priced(wanted, head, sight), kind, 0, head))
        elif wanted.quantity < 1:
            refusals.append(errors.BadQuantity(quantity=wanted.quantity, most=head.ordered))
        elif kind == LineKind.UNSHIPPED:
            _take_unshipped(wanted, head, sight, lines, refusals)
        else:
            _take_shipped(wanted, kind, head, sight, lines, refusals)
        sight.answers.update((line["id"], wanted.answers) for line in lines[begun:])
    currencies = {sight.orders[line["order_id"]].currency for line in lines if line["order_id"] != NIL}
    if len(currencies) > 1:
        refusals.append(errors.OtherCurrency())
    return lines, refusals


def _kind(wanted: Wanted, head: sold.LineHead | None) -> LineKind:
    """Postage and fees have nothing that could come back."""
    goods = LineKind.GOODS if head is None or head.kind == "goods" else LineKind.KEEP
    return KINDS.get(Type(wanted.resolution), goods)


def _take_unshipped(
    wanted: Wanted, head: sold.LineHead, sight: Sight, lines: list[dict[str, Any]], refusals: list[Refusal]
) -> None:
    if wanted.quantity > sight.unshipped[head.id]:
        refusals.append(errors.AlreadyShipped(free=sight.unshipped[head.id]))
        return
    sight.unshipped[head.id] -= wanted.quantity
    lines.append(_line(wanted, LineKind.UNSHIPPED, wanted.quantity, head))


def _take_shipped(
    wanted: Wanted,
    kind: LineKind,
    head: sold.LineHead,
    sight: Sight,
    lines: list[dict[str, Any]],
    refusals: list[Refusal],
) -> None:
    rows = sight.shipped.get(head.id, [])
    if wanted.shipment_line_id != NIL:
        rows = [row for row in rows if row.shipment_line_id == wanted.shipment_line_id]
    if wanted.serial:
        rows = [row for row in rows if row.serial == wanted.serial]
        if not rows:
            refusals.append(errors.SerialUnknown(serial=wanted.serial))
            return
    free = sum(sight.free[row.shipment_line_id] for row in rows)
    if wanted.quantity > free:
        refusals.append(errors.OverReturn(wanted=wanted.quantity, free=free))
        return
    left = wanted.quantity
    for row in rows:
        units = min(left, sight.free[row.shipment_line_id])
        if not units:
            continue
        if row.serial and (refusal := _serial_refusal(row, sight)):
            refusals.append(refusal)
            return
        sight.free[row.shipment_line_id] -= units
        left -= units
        lines.append(_line(wanted, kind, units, head, row, sight.lots.get(row.shipment_line_id, "")))


def _serial_refusal(row: sold.SoldLine, sight: Sight) -> Refusal | None:
    """The latest sale of a serial is the only one that can be refunded, in one return at a time (HARD-CASES 18)."""
    serial = sight.serials.get((row.sku_id, row.serial))
    if serial is None:
        return None
    if serial.latest_shipment_line_id not in (NIL, row.shipment_line_id):
        return errors.SerialSoldAgain(serial=row.serial)
    if serial.open_return_line_id != NIL:
        return errors.SerialClaimed(serial=row.serial)
    return None


def _line(
    wanted: Wanted,
    kind: LineKind,
    units: int,
    head: sold.LineHead | None = None,
    row: sold.SoldLine | None = None,
    lot: str = "",
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "kind": str(kind),
        "resolution": str(Type.MONEY_ONLY if kind == LineKind.MONEY else wanted.resolution),
        "order_id": head.order_id if head else NIL,
        "order_line_id": head.id if head else NIL,
        "shipment_line_id": row.shipment_line_id if row else NIL,
        "sku_id": head.sku_id if head else wanted.sku_id,
        "lot": lot,
        "serial": row.serial if row else wanted.serial,
        "reason": wanted.reason,
        "condition": wanted.condition,
        "money_kind": wanted.money_kind or ("goodwill" if kind == LineKind.MONEY else ""),
        "requested": 1 if kind == LineKind.MONEY else units,
        "claimed": units if kind in (LineKind.GOODS, LineKind.KEEP) else 0,
        "unit_weight_g": unit_weight(head, row),
        "by_weight": bool(head and head.by_weight),
        "recorded_minor": wanted.priced.get("amount_minor", wanted.recorded_minor),
        "price_rule": wanted.priced.get("rule", ""),
        "priced": dict(wanted.priced),
        "money": "none",
    }


def give_back(lines: Sequence[Mapping[str, Any]], sight: Sight) -> None:
    """A refused request leaves what it took to the next one of the set."""
    for line in lines:
        if line["claimed"]:
            sight.free[line["shipment_line_id"]] += line["claimed"]
        elif line["kind"] == LineKind.UNSHIPPED:
            sight.unshipped[line["order_line_id"]] += line["requested"]
