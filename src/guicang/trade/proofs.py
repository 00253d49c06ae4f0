"""Do orders agree with the rows that caused their counters, and the books with the orders? From the rows alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection, models

from guicang.accounting.models import Account, Entry, EntryLine
from guicang.inventory.models import StockValue
from guicang.kernel.ids import NIL
from guicang.kernel.proof import Proof
from guicang.org.models import Company, Ownership
from guicang.sales.models import (
    Cancellation,
    Funder,
    InvoiceLine,
    LineDiscount,
    LineKind,
    Order,
    OrderLine,
    Payment,
    SetOff,
    Shipment,
    ShipmentLine,
    Tender,
)

FETCH = 1000

_TABLES: dict[str, type[models.Model]] = {
    "account": Account,
    "cancellation": Cancellation,
    "company": Company,
    "discount": LineDiscount,
    "entry": Entry,
    "entry_line": EntryLine,
    "invoice_line": InvoiceLine,
    "order": Order,
    "order_line": OrderLine,
    "payment": Payment,
    "set_off": SetOff,
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
#: A fee given back before anything left was never billed: what was given back may be missing from what was.
_VALUES = """
SELECT id, billed, worth FROM (
    SELECT o.id, o.shipping_refunded_minor AS back, coalesce(s.value, 0) AS billed,
        coalesce(l.value, 0) + CASE WHEN s.order_id IS NULL THEN 0
            ELSE o.shipping_standard_minor + o.shipping_surcharge_minor END AS worth FROM {order} o
    LEFT JOIN (SELECT order_id, sum(value_minor) AS value FROM {shipment} GROUP BY order_id) s ON s.order_id = o.id
    LEFT JOIN (SELECT order_id,
            sum(CASE WHEN shipped = ordered THEN paid_minor WHEN shipped = 0 THEN 0 ELSE {target} END) AS value
        FROM {order_line} GROUP BY order_id) l ON l.order_id = o.id
) AS t WHERE billed <> worth AND (back = 0 OR billed NOT BETWEEN worth - back AND worth)
"""
_BALANCES = """
SELECT o.id, o.receivable_minor, o.advance_minor, coalesce(s.value, 0), coalesce(p.paid, 0) FROM {order} o
JOIN {company} c ON c.id = o.company_id AND c.books = '{owned}'
LEFT JOIN (SELECT order_id, sum(value_minor) AS value FROM {shipment} WHERE booked GROUP BY order_id) s
    ON s.order_id = o.id
LEFT JOIN (SELECT order_id, sum(amount_minor) AS paid FROM {payment} WHERE booked GROUP BY order_id) p
    ON p.order_id = o.id
LEFT JOIN (SELECT DISTINCT line.order_id FROM {entry_line} line JOIN {entry} e ON e.id = line.entry_id
    WHERE e.event = 'return_credit') r ON r.order_id = o.id
WHERE o.credited_minor = 0 AND o.refunded_minor = 0 AND r.order_id IS NULL
    AND o.receivable_minor - o.advance_minor <> coalesce(s.value, 0) - coalesce(p.paid, 0) - o.set_off_minor
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
#: Both sides of every set-off, and that its two orders are of one customer, in one currency.
_SET_OFF = """
SELECT o.id, o.set_off_minor, coalesce(s.moved, 0) FROM {order} o
LEFT JOIN (SELECT order_id, sum(amount) AS moved FROM (
        SELECT to_order_id AS order_id, amount_minor AS amount FROM {set_off}
        UNION ALL SELECT from_order_id, -amount_minor FROM {set_off}) AS sides GROUP BY order_id) s ON s.order_id = o.id
WHERE o.set_off_minor <> coalesce(s.moved, 0)
"""
_SET_OFF_ORDERS = """
SELECT s.id, s.from_order_id, s.to_order_id FROM {set_off} s
JOIN {order} a ON a.id = s.from_order_id JOIN {order} b ON b.id = s.to_order_id
LEFT JOIN {entry} e ON e.id = s.entry_id AND e.source_id = s.id
WHERE a.customer_id <> s.customer_id OR b.customer_id <> s.customer_id OR a.company_id <> s.company_id
    OR b.company_id <> s.company_id OR a.currency <> s.currency OR b.currency <> s.currency OR e.id IS NULL
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
_DISCOUNTS = """
SELECT line.id, line.gross_minor, line.paid_minor, line.funded_minor, coalesce(d.whole, 0), coalesce(d.funded, 0)
FROM {order_line} line
LEFT JOIN (SELECT order_line_id, sum(amount_minor) AS whole,
        sum(CASE WHEN funder = '{shop}' THEN 0 ELSE amount_minor END) AS funded
    FROM {discount} GROUP BY order_line_id) d ON d.order_line_id = line.id
