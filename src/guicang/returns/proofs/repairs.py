"""Repairs: parts by their moves, payments by what was agreed and by their entries."""

from __future__ import annotations

from guicang.kernel.proof import Proof
from guicang.returns.models import Repair
from guicang.returns.operations.repairs import CHARGE, PART
from guicang.returns.proofs.statements import differences

_PARTS = """
SELECT p.id, p.parent_id, p.quantity, coalesce(m.quantity, 0) FROM {repair_part} p
LEFT JOIN {move} m ON m.id = p.move_id AND m.source_id = p.parent_id AND m.sku_id = p.sku_id
WHERE m.id IS NULL OR m.quantity <> p.quantity OR m.source_kind <> 'PART'
"""
_UNDOCUMENTED = """
SELECT m.id, m.source_id, m.quantity FROM {move} m LEFT JOIN {repair_part} p ON p.move_id = m.id
WHERE m.source_kind = 'PART' AND p.id IS NULL
"""
#: Paid is what the buyer agreed to, and nothing where he pays nothing or declined.
_PAID = """
SELECT y.id, y.parent_id, y.amount_minor, coalesce(r.price_minor, 0) FROM {repair_payment} y
LEFT JOIN {repair} r ON r.parent_id = y.parent_id
WHERE r.id IS NULL OR r.price_minor <> y.amount_minor OR r.tax_minor <> y.tax_minor
    OR r.state NOT IN ('agreed', 'done')
"""
#: In books that are ours from before the payment on.
_BOOKED = """
SELECT y.parent_id, y.amount_minor, coalesce(b.income, 0) FROM {repair_payment} y
JOIN {return} t ON t.id = y.parent_id JOIN {company} k ON k.id = t.company_id AND k.books = 'owned'
LEFT JOIN (SELECT e.source_id, sum(l.amount_minor) AS income FROM {entry} e
    JOIN {entry_line} l ON l.entry_id = e.id AND l.amount_minor > 0
    WHERE e.event = 'CHARGE' GROUP BY e.source_id) b ON b.source_id = y.parent_id
WHERE (k.books_from IS NULL OR y.occurred_at >= k.books_from) AND coalesce(b.income, 0) <> y.amount_minor
"""
#: Goods went back though they were neither repaired and paid nor left as they were.
_SENT = """
SELECT l.id, l.parent_id, l.sent FROM {return_line} l JOIN {return} t ON t.id = l.parent_id AND t.origin = 'live'
LEFT JOIN {repair} r ON r.parent_id = l.parent_id LEFT JOIN {repair_payment} y ON y.parent_id = l.parent_id
WHERE l.resolution = 'repair' AND l.accepted > 0 AND l.sent > 0
    AND (r.id IS NULL OR r.state NOT IN ('done', 'declined')
        OR (r.state = 'done' AND r.price_minor > 0 AND y.id IS NULL))
"""


def proofs() -> list[Proof]:
    """One proof, 6 statements."""
    proof = Proof("repairs", Repair.objects.count(), [])
    names = ["repair_part_id", "return_id", "quantity", "moved"]
    differences(proof, "part", _PARTS.replace("PART", PART), names)
    differences(proof, "undocumented", _UNDOCUMENTED.replace("PART", PART), ["move_id", "return_id", "quantity"])
    differences(proof, "paid", _PAID, ["payment_id", "return_id", "paid_minor", "agreed_minor"])
    differences(proof, "booked", _BOOKED.replace("CHARGE", CHARGE), ["return_id", "paid_minor", "booked_minor"])
    return [differences(proof, "sent", _SENT, ["return_line_id", "return_id", "sent"])]
