"""Do orders agree with the rows that caused their counters, and the books with the orders? From the rows alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection, models

from guicang.accounting.models import Account, EntryLine
from guicang.inventory.models import StockValue
from guicang.kernel.ids import NIL
from guicang.kernel.proof import Proof
from guicang.org.models import Company, Ownership
from guicang.sales.models import Cancellation, LineKind, Order, OrderLine, Payment, Shipment, ShipmentLine, Tender

FETCH = 1000

_TABLES: dict[str, type[models.Model]] = {
    "account": Account,
    "cancellation": Cancellation,
    "company": Company,
    "entry_line": EntryLine,
    "order": Order,
    "order_line": OrderLine,
    "payment": Payment,
    "shipment": Shipment,
    "shipment_line": ShipmentLine,
    "stock_value": StockValue,
    "tender": Tender,
}

_LINE_COUNTERS = """
SELECT line.id, line.shipped, coalesce(s.units, 0), line.cancelled, coalesce(c.units, 0) FROM {order_line} line
LEFT JOIN (SELECT order_line_id, sum(shipped) AS units FROM {shipment_line} GROUP BY order_line_id) s
    ON s.order_line_id = line.id
LEFT JOIN (SELECT order_line_id, sum(quantity) AS units FROM {cancellation} GROUP BY order_line_id) c
    ON c.order_line_id = line.id
WHERE line.shipped <> coalesce(s.units, 0) OR line.cancelled <> coalesce(c.units, 0)
"""
_CAPTURED = """
SELECT tender.id, tender.captured_minor, coalesce(p.paid, 0) FROM {tender} tender
LEFT JOIN (SELECT tender_id, sum(amount_minor) AS paid FROM {payment} GROUP BY tender_id) p ON p.tender_id = tender.id
WHERE tender.captured_minor <> coalesce(p.paid, 0)
"""
_TOTALS = """
SELECT o.id, o.captured_minor, coalesce(t.captured, 0), o.total_minor,
    coalesce(l.paid, 0) + o.shipping_standard_minor + o.shipping_surcharge_minor FROM {order} o
LEFT JOIN (SELECT order_id, sum(captured_minor) AS captured FROM {tender} GROUP BY order_id) t ON t.order_id = o.id
LEFT JOIN (SELECT order_id, sum(paid_minor) AS paid FROM {order_line} GROUP BY order_id) l ON l.order_id = o.id
WHERE o.captured_minor <> coalesce(t.captured, 0)
    OR o.total_minor <> coalesce(l.paid, 0) + o.shipping_standard_minor + o.shipping_surcharge_minor
"""
_VALUES = """
SELECT o.id, coalesce(s.value, 0),
    coalesce(l.value, 0) + CASE WHEN s.order_id IS NULL THEN 0
        ELSE o.shipping_standard_minor + o.shipping_surcharge_minor END FROM {order} o
LEFT JOIN (SELECT order_id, sum(value_minor) AS value FROM {shipment} GROUP BY order_id) s ON s.order_id = o.id
LEFT JOIN (SELECT order_id, sum(CASE WHEN shipped = ordered THEN paid_minor WHEN shipped = 0 THEN 0 ELSE {target} END)
    AS value FROM {order_line} GROUP BY order_id) l ON l.order_id = o.id
WHERE coalesce(s.value, 0) <> coalesce(l.value, 0) + CASE WHEN s.order_id IS NULL THEN 0
    ELSE o.shipping_standard_minor + o.shipping_surcharge_minor END
"""
_BALANCES = """
SELECT o.id, o.receivable_minor, o.advance_minor, coalesce(s.value, 0), coalesce(p.paid, 0) FROM {order} o
JOIN {company} c ON c.id = o.company_id AND c.books = '{owned}'
LEFT JOIN (SELECT order_id, sum(value_minor) AS value FROM {shipment} WHERE booked GROUP BY order_id) s
    ON s.order_id = o.id
LEFT JOIN (SELECT order_id, sum(amount_minor) AS paid FROM {payment} WHERE booked GROUP BY order_id) p
    ON p.order_id = o.id
WHERE o.credited_minor = 0 AND o.refunded_minor = 0
    AND o.receivable_minor - o.advance_minor <> coalesce(s.value, 0) - coalesce(p.paid, 0)
"""
_LEDGER = """
SELECT o.id, o.receivable_minor, coalesce(b.receivable, 0), o.advance_minor, coalesce(b.advance, 0) FROM {order} o
LEFT JOIN (SELECT line.order_id,
        sum(CASE WHEN a.role = 'receivable' THEN line.amount_minor ELSE 0 END) AS receivable,
        -sum(CASE WHEN a.role = 'advance' THEN line.amount_minor ELSE 0 END) AS advance
    FROM {entry_line} line JOIN {account} a ON a.id = line.account_id AND a.role IN ('receivable', 'advance')
    WHERE line.order_id <> %s GROUP BY line.order_id) b ON b.order_id = o.id
