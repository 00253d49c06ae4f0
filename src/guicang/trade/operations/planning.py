"""Facts against what is known of an order: what is new about it, or every reason why it cannot be.

Pure but for the working copy: nothing is written, and a refused order's copy is thrown away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext

from guicang.kernel.money import from_minor
from guicang.kernel.refusal import Refusal
from guicang.org.queries import WarehouseInfo
from guicang.trade import errors
from guicang.trade.facts import LineFacts, OrderFacts, PaymentFacts, ShipmentFacts, ShippedFacts
from guicang.trade.operations.freezing import NewLines, add_line, frozen
from guicang.trade.queries import LineCopy, OrderCopy, ShippedKey
from guicang.trade.rules import base_number


class Units(NamedTuple):
    line: LineCopy
    quantity: int
    lot: str
    serial: str
    weight_g: int


@dataclass(slots=True, eq=False)
class ShipmentPlan:
    """A shipment to be written, or what is added to one. Rows and amounts are filled in later, in order of time."""

    facts: ShipmentFacts
    warehouse: WarehouseInfo
    units: list[Units]
    moved: bool
    booked: bool
    row: dict[str, Any] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    #: Of the lines, those that move goods.
    goods: list[dict[str, Any]] = field(default_factory=list)
    paid_minor: int = 0
    funded_minor: int = 0
    shipping_minor: int = 0
    shipping_tax_minor: int = 0
    #: Net by kind of line, and their tax.
    net_minor: dict[str, int] = field(default_factory=dict)
    tax_minor: int = 0
    cost_minor: int = 0
    provision_minor: int = 0


@dataclass(slots=True, eq=False)
class PaymentPlan:
    facts: PaymentFacts
    base: str
    amount_minor: int
    booked: bool
    row: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Plan:
    """What one order's facts add. `changes` is {column: [before, after]} of what an export may move on."""

    index: int
    order: OrderCopy
    facts: OrderFacts
    new: NewLines
    cancelled: list[tuple[LineCopy, int]] = field(default_factory=list)
    shipments: list[ShipmentPlan] = field(default_factory=list)
    payments: list[PaymentPlan] = field(default_factory=list)
    changes: dict[str, list[Any]] = field(default_factory=dict)
    shipment_updates: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def result(self) -> str:
        if self.order.row is not None:
            return "imported"
        added = self.new.lines or self.cancelled or self.shipments or self.payments
        return "updated" if added or self.changes else "unchanged"


def plan(index: int, facts: OrderFacts, new: NewLines, cancels: Mapping[str, int] | None = None) -> Plan:
    """Compare `facts` with the copy in `new`. `cancels` are units to cancel beyond what is cancelled, by line key."""
    result = Plan(index, new.order, facts, new)
    _lines(result)
    if not result.refusals:
        _cancellations(result, cancels or {})
        _shipments(result)
        _cancel_rest(result)
        _payments(result)
        _within_ordered(result)
    if not result.refusals and result.order.row is None:
        _moved_on(result)
    return result


def _lines(result: Plan) -> None:
    seen: set[str] = set()
    for facts in result.facts.lines:
        key = facts.line_key
        if key in seen:
            result.refusals.append(errors.LineRepeated(line_key=key))
            continue
        seen.add(key)
        line = result.order.lines.get(key)
        if line is None:
            result.refusals += add_line(result.new, facts)
        else:
            result.refusals += _mismatches(result.new, line, facts)


def _mismatches(new: NewLines, line: LineCopy, facts: LineFacts) -> list[Refusal]:
    """Amounts and quantities were frozen when the line was first seen: other ones are another line."""
    order = new.order
    sku = new.known.skus.get((order.company.id, facts.sku_code))
    parts = line.components or [line]
    paid = sum(part.paid_minor - (0 if order.tax_inclusive else part.tax_minor) for part in parts)
    amounts = frozen(facts, inclusive=True)
    stated = {
        "sku": (line.sku_id, sku.id if sku else line.sku_id),
        "ordered": (line.ordered, facts.ordered),
        "unit_price": (line.unit_price, facts.unit_price),
        "paid_minor": (paid, amounts.paid_minor if amounts else None),
        "funded_minor": (sum(part.funded_minor for part in parts), amounts.funded_minor if amounts else None),
    }
    return [
        errors.LineMismatch(
            line_key=line.key,
            column=column,
            label=errors.LABELS[column],
            known=in_words(column, before, order.currency),
            stated=facts.sku_code if column == "sku" else in_words(column, now, order.currency),
        )
        for column, (before, now) in stated.items()
        if before != now
    ]


def in_words(column: str, value: Any, currency: str) -> str:
    """A compared value as people write it: an amount with its decimals, another product without its id."""
    if column == "sku":
        return gettext("another")
    if column.endswith("_minor") and isinstance(value, int):
        return str(from_minor(value, currency))
    return "-" if value is None else str(value)


