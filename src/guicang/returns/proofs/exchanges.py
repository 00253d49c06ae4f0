"""Exchanges: what left an order that was given back arrived at the one in its place, to the cent."""

from __future__ import annotations

from guicang.kernel.ids import NIL
from guicang.kernel.proof import Proof
from guicang.returns.models import Collection, Swap
from guicang.returns.proofs.statements import differences
from guicang.sales.models import Order

_CLEARING = """
SELECT l.party_id, l.currency, sum(l.amount_minor), sum(l.book_minor) FROM {entry_line} l
JOIN {account} a ON a.id = l.account_id AND a.role = 'exchange_clearing'
GROUP BY l.party_id, l.currency HAVING sum(l.amount_minor) <> 0 OR sum(l.book_minor) <> 0
"""
_MOVED = """
SELECT return_id, sum(left_minor), sum(came_minor) FROM (
    SELECT s.parent_id AS return_id, r.amount_minor AS left_minor, 0 AS came_minor FROM {refund} r
    JOIN {settlement} s ON s.id = r.settlement_id WHERE r.method = 'exchange'
    UNION ALL
    SELECT o.return_id, 0, p.amount_minor FROM {payment} p JOIN {order} o ON o.id = p.order_id
    WHERE o.return_id <> {nil} AND p.payment_key LIKE 'exchange:%'
) AS t GROUP BY return_id HAVING sum(left_minor) <> sum(came_minor)
"""
_COLLECTED = """
SELECT order_id, sum(collected), sum(paid) FROM (
    SELECT order_id, amount_minor AS collected, 0 AS paid FROM {collection}
    UNION ALL
    SELECT p.order_id, 0, p.amount_minor FROM {payment} p JOIN {order} o ON o.id = p.order_id
    WHERE o.return_id <> {nil} AND p.payment_key LIKE 'collection:%'
) AS t GROUP BY order_id HAVING sum(collected) <> sum(paid)
"""
_STRAYS = """
SELECT o.id, o.return_id FROM {order} o LEFT JOIN {return} r ON r.id = o.return_id
WHERE o.return_id <> {nil} AND (r.id IS NULL OR r.customer_id <> o.customer_id OR r.currency <> o.currency)
"""
_WISHES = """
SELECT w.id, w.line_id FROM {swap} w LEFT JOIN {return_line} l ON l.id = w.line_id
WHERE l.id IS NULL OR l.parent_id <> w.parent_id
"""


def proofs() -> list[Proof]:
    """One proof, 8 statements."""
    placed = Order.objects.exclude(return_id=NIL).count()
    proof = Proof("exchanges", placed + Swap.objects.count() + Collection.objects.count(), [])
    differences(proof, "clearing", _CLEARING, ["return_id", "currency", "amount_minor", "book_minor"])
    differences(proof, "moved", _MOVED, ["return_id", "left_minor", "came_minor"])
    differences(proof, "collected", _COLLECTED, ["order_id", "collected_minor", "paid_minor"])
    differences(proof, "stray_order", _STRAYS, ["order_id", "return_id"])
    return [differences(proof, "stray_wish", _WISHES, ["swap_id", "line_id"])]
