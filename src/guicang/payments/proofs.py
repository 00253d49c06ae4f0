"""Does what went back by each tender agree with the refunds and disputes that caused it? From the rows alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection, models

from guicang.accounting.models import Account, EntryLine
from guicang.kernel.ids import NIL
from guicang.kernel.proof import Proof
from guicang.org.models import Company, Ownership
from guicang.payments.models import (
    CashMove,
    CreditAccount,
    CreditLot,
    CreditMovement,
    CreditPart,
    Dispute,
    Payee,
    PayoutBatch,
    PayoutItem,
    Refund,
    Shift,
    Till,
)
from guicang.sales.models import Order, Tender

#: Rows a fetch from the open cursor; only differences are fetched.
FETCH = 1000

_TABLES: dict[str, type[models.Model]] = {
    "account": Account,
    "batch": PayoutBatch,
    "company": Company,
    "credit": CreditAccount,
    "dispute": Dispute,
    "entry_line": EntryLine,
    "item": PayoutItem,
    "lot": CreditLot,
    "move": CashMove,
    "movement": CreditMovement,
    "order": Order,
    "part": CreditPart,
    "payee": Payee,
    "refund": Refund,
    "shift": Shift,
    "tender": Tender,
    "till": Till,
}

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
#: What is paid out of a credit without an order has no tender, and goes where people pay it, or is set off.
_STRAYS = """
SELECT r.id, r.tender_id, r.order_id FROM {refund} r LEFT JOIN {tender} t ON t.id = r.tender_id
WHERE (t.id IS NULL OR t.order_id <> r.order_id OR t.currency <> r.currency)
    AND NOT (r.tender_id = {nil} AND r.order_id = {nil}
        AND (r.method = 'credited' OR (r.amount_minor > 0 AND r.method IN ('bank', 'cash'))))
"""
_DISPUTES = """
SELECT t.id, t.disputed_minor, coalesce(d.amount, 0) FROM {tender} t
LEFT JOIN (SELECT tender_id, sum(amount_minor) AS amount FROM {dispute} WHERE closed_at IS NULL OR outcome = 'lost'
    GROUP BY tender_id) d
    ON d.tender_id = t.id
WHERE t.disputed_minor <> coalesce(d.amount, 0)
"""
_BALANCES = """
SELECT a.id, a.balance_minor, coalesce(m.amount, 0), coalesce(l.amount, 0) FROM {credit} a
LEFT JOIN (SELECT account_id, sum(amount_minor) AS amount FROM {movement} GROUP BY account_id) m ON m.account_id = a.id
LEFT JOIN (SELECT account_id, sum(left_minor) AS amount FROM {lot} GROUP BY account_id) l ON l.account_id = a.id
WHERE a.balance_minor <> coalesce(m.amount, 0) OR a.balance_minor <> coalesce(l.amount, 0)
"""
_LOTS = """
SELECT l.id, l.left_minor, coalesce(p.amount, 0) FROM {lot} l
LEFT JOIN (SELECT lot_id, sum(amount_minor) AS amount FROM {part} GROUP BY lot_id) p ON p.lot_id = l.id
WHERE l.left_minor <> coalesce(p.amount, 0)
"""
_MOVEMENTS = """
SELECT m.id, m.amount_minor, coalesce(p.amount, 0) FROM {movement} m
LEFT JOIN (SELECT x.movement_id, x.amount_minor AS amount, l.account_id FROM {part} x JOIN {lot} l ON l.id = x.lot_id) q
    ON q.movement_id = m.id AND q.account_id <> m.account_id