WHERE line.gross_minor - coalesce(d.whole, 0) <> line.paid_minor OR line.funded_minor <> coalesce(d.funded, 0)
"""
#: Where every shipment of an order is booked, the ledger's tax of them is the lines' tax as far as they were shipped.
#: A fee given back before anything left was never billed, so its tax may lie between none and all of it.
_TAX = """
SELECT o.id, coalesce(b.tax, 0), coalesce(l.tax, 0) + o.shipping_tax_minor FROM {order} o
JOIN (SELECT order_id FROM {shipment} GROUP BY order_id HAVING min(CASE WHEN booked THEN 1 ELSE 0 END) = 1) s
    ON s.order_id = o.id
LEFT JOIN (SELECT s.order_id, -sum(line.amount_minor) AS tax FROM {entry} e
    JOIN {shipment} s ON s.id = e.source_id JOIN {entry_line} line ON line.entry_id = e.id
    JOIN {account} a ON a.id = line.account_id AND a.role = 'output_vat'
    WHERE e.source_kind = 'shipment' AND e.event = 'shipment' GROUP BY s.order_id) b ON b.order_id = o.id
LEFT JOIN (SELECT order_id, sum(CASE WHEN sold_minor = 0 THEN 0 WHEN shipped = ordered THEN tax_minor ELSE {tax} END)
    AS tax FROM (SELECT order_id, ordered, shipped, tax_minor, sold_minor, {paid} + {funded} AS reached
        FROM {order_line} WHERE shipped > 0) AS shipped_lines GROUP BY order_id) l ON l.order_id = o.id
WHERE coalesce(b.tax, 0) <> coalesce(l.tax, 0) + o.shipping_tax_minor AND (o.shipping_refunded_minor = 0
    OR coalesce(b.tax, 0) NOT BETWEEN coalesce(l.tax, 0) AND coalesce(l.tax, 0) + o.shipping_tax_minor)
"""
_INVOICED = """
SELECT line.id, line.sold_minor, i.gross, line.tax_minor, i.tax FROM {order_line} line
JOIN (SELECT order_line_id, sum(invoiced_minor - credited_minor) AS gross, sum(tax_minor - credited_tax_minor) AS tax
    FROM {invoice_line} GROUP BY order_line_id) i ON i.order_line_id = line.id
WHERE i.gross > line.sold_minor OR i.tax > line.tax_minor
"""


def proofs() -> list[Proof]:
    """Eight proofs, about 23 statements over whole tables, all within the caller's snapshot."""
    return [_counters(), _discounts(), _tax(), _values(), _balances(), _ledger(), _set_off(), _issues()]


def _discounts() -> Proof:
    """gross - discounts = paid, and what is funded is what others than the shop pay for."""
    proof = Proof("line_discounts", OrderLine.objects.count(), [])
    names = ["order_line_id", "gross_minor", "paid_minor", "funded_minor", "discounts_minor", "discounts_funded_minor"]
    return _differences(proof, _DISCOUNTS.replace("{shop}", Funder.SHOP.value), names)


def _tax() -> Proof:
    """Tax frozen on the lines = tax that their shipments booked, and no invoice goes beyond what was sold."""
    booked = Shipment.objects.filter(booked=True).count()
    proof = Proof("sale_tax", booked + InvoiceLine.objects.count(), [])
    sql = _TAX.replace("{tax}", _target("tax_minor", "reached", "sold_minor"))
    for name in ("paid", "funded"):
        sql = sql.replace(f"{{{name}}}", _target(f"{name}_minor", "shipped", "ordered"))
    _differences(proof, sql, ["order_id", "booked_tax_minor", "lines_tax_minor"])
    names = ["order_line_id", "sold_minor", "invoiced_minor", "tax_minor", "invoiced_tax_minor"]
    return _differences(proof, _INVOICED, names)


def _target(total: str, cumulative: str, whole: str) -> str:
    """`money.target` of three columns, none of them negative and `whole` above zero."""
    if connection.vendor == "postgresql":
        return f"floor((2 * CAST({total} AS numeric) * {cumulative} + {whole}) / (2 * {whole}))"
    return f"(2 * {total} * {cumulative} + {whole}) / (2 * {whole})"


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
    target = _target("paid_minor", "shipped", "ordered")
    proof = Proof("shipment_values", Shipment.objects.count(), [])
    names = ["order_id", "shipments_minor", "shipped_share_minor"]
    return _differences(proof, _VALUES.replace("{target}", target), names)


def _balances() -> Proof:
    """receivable - advance = shipped - captured, of booked rows, while no return moved it: those `returns` proves."""
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


def _set_off() -> Proof:
    """What set-offs moved of each order is what their rows say, between two orders of one customer, and booked."""
    proof = Proof("set_offs", SetOff.objects.count(), [])
    _differences(proof, _SET_OFF, ["order_id", "set_off_minor", "rows_minor"])
    return _differences(proof, _SET_OFF_ORDERS, ["set_off_id", "from_order_id", "to_order_id"])


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