WHERE o.receivable_minor <> coalesce(b.receivable, 0) OR o.advance_minor <> coalesce(b.advance, 0)
"""
_PARTIES = """
SELECT line.id, line.party_id, o.customer_id FROM {entry_line} line
JOIN {account} a ON a.id = line.account_id AND a.role IN ('receivable', 'advance')
LEFT JOIN {order} o ON o.id = line.order_id
WHERE line.order_id <> %s AND (o.id IS NULL OR o.customer_id <> line.party_id OR o.currency <> line.currency)
"""
_ISSUES = """
SELECT line.id, line.issue_cost_minor, v.cost FROM {shipment_line} line
JOIN {shipment} s ON s.id = line.shipment_id AND s.moved
JOIN {order_line} ol ON ol.id = line.order_line_id AND ol.kind = '{goods}'
LEFT JOIN (SELECT source_id, sum(CASE WHEN kind = 'issue' THEN provision_minor - cost_minor
        WHEN kind = 'short' THEN difference_minor ELSE 0 END) AS cost
    FROM {stock_value} WHERE source_kind = 'shipment_line' GROUP BY source_id) v ON v.source_id = line.id
WHERE coalesce(v.cost, -1) <> coalesce(line.issue_cost_minor, -2)
"""


def proofs() -> list[Proof]:
    """Five proofs, about 15 statements over whole tables, all within the caller's snapshot."""
    return [_counters(), _values(), _balances(), _ledger(), _issues()]


def _counters() -> Proof:
    """Shipped, cancelled, captured and totals are the sums of the rows behind them."""
    proof = Proof("order_counters", OrderLine.objects.count() + Tender.objects.count() + Order.objects.count(), [])
    names = ["order_line_id", "shipped", "shipped_rows", "cancelled", "cancelled_rows"]
    _differences(proof, _LINE_COUNTERS, names)
    _differences(proof, _CAPTURED, ["tender_id", "captured_minor", "payments_minor"])
    names = ["order_id", "captured_minor", "tenders_minor", "total_minor", "lines_minor"]
    return _differences(proof, _TOTALS, names)


def _values() -> Proof:
    """What shipments billed is what their units are worth, with the shipping fee once."""
    product = "2 * paid_minor * shipped + ordered"
    target = f"({product}) / (2 * ordered)"
    if connection.vendor == "postgresql":
        target = "floor((2 * CAST(paid_minor AS numeric) * shipped + ordered) / (2 * ordered))"
    proof = Proof("shipment_values", Shipment.objects.count(), [])
    names = ["order_id", "shipments_minor", "shipped_share_minor"]
    return _differences(proof, _VALUES.replace("{target}", target), names)


def _balances() -> Proof:
    """receivable - advance = shipped - captured, of booked rows, while nothing was credited or refunded."""
    owned = Order.objects.filter(company_id__in=Company.objects.filter(books=Ownership.OWNED).values("id"))
    if not owned.exists():
        return Proof("order_balances", 0, [], applicable=False, note="no company owns its books")
    proof = Proof("order_balances", owned.filter(credited_minor=0, refunded_minor=0).count(), [])
    names = ["order_id", "receivable_minor", "advance_minor", "shipped_minor", "captured_minor"]
    return _differences(proof, _BALANCES.replace("{owned}", Ownership.OWNED.value), names)


def _ledger() -> Proof:
    """Receivable and advance of each order are what the ledger's lines add up to, for its customer, in its currency."""
    proof = Proof("order_ledger", Order.objects.count(), [])
    names = ["order_id", "receivable_minor", "ledger_receivable_minor", "advance_minor", "ledger_advance_minor"]
    _differences(proof, _LEDGER, names, nil=True)
    return _differences(proof, _PARTIES, ["entry_line_id", "party_id", "customer_id"], nil=True)


def _issues() -> Proof:
    """The cost on a shipment line is what its issue took out of the value pools."""
    moved = ShipmentLine.objects.filter(shipment__moved=True).count()
    if not moved:
        return Proof("issue_costs", 0, [], applicable=False, note="no owned goods were shipped")
    names = ["shipment_line_id", "issue_cost_minor", "value_rows_minor"]
    return _differences(Proof("issue_costs", moved, []), _ISSUES.replace("{goods}", LineKind.GOODS.value), names)


def _differences(proof: Proof, sql: str, names: list[str], *, nil: bool = False) -> Proof:
    """Add every row of a statement that answers differences alone."""
    tables = {name: connection.ops.quote_name(model._meta.db_table) for name, model in _TABLES.items()}
    null_id = NIL if connection.vendor == "postgresql" else NIL.hex
    with connection.cursor() as cursor:
        cursor.execute(sql.format(**tables), [null_id] if nil else [])
        while rows := cursor.fetchmany(FETCH):
            for row in rows:
                proof.add(**{name: _plain(name, value) for name, value in zip(names, row, strict=True)})
    return proof


def _plain(name: str, value: Any) -> Any:
    """Ids alike on both engines; sums as integers (PostgreSQL adds bigints up to a numeric)."""
    if name.endswith("_id"):
        return str(UUID(str(value))) if value is not None else ""
    return None if value is None else int(value)