LEFT JOIN (SELECT movement_id, sum(amount_minor) AS amount FROM {part} GROUP BY movement_id) p ON p.movement_id = m.id
WHERE m.amount_minor <> coalesce(p.amount, 0) OR q.movement_id IS NOT NULL
"""
#: A leg of the liability that names an account of ours is one of its movements.
_LIABILITY = """
SELECT t.account_id, sum(t.moved), sum(t.booked) FROM (
    SELECT account_id, amount_minor AS moved, 0 AS booked FROM {movement} WHERE booked
    UNION ALL
    SELECT e.party_id, 0, -e.amount_minor FROM {entry_line} e
    JOIN {account} a ON a.id = e.account_id AND a.role = 'store_credit' WHERE e.party_kind = 'credit'
) AS t LEFT JOIN {credit} c ON c.id = t.account_id LEFT JOIN {company} k ON k.id = c.company_id
WHERE c.id IS NULL OR k.books = 'owned' GROUP BY t.account_id HAVING sum(t.moved) <> sum(t.booked)
"""
#: A transfer that is to come without a word on where it goes, and one that goes where nobody agreed it should.
_UNASKED = """
SELECT r.id, r.return_id FROM {refund} r WHERE r.payee = '' AND r.state <> 'paid' AND r.way IN ('by_hand', 'port')
    AND (r.method = 'bank' OR (r.method = '' AND r.kind = 'bank'))
"""
_PAYEES = """
SELECT r.id, r.payee_id FROM {refund} r LEFT JOIN {payee} p ON p.id = r.payee_id
WHERE r.payee IN ('unconfirmed', 'ready') AND (p.id IS NULL OR p.return_id <> r.return_id OR p.typed_by <> r.payee_by
    OR (r.payee = 'ready' AND p.second AND p.confirmed_at IS NULL))
"""
_BATCHES = """
SELECT b.id, b.amount_minor, coalesce(i.amount, 0), b.count, coalesce(i.n, 0) FROM {batch} b
LEFT JOIN (SELECT batch_id, sum(amount_minor) AS amount, count(*) AS n FROM {item} GROUP BY batch_id) i
    ON i.batch_id = b.id
WHERE b.amount_minor <> coalesce(i.amount, 0) OR b.count <> coalesce(i.n, 0)
"""
_SENT = """
SELECT r.id, r.batch_id, r.amount_minor, coalesce(i.amount_minor, 0) FROM {refund} r
LEFT JOIN {item} i ON i.batch_id = r.batch_id AND i.refund_id = r.id
WHERE r.way = 'by_hand' AND r.state = 'submitted'
    AND (i.id IS NULL OR i.amount_minor <> r.amount_minor OR i.payee_id <> r.payee_id)
"""
_TILLS = """
SELECT t.id, t.balance_minor, coalesce(m.amount, 0), t.moves, coalesce(m.n, 0) FROM {till} t
LEFT JOIN (SELECT till_id, sum(amount_minor) AS amount, count(*) AS n FROM {move} GROUP BY till_id) m
    ON m.till_id = t.id
WHERE t.balance_minor <> coalesce(m.amount, 0) OR t.moves <> coalesce(m.n, 0)
"""
#: A movement that does not go on from the one before, or lies in another drawer's shift.
_CASH = """
SELECT x.id, x.balance_minor, x.before + x.amount_minor FROM (
    SELECT m.id, m.balance_minor, m.amount_minor, m.till_id, m.shift_id,
        lag(m.balance_minor, 1, 0) OVER (PARTITION BY m.till_id ORDER BY m.number) AS before FROM {move} m
) AS x JOIN {shift} s ON s.id = x.shift_id WHERE x.balance_minor <> x.before + x.amount_minor OR s.till_id <> x.till_id
"""
#: A closed shift leaves what was counted.
_SHIFTS = """
SELECT s.id, s.counted_minor, coalesce(sum(m.amount_minor), 0) FROM {shift} s
LEFT JOIN {shift} e ON e.till_id = s.till_id AND e.number <= s.number LEFT JOIN {move} m ON m.shift_id = e.id
WHERE s.state = 'closed' GROUP BY s.id, s.counted_minor HAVING s.counted_minor <> coalesce(sum(m.amount_minor), 0)
"""
#: Cash that left as a refund is a refund that was paid.
_CASH_REFUNDS = """
SELECT m.id, m.source_id, -m.amount_minor, coalesce(r.amount_minor, 0) FROM {move} m
LEFT JOIN {refund} r ON r.id = m.source_id AND r.state = 'paid'
WHERE m.kind IN ('refund', 'refund_back') AND (r.id IS NULL OR r.amount_minor <> -m.amount_minor)
"""
_CASH_BOOKS = """
SELECT t.till_id, sum(t.moved), sum(t.booked) FROM (
    SELECT till_id, amount_minor AS moved, 0 AS booked FROM {move} WHERE booked
    UNION ALL
    SELECT e.party_id, 0, e.amount_minor FROM {entry_line} e
    JOIN {account} a ON a.id = e.account_id AND a.role = 'cash' WHERE e.party_kind = 'drawer'
) AS t LEFT JOIN {till} d ON d.id = t.till_id LEFT JOIN {company} k ON k.id = d.company_id
WHERE d.id IS NULL OR k.books = 'owned' GROUP BY t.till_id HAVING sum(t.moved) <> sum(t.booked)
"""


def proofs() -> list[Proof]:
    """Seven proofs, 26 statements over whole tables, all within the caller's snapshot."""
    return [_refunds(), _disputes(), _credit(), _liability(), _payees(), _batches(), _drawers()]


