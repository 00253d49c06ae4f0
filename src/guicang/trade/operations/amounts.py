"""In order of time: what each shipment is worth and which rows it, payments and cancellations become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from guicang.accounting.operations import Book
from guicang.kernel.commands import Context
from guicang.kernel.ids import new_id
from guicang.kernel.models import Origin
from guicang.kernel.money import target
from guicang.trade.operations.planning import PaymentPlan, Plan, ShipmentPlan
from guicang.trade.queries import OrderCopy, TenderCopy
from guicang.trade.rules import Share, next_number, share

Event = ShipmentPlan | PaymentPlan


def happened(event: Event) -> datetime:
    return event.facts.shipped_at if isinstance(event, ShipmentPlan) else event.facts.paid_at


def events(plan: Plan) -> list[Event]:
    """By time; what was paid at the instant of a shipment was paid before it."""
    if not plan.payments and len(plan.shipments) < 2:  # noqa: PLR2004 - nothing to sort
        return [*plan.shipments]
    return sorted([*plan.payments, *plan.shipments], key=happened)


def fill(context: Context, plan: Plan, book: Book) -> Iterator[dict[str, Any]]:
    """Fill in rows and amounts of the plan's events, and move the working copy on. Yields cancellation rows."""
    for event in events(plan):
        if isinstance(event, ShipmentPlan):
            _fill_shipment(plan.new.stamps, plan.order, event)
        else:
            _fill_payment(plan.new.stamps, plan.order, event, book)
    for line, quantity in plan.cancelled:
        line.cancelled += quantity
        if line.row is not None:
            line.row["cancelled"] = line.cancelled
        occurred_at = _cancelled_at(context, plan)
        row = {"id": new_id(), "order_line_id": line.id, "quantity": quantity, "occurred_at": occurred_at}
        yield {**row, "book_date": book.day(occurred_at), **plan.new.stamps}


def _cancelled_at(context: Context, plan: Plan) -> datetime:
    """Sources give no time for it: the instant their facts are as of, on history else the order's own."""
    stated = plan.facts.facts_as_of
    if stated is not None:
        return min(stated, context.now)
    return plan.order.ordered_at if context.origin == Origin.HISTORY else context.now


def _fill_shipment(stamps: Mapping[str, Any], order: OrderCopy, plan: ShipmentPlan) -> None:
    facts, shipment_id = plan.facts, new_id()
    for line, quantity, lot, serial, weight_g in plan.units:
        before, after = line.shipped, line.shipped + quantity
        line.shipped = after
        if line.row is not None:
            line.row["shipped"] = after
        paid, funded, tax = share(
            Share(line.paid_minor, line.funded_minor, line.tax_minor), before, after, line.ordered
        )
        plan.paid_minor += paid
        plan.funded_minor += funded
        plan.tax_minor += tax
        plan.net_minor[line.kind] = plan.net_minor.get(line.kind, 0) + paid + funded - tax
        plan.lines.append(
            {
                "id": new_id(),
                "shipment_id": shipment_id,
                "order_line_id": line.id,
                "sku_id": line.sku_id,
                "lot": lot,
                "serial": serial,
                "shipped": quantity,
                "weight_g": weight_g,
                "issue_cost_minor": None,
                "cost_source": "",
            }
        )
    _merge_lines(plan)
    if plan.moved:
        goods = {units.line.id for units in plan.units if units.line.is_goods}
        plan.goods = [row for row in plan.lines if row["order_line_id"] in goods]
    if not order.shipping_booked:
        # The fee is for the whole order and is billed once, with what leaves first; what was given back
        # of it before, for units that were cancelled, is not billed any more.
        order.shipping_booked = True
        fee, back = order.shipping_standard_minor + order.shipping_surcharge_minor, order.shipping_refunded_minor
        plan.shipping_minor = fee - back
        plan.shipping_tax_minor = order.shipping_tax_minor - target(order.shipping_tax_minor, back, fee)
    number = next_number(facts.number, order.shipment_numbers)
    order.shipment_numbers.add(number)
    plan.row = {
        "id": shipment_id,
        "company_id": order.company.id,
        "order_id": order.id,
        "warehouse_id": plan.warehouse.id,
        "number": number,
        "carrier": facts.carrier,
        "tracking": facts.tracking,
        "shipped_at": facts.shipped_at,
        "delivered_at": facts.delivered_at,
        "moved": plan.moved,
        "booked": plan.booked,
        "value_minor": plan.paid_minor + plan.shipping_minor,
        **stamps,
    }


def _merge_lines(plan: ShipmentPlan) -> None:
    """One row per line, lot and serial: the key of the table."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in plan.lines:
        key = (row["order_line_id"], row["lot"], row["serial"])
        first = found.setdefault(key, row)
        if first is not row:
            first["shipped"] += row["shipped"]
            first["weight_g"] += row["weight_g"]
    if len(found) < len(plan.lines):
        plan.lines = list(found.values())


def _fill_payment(stamps: Mapping[str, Any], order: OrderCopy, plan: PaymentPlan, book: Book) -> None:
    facts = plan.facts
    tender = order.tenders.get((facts.tender_kind, facts.reference))
    if tender is None:
        tender = TenderCopy(new_id())
        tender.row = {
            "id": tender.id,
            "order_id": order.id,
            "position": len(order.tenders) + 1,
            "kind": facts.tender_kind,
            "reference": facts.reference,
            "currency": order.currency,
            "promotional": facts.promotional,
            "captured_minor": 0,
        }
        order.tenders[facts.tender_kind, facts.reference] = tender
    tender.captured_minor += plan.amount_minor
    if tender.row is not None:
        tender.row["captured_minor"] = tender.captured_minor
    order.captured_minor += plan.amount_minor
    key = next_number(plan.base, order.payment_keys)
    order.payment_keys.add(key)
    plan.row = {
        "id": new_id(),
        "order_id": order.id,
        "tender_id": tender.id,
        "payment_key": key,
        "amount_minor": plan.amount_minor,
        "booked": plan.booked,
        "occurred_at": facts.paid_at,
        "book_date": book.day(facts.paid_at),
        **stamps,
    }
