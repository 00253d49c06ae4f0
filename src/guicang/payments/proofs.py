"""Does what went back by each tender agree with the refunds and disputes that caused it? From the rows alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection, models

from guicang.kernel.proof import Proof
from guicang.payments.models import Dispute, Refund
from guicang.sales.models import Order, Tender

#: Rows a fetch from the open cursor; only differences are fetched.
FETCH = 1000

_TABLES: dict[str, type[models.Model]] = {"dispute": Dispute, "order": Order, "refund": Refund, "tender": Tender}

_TENDERS = """
SELECT t.id, t.refunded_minor, coalesce(r.amount, 0), t.captured_minor FROM {tender} t
LEFT JOIN (SELECT tender_id, sum(amount_minor) AS amount FROM {refund} GROUP BY tender_id) r
    ON r.tender_id = t.id
WHERE t.refunded_minor <> coalesce(r.amount, 0) OR coalesce(r.amount, 0) > t.captured_minor
"""
_ORDERS = """
SELECT o.id, o.refunded_minor, coalesce(r.amount, 0) FROM {order} o
LEFT JOIN (SELECT order_id, sum(amount_minor) AS amount FROM {refund} GROUP BY order_id) r
    ON r.order_id = o.id
WHERE o.refunded_minor <> coalesce(r.amount, 0)
"""
_STRAYS = """
SELECT r.id, r.tender_id, r.order_id FROM {refund} r LEFT JOIN {tender} t ON t.id = r.tender_id
WHERE t.id IS NULL OR t.order_id <> r.order_id OR t.currency <> r.currency
"""
_DISPUTES = """
SELECT t.id, t.disputed_minor, coalesce(d.amount, 0) FROM {tender} t
LEFT JOIN (SELECT tender_id, sum(amount_minor) AS amount FROM {dispute} WHERE closed_at IS NULL OR outcome = 'lost'
    GROUP BY tender_id) d
    ON d.tender_id = t.id
WHERE t.disputed_minor <> coalesce(d.amount, 0)
"""


def proofs() -> list[Proof]:
    """Two proofs, 6 statements over whole tables, all within the caller's snapshot."""
    return [_refunds(), _disputes()]


def _refunds() -> Proof:
    """Refunded of tender and order = sum of their refunds, never more than was captured by that tender."""
    proof = Proof("tender_refunds", Tender.objects.count() + Refund.objects.count(), [])
    _differences(proof, "tender", _TENDERS, ["tender_id", "refunded_minor", "refunds_minor", "captured_minor"])
    _differences(proof, "order", _ORDERS, ["order_id", "refunded_minor", "refunds_minor"])
    return _differences(proof, "stray_refund", _STRAYS, ["refund_id", "tender_id", "order_id"])


def _disputes() -> Proof:
    """Disputed of a tender = its open disputes and the lost ones."""
    proof = Proof("tender_disputes", Dispute.objects.count(), [])
    return _differences(proof, "tender", _DISPUTES, ["tender_id", "disputed_minor", "disputes_minor"])


def _differences(proof: Proof, fault: str, sql: str, names: list[str]) -> Proof:
    """Add every row of a statement that answers differences alone."""
    tables = {name: connection.ops.quote_name(model._meta.db_table) for name, model in _TABLES.items()}
    with connection.cursor() as cursor:
        cursor.execute(sql.format(**tables))
        while rows := cursor.fetchmany(FETCH):
            for row in rows:
                proof.add(fault=fault, **{name: _plain(name, value) for name, value in zip(names, row, strict=True)})
    return proof


def _plain(name: str, value: Any) -> str | int:
    """Ids alike on both engines; sums as integers (PostgreSQL adds bigints up to a numeric)."""
    return str(UUID(str(value))) if name.endswith("_id") else int(value)