def _drawers() -> Proof:
    """What lies in a drawer is its movements, closed shifts left what was counted, and the books have the same cash."""
    proof = Proof("cash_drawers", Till.objects.count() + Shift.objects.count() + CashMove.objects.count(), [])
    _differences(proof, "drawer", _TILLS, ["till_id", "balance_minor", "moves_minor", "moves", "rows"])
    _differences(proof, "movement", _CASH, ["move_id", "balance_minor", "should_be_minor"])
    _differences(proof, "shift", _SHIFTS, ["shift_id", "counted_minor", "left_minor"])
    _differences(proof, "refund", _CASH_REFUNDS, ["move_id", "refund_id", "moved_minor", "refund_minor"])
    return _differences(proof, "books", _CASH_BOOKS, ["till_id", "moved_minor", "ledger_minor"])


def _payees() -> Proof:
    """Every transfer that waits says so, and none goes where a second person should still have looked."""
    proof = Proof("payees", Payee.objects.count(), [])
    _differences(proof, "not_asked", _UNASKED, ["refund_id", "return_id"])
    return _differences(proof, "payee", _PAYEES, ["refund_id", "payee_id"])


def _batches() -> Proof:
    """A payment file is the sum of its refunds, and what was submitted by hand stands in one."""
    proof = Proof("payout_batches", PayoutBatch.objects.count(), [])
    columns = ["batch_id", "amount_minor", "items_minor", "count", "items"]
    _differences(proof, "batch", _BATCHES, columns)
    return _differences(proof, "sent", _SENT, ["refund_id", "batch_id", "amount_minor", "item_minor"])


def _credit() -> Proof:
    """Store credit: a balance is its movements and its lots, a lot and a movement their parts."""
    proof = Proof("credit_balances", CreditAccount.objects.count() + CreditMovement.objects.count(), [])
    _differences(proof, "balance", _BALANCES, ["account_id", "balance_minor", "movements_minor", "lots_minor"])
    _differences(proof, "lot", _LOTS, ["lot_id", "left_minor", "parts_minor"])
    return _differences(proof, "movement", _MOVEMENTS, ["movement_id", "amount_minor", "parts_minor"])


def _liability() -> Proof:
    """What owned books owe each account = the movements that they booked."""
    name = "credit_liability"
    if not Company.objects.filter(books=Ownership.OWNED).exists():
        return Proof(name, 0, [], applicable=False, note="no company owns its books")
    proof = Proof(name, CreditAccount.objects.count(), [])
    return _differences(proof, "liability", _LIABILITY, ["account_id", "movements_minor", "ledger_minor"])


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
        nil = f"'{NIL}'" if connection.vendor == "postgresql" else f"'{NIL.hex}'"
        cursor.execute(sql.format(nil=nil, **tables))
        while rows := cursor.fetchmany(FETCH):
            for row in rows:
                proof.add(fault=fault, **{name: _plain(name, value) for name, value in zip(names, row, strict=True)})
    return proof


def _plain(name: str, value: Any) -> str | int:
    """Ids alike on both engines; sums as integers (PostgreSQL adds bigints up to a numeric)."""
    return str(UUID(str(value))) if name.endswith("_id") else int(value)
