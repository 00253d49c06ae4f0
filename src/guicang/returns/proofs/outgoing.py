"""What went to buyers: each unit by its row and its move, and of a buyer's own goods what lies here."""

from __future__ import annotations

from guicang.kernel.proof import Proof
from guicang.returns.models import Outgoing
from guicang.returns.operations.outgoing import AGAIN, KEPT
from guicang.returns.proofs.statements import differences

_SENT = """
SELECT l.id, l.sent, coalesce(o.units, 0) FROM {return_line} l
LEFT JOIN (SELECT line_id, sum(quantity) AS units FROM {outgoing} GROUP BY line_id) o ON o.line_id = l.id
WHERE l.sent <> coalesce(o.units, 0)
"""
#: A buyer's own goods lie here from the inspection until they are sent; nothing else lies in their place.
_KEPT = """
SELECT l.id, coalesce(m.units, 0), LEFT_HERE
FROM {return_line} l
LEFT JOIN (SELECT source_id, sum(units) AS units FROM (
        SELECT m.source_id, m.quantity AS units FROM {move} m
        JOIN {location} p ON p.id = m.to_location_id AND p.kind = 'held' WHERE m.source_kind = 'KEPT'
        UNION ALL
        SELECT m.source_id, -m.quantity FROM {move} m
        JOIN {location} p ON p.id = m.from_location_id AND p.kind = 'held' WHERE m.source_kind = 'KEPT'
    ) AS each_move GROUP BY source_id) m ON m.source_id = l.id
WHERE coalesce(m.units, 0) <> LEFT_HERE
"""
_LEFT_HERE = """
CASE l.resolution WHEN 'reship' THEN 0 WHEN 'repair' THEN l.rejected + l.accepted - l.sent ELSE l.rejected - l.sent END
"""
_HELD = """
SELECT v.id, v.location_id, v.sku_id, v.owner_id, v.on_hand FROM {level} v
JOIN {location} p ON p.id = v.location_id AND p.kind = 'held'
WHERE v.on_hand <> 0 AND (v.grade <> 'uninspected' OR v.owner_id = v.company_id)
"""
_MOVED = """
SELECT o.id, o.line_id, o.quantity, coalesce(m.quantity, 0) FROM {outgoing} o
LEFT JOIN {move} m ON m.id = o.move_id AND m.source_id = o.line_id
WHERE m.id IS NULL OR m.quantity <> o.quantity OR (o.stock AND m.source_kind <> 'AGAIN')
"""
_UNDOCUMENTED = """
SELECT m.id, m.source_id, m.quantity FROM {move} m LEFT JOIN {outgoing} o ON o.move_id = m.id
WHERE m.source_kind = 'AGAIN' AND o.id IS NULL
"""
#: What is sent once more never passes what was sold.
_TWICE = """
SELECT s.id, s.shipped, t.units FROM (
    SELECT shipment_line_id, sum(sent) AS units FROM {return_line} WHERE resolution = 'reship' AND sent > 0
    GROUP BY shipment_line_id) t
JOIN {shipment_line} s ON s.id = t.shipment_line_id WHERE t.units > s.shipped
"""


def proofs() -> list[Proof]:
    """One proof, 7 statements."""
    proof = Proof("goods_to_buyers", Outgoing.objects.count(), [])
    differences(proof, "sent", _SENT, ["return_line_id", "sent", "rows_sent"])
    kept = _KEPT.replace("KEPT", KEPT).replace("LEFT_HERE", _LEFT_HERE)
    differences(proof, "kept", kept, ["return_line_id", "moved", "kept"])
    differences(proof, "held", _HELD, ["level_id", "location_id", "sku_id", "owner_id", "on_hand"])
    names = ["sending_id", "return_line_id", "quantity", "moved"]
    differences(proof, "moved", _MOVED.replace("AGAIN", AGAIN), names)
    differences(proof, "undocumented", _UNDOCUMENTED.replace("AGAIN", AGAIN), ["move_id", "return_line_id", "quantity"])
    return [differences(proof, "sent_twice", _TWICE, ["shipment_line_id", "shipped", "sent_again"])]