def _cancellations(result: Plan, cancels: Mapping[str, int]) -> None:
    lines = result.order.lines
    for facts in result.facts.lines:
        if facts.cancelled is not None:
            line = lines[facts.line_key]
            _cancel(result, line, facts.cancelled - _units_cancelled(line))
    for key, quantity in cancels.items():
        found = lines.get(key)
        if found is None:
            result.refusals.append(errors.LineUnknown(line_key=key))
        elif quantity < 1:
            result.refusals.append(errors.QuantityInvalid(line_key=key, quantity=quantity))
        else:
            _cancel(result, found, quantity)


def _cancel_rest(result: Plan) -> None:
    """Of a cancelled order, whatever has not left, also by these facts."""
    leaving: dict[str, int] = {}
    for shipment in result.shipments:
        for units in shipment.units:
            leaving[units.line.key] = leaving.get(units.line.key, 0) + units.quantity
    for facts in result.facts.lines:
        if facts.cancels_rest:
            line = result.order.lines[facts.line_key]
            parts = line.components or [line]
            left = [part.ordered - part.cancelled - part.shipped - leaving.get(part.key, 0) for part in parts]
            rest = min(units // (part.per_bundle or 1) for units, part in zip(left, parts, strict=True))
            _cancel(result, line, max(rest, 0))


def _cancel(result: Plan, line: LineCopy, more: int) -> None:
    if more < 0:
        known = _units_cancelled(line)
        result.refusals.append(errors.CancelledWouldShrink(line_key=line.key, known=known, stated=known + more))
    elif more and line.components:
        result.cancelled += [(part, more * part.per_bundle) for part in line.components]
    elif more:
        result.cancelled.append((line, more))


def _units_cancelled(line: LineCopy) -> int:
    return line.components[0].cancelled // line.components[0].per_bundle if line.components else line.cancelled


def _shipments(result: Plan) -> None:
    order, left = result.order, dict(result.order.shipped)
    stated: dict[ShippedKey, Units] = {}
    for facts in result.facts.shipments:
        facts.number = _number(order, facts)
        warehouse = result.new.known.warehouses.get(facts.warehouse_id)
        if warehouse is None:
            result.refusals.append(errors.WarehouseUnknown(warehouse_id=facts.warehouse_id))
            continue
        units = [item for shipped in facts.lines for item in _units(result, shipped)]
        more = _more(base_number(facts.number), units, left, stated) if left else units
        more = [item for item in more if item.quantity]
        if more:
            moved, booked = warehouse.goods_at(facts.shipped_at), order.company.books_at(facts.shipped_at)
            result.shipments.append(ShipmentPlan(facts, warehouse, more, moved, booked))
    for key, item in stated.items():
        if left[key]:
            result.refusals.append(_shrunk(order, item.line, order.shipped[key], order.shipped[key] - left[key]))


def _number(order: OrderCopy, facts: ShipmentFacts) -> str:
    """The number the order knows a shipment by: sources name a parcel late, by the tracking number it then gets."""
    if not facts.tracking or facts.number in order.shipments:
        return facts.number
    for number, held in order.shipments.items():
        if held.tracking == facts.tracking:
            return base_number(number)
    unnamed = order.shipments.get("")
    return "" if unnamed is not None and not unnamed.tracking else facts.number


def _more(base: str, units: list[Units], left: dict[ShippedKey, int], stated: dict[ShippedKey, Units]) -> list[Units]:
    """What of `units` had not left before. `left` is used up, `stated` says for which keys."""
    found: list[Units] = []
    for item in units:
        key = (base, item.line.id, item.lot, item.serial)
        held = left.get(key, 0)
        if held:
            stated[key] = item
            left[key] = max(0, held - item.quantity)
        found.append(item._replace(quantity=max(0, item.quantity - held)) if held else item)
    return found


def _units(result: Plan, shipped: ShippedFacts) -> list[Units]:
    """What left, in components where a bundle did: the serial and lot are of the component that tracks them."""
    line, quantity = result.order.lines.get(shipped.line_key), shipped.quantity
    if line is None:
        result.refusals.append(errors.LineUnknown(line_key=shipped.line_key))
        return []
    if quantity < 0:
        result.refusals.append(errors.QuantityInvalid(line_key=shipped.line_key, quantity=quantity))
        return []
    if shipped.serial and quantity > 1:
        result.refusals.append(errors.SerialQuantity(serial=shipped.serial, quantity=quantity))
        return []
    if not line.components:
        return [Units(line, quantity, shipped.lot, shipped.serial, shipped.weight_g)]
    first, *others = line.components
    found = [Units(first, quantity * first.per_bundle, shipped.lot, shipped.serial, shipped.weight_g)]
    return found + [Units(part, quantity * part.per_bundle, "", "", 0) for part in others]


def _shrunk(order: OrderCopy, line: LineCopy, known: int, stated: int) -> Refusal:
    """What left was moved, valued and billed: a smaller number never undoes that. It comes back as a return."""
    claimed = order.claimed.get(line.id, 0)
    if line.shipped - (known - stated) < claimed:
        return errors.BelowClaimed(line_key=line.key, known=known, stated=stated, claimed=claimed)
    return errors.ShippedWouldShrink(line_key=line.key, known=known, stated=stated)


def _payments(result: Plan) -> None:
    order, left = result.order, dict(result.order.payments)
    stated: dict[str, int] = {}
    for facts in result.facts.payments:
        if facts.amount_minor < 0:
            said = str(from_minor(facts.amount_minor, order.currency))
            result.refusals.append(errors.PaymentInvalid(payment_key=facts.payment_key, amount=said))
            continue
        base = base_number(facts.payment_key)
        held = left.get(base, 0)
        stated[base] = stated.get(base, 0) + facts.amount_minor
        if held:
            left[base] = max(0, held - facts.amount_minor)
        if facts.amount_minor > held:
            booked = order.company.books_at(facts.paid_at)
            result.payments.append(PaymentPlan(facts, base, facts.amount_minor - held, booked))
    for base, amount in stated.items():
        if left.get(base):
            result.refusals.append(_less_paid(order, base, order.payments[base], amount))


def _less_paid(order: OrderCopy, base: str, known: int, stated: int) -> Refusal:
    tender = order.tenders[order.payment_tenders[base]]
    said = {name: str(from_minor(minor, order.currency)) for name, minor in (("known", known), ("stated", stated))}
    if tender.captured_minor - (known - stated) < tender.refunded_minor:
        refunded = str(from_minor(tender.refunded_minor, order.currency))
        return errors.BelowRefunded(payment_key=base, refunded=refunded, **said)
    return errors.PaidWouldShrink(payment_key=base, **said)


def _within_ordered(result: Plan) -> None:
    more: dict[str, tuple[LineCopy, int, int]] = {}
    for shipment in result.shipments:
        for line, quantity, _, _, _ in shipment.units:
            _, shipped, _ = more.get(line.key) or (line, line.shipped, line.cancelled)
            more[line.key] = (line, shipped + quantity, line.cancelled)
    for line, quantity in result.cancelled:
        _, shipped, cancelled = more.get(line.key) or (line, line.shipped, line.cancelled)
        more[line.key] = (line, shipped, cancelled + quantity)
    for line, shipped, cancelled in more.values():
        if shipped + cancelled > line.ordered:
            result.refusals.append(
                errors.ShippedOverOrdered(line_key=line.key, ordered=line.ordered, shipped=shipped, cancelled=cancelled)
            )


def _moved_on(result: Plan) -> None:
    """Status and parcels of an order that was there: the newer statement wins, an older one is not asked."""
    order, facts = result.order, result.facts
    dated = facts.facts_as_of is not None or order.facts_as_of is None
    if dated and facts.status and facts.status != order.status:
        result.changes["status"] = [order.status, facts.status]
    for shipment in facts.shipments:
        held = order.shipments.get(shipment.number)
        if held is None:
            continue
        old = {"carrier": held.carrier, "tracking": held.tracking, "delivered_at": held.delivered_at}
        now = {"carrier": shipment.carrier, "tracking": shipment.tracking, "delivered_at": shipment.delivered_at}
        moved = {
            name: value for name, value in now.items() if value and value != old[name] and (dated or not old[name])
        }
        if moved:
            result.shipment_updates.append({"id": held.id, **old, **moved})
            name = shipment.number or "-"
            result.changes |= {f"shipment {name} {key}": [_text(old[key]), _text(moved[key])] for key in moved}


def _text(value: str | datetime | None) -> str:
    return value.isoformat() if isinstance(value, datetime) else value or ""


def too_long(facts: OrderFacts) -> list[Refusal]:
    """Texts that no column holds: PostgreSQL would fail the whole set at the first of them."""
    texts = [
        ("number", 80, facts.number),
        ("number", 80, facts.sold_by),
        ("number", 80, facts.shipped_by),
        ("status", 40, facts.status),
        ("status", 40, facts.customer.tier),
        ("status", 40, facts.customer_tier),
        ("external_id", 120, facts.customer.external_id),
    ]
    # A component's key is its bundle's with its position, an increment's number has its count.
    texts += [("line_key", 190, line.line_key) for line in facts.lines]
    for shipment in facts.shipments:
        texts += [
            ("shipment", 110, shipment.number),
            ("carrier", 40, shipment.carrier),
            ("tracking", 80, shipment.tracking),
        ]
        texts += [("lot", 60, shipped.lot) for shipped in shipment.lines]
        texts += [("serial", 80, shipped.serial) for shipped in shipment.lines]
    for payment in facts.payments:
        texts += [
            ("payment_key", 190, payment.payment_key),
            ("tender_kind", 20, payment.tender_kind),
            ("reference", 120, payment.reference),
        ]
    wrong = {(column, longest) for column, longest, text in texts if len(text) > longest}
    return [errors.TextTooLong(column=column, longest=longest) for column, longest in sorted(wrong)]
