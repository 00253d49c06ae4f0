"""From plans to rows: what is new, what changed, who bought, and the trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from guicang.accounting.operations import Book
from guicang.audit.operations import AuditEntry, record
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.parties.operations import NewCustomer, PersonalFacts, add_customers, keep
from guicang.parties.queries import CustomerKey
from guicang.sales.recording import ORDER_CHANGES, SalesRows
from guicang.sales.recording import write as write_sales
from guicang.trade.operations.planning import Plan
from guicang.trade.queries import LineCopy, OrderKey

#: One object for all orders without any, so that it is turned into text once a set.
_NO_PROMOTIONS: list[Any] = []


def note_changes(plans: Sequence[Plan]) -> None:
    """Put what is added to orders that were there among their changes: before it is added."""
    for plan in plans:
        if plan.order.row is not None or plan.result != "updated":
            continue
        changes = plan.changes
        if plan.new.lines:
            changes["lines"] = [None, sorted(line.key for line in plan.new.lines)]
        for shipment in plan.shipments:
            for units in shipment.units:
                _add(changes, f"line {units.line.key} shipped", units.line.shipped, units.quantity)
        for line, quantity in plan.cancelled:
            _add(changes, f"line {line.key} cancelled", line.cancelled, quantity)
        for payment in plan.payments:
            _add(changes, f"payment {payment.base}", plan.order.payments.get(payment.base, 0), payment.amount_minor)


def _add(changes: dict[str, list[Any]], name: str, before: int, more: int) -> None:
    known = changes.setdefault(name, [before, before])
    known[1] += more


def write(
    context: Context, plans: Sequence[Plan], cancellations: list[dict[str, Any]], books: Mapping[UUID, Book]
) -> None:
    rows = SalesRows(cancellations=cancellations)
    for plan in plans:
        _collect(rows, plan)
        order = plan.order
        order.total_minor += sum(line.paid_minor for line in plan.new.lines)
        if order.row is not None:
            rows.orders.append(_order(plan))
        elif plan.result == "updated" or _newer(plan):
            if plan.result == "updated":
                order.revision += 1
                rows.revisions.append(_revision(context, plan, books[order.company.id]))
            order.status = plan.changes.get("status", ["", order.status])[1]
            order.facts_as_of = plan.facts.facts_as_of or order.facts_as_of
            rows.changed_orders.append({"id": order.id, **{name: getattr(order, name) for name in ORDER_CHANGES}})
    write_sales(rows)


def _newer(plan: Plan) -> bool:
    """Facts that change nothing still say until when they hold: what comes in later and is older is older."""
    stated, known = plan.facts.facts_as_of, plan.order.facts_as_of
    return stated is not None and (known is None or stated > known)


def _collect(rows: SalesRows, plan: Plan) -> None:
    rows.lines += [line.row for line in plan.new.lines if line.row is not None]
    rows.discounts += plan.new.discounts
    changed: dict[UUID, LineCopy] = {}
    for shipment in plan.shipments:
        rows.shipments.append(shipment.row)
        rows.shipment_lines += shipment.lines
        if plan.order.row is None:
            changed.update((units.line.id, units.line) for units in shipment.units if units.line.row is None)
    changed.update((line.id, line) for line, _ in plan.cancelled if line.row is None)
    rows.changed_lines += [{"id": i, "shipped": c.shipped, "cancelled": c.cancelled} for i, c in changed.items()]
    if plan.payments:
        rows.payments += [payment.row for payment in plan.payments]
        used = {(payment.facts.tender_kind, payment.facts.reference) for payment in plan.payments}
        for tender in (plan.order.tenders[key] for key in sorted(used)):
            if tender.row is not None:
                rows.tenders.append(tender.row)
            else:
                rows.changed_tenders.append({"id": tender.id, "captured_minor": tender.captured_minor})
    rows.changed_shipments += plan.shipment_updates


def _order(plan: Plan) -> dict[str, Any]:
    order, facts = plan.order, plan.facts
    order.total_minor += order.shipping_standard_minor + order.shipping_surcharge_minor
    return {
        "id": order.id,
        "company_id": order.company.id,
        "shop_id": order.shop.id,
        "channel_id": order.shop.channel_id,
        "market_id": order.shop.market_id if facts.market_id == NIL else facts.market_id,
        "number": order.number,
        "customer_id": order.customer_id,
        "currency": order.currency,
        "fx_rate": order.fx_rate,
        "ordered_at": order.ordered_at,
        "status": order.status,
        "facts_as_of": facts.facts_as_of,
        "tax_inclusive": order.tax_inclusive,
        "shipping_standard_minor": order.shipping_standard_minor,
        "shipping_surcharge_minor": order.shipping_surcharge_minor,
        "shipping_tax_minor": order.shipping_tax_minor,
        "shipping_booked": order.shipping_booked,
        "points_earned": facts.points_earned,
        "points_spent": facts.points_spent,
        "deposit_minor": facts.deposit_minor,
        "deposit_kind": facts.deposit_kind,
        "balance_minor": facts.balance_minor,
        "customer_tier": facts.customer_tier or facts.customer.tier,
        "sold_by": facts.sold_by,
        "shipped_by": facts.shipped_by,
        "withdrawal_informed": facts.withdrawal_informed,
        "promotions": facts.promotions or _NO_PROMOTIONS,
        "return_id": facts.return_id,
        "total_minor": order.total_minor,
        "captured_minor": order.captured_minor,
        "receivable_minor": order.receivable_minor,
        "advance_minor": order.advance_minor,
        **(order.row or {}),
        **plan.new.stamps,
    }


def _revision(context: Context, plan: Plan, book: Book) -> dict[str, Any]:
    stated = plan.facts.facts_as_of
    occurred_at = min(stated, context.now) if stated else context.now
    return {
        "id": new_id(),
        "order_id": plan.order.id,
        "number": plan.order.revision,
        "facts_as_of": stated,
        "changes": plan.changes,
        "occurred_at": occurred_at,
        "book_date": book.day(occurred_at),
        **context.stamps,
    }


def write_parties(
    context: Context, plans: Sequence[Plan], new: Mapping[CustomerKey, UUID], erased: set[OrderKey]
) -> None:
    """Customers that orders of this set need, and what the vault keeps of them; nothing of who was erased.

    Personal data without a buyer id belong to the order: the shop's customer "unknown" is everybody.
    """
    used = {plan.order.customer_id for plan in plans if plan.order.row is not None}
    tiers = {plan.order.customer_id: plan.facts.customer.tier for plan in plans if plan.facts.customer.tier}
    add_customers(
        context, [NewCustomer(row_id, *key, tiers.get(row_id, "")) for key, row_id in new.items() if row_id in used]
    )
    found: list[PersonalFacts] = []
    for plan in plans:
        personal, order = plan.facts.customer.personal, plan.order
        if personal and (order.shop.id, order.number) not in erased:
            named = bool(plan.facts.customer.external_id)
            owner = ("customer", order.customer_id) if named else ("order", order.id)
            found.append(PersonalFacts(*owner, owner[1], personal))
    keep(context, found)


def audit(context: Context, plans: Sequence[Plan]) -> None:
    """One row an order that is new or changed."""
    entries: list[AuditEntry] = []
    for plan in plans:
        order, result = plan.order, plan.result
        if result == "imported":
            after = {
                "number": order.number,
                "customer_id": order.customer_id,
                "currency": order.currency,
                "status": order.status,
                "lines": len(plan.new.lines),
                "total_minor": order.total_minor,
                "captured_minor": order.captured_minor,
            }
            entries.append(AuditEntry(order.company.id, "order", order.id, "import", {}, after))
        elif result == "updated":
            before = {name: change[0] for name, change in plan.changes.items()}
            after = {name: change[1] for name, change in plan.changes.items()}
            entries.append(AuditEntry(order.company.id, "order", order.id, "update", before, after))
    record(context, entries)
