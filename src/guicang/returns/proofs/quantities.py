"""Units: claims, what came, what was decided about it, what lies in the bay."""

from __future__ import annotations

from guicang.inventory.models import UNINSPECTED
from guicang.kernel.proof import Proof
from guicang.returns.models import Inspection, Receipt, ReturnLine
from guicang.returns.proofs.statements import differences
from guicang.sales.models import ShipmentLine

_CLAIMS = """
SELECT s.id, s.claimed, coalesce(r.units, 0), s.shipped FROM {shipment_line} s
LEFT JOIN (SELECT shipment_line_id, sum(claimed) AS units FROM {return_line} WHERE claimed <> 0
    GROUP BY shipment_line_id) r ON r.shipment_line_id = s.id
WHERE s.claimed <> coalesce(r.units, 0) OR s.claimed > s.shipped
"""
_UNHELD = """
SELECT l.id, l.shipment_line_id, l.claimed FROM {return_line} l
LEFT JOIN {shipment_line} s ON s.id = l.shipment_line_id WHERE l.claimed <> 0 AND s.id IS NULL
"""
#: Wrong goods are no units of the sale, so they are not counted back on it; what came to be repaired is
#: counted back once it turns out that it cannot be.
_COUNTED_BACK = """
SELECT s.id, s.returned, coalesce(b.units, 0), s.returned_cost_minor, coalesce(b.cost, 0) FROM {shipment_line} s
LEFT JOIN (SELECT l.shipment_line_id, sum(i.quantity) AS units,
        sum(CASE WHEN i.cost_source = 'issue' THEN i.cost_minor ELSE 0 END) AS cost
    FROM {inspection} i JOIN {return_line} l ON l.id = i.line_id LEFT JOIN {inspection} f ON f.id = i.reverses_id
    WHERE i.accepted AND i.disposition <> 'repair' AND (f.id IS NULL OR f.disposition = 'repair')
        AND l.kind <> 'wrong' GROUP BY l.shipment_line_id) b
    ON b.shipment_line_id = s.id
WHERE s.returned <> coalesce(b.units, 0) OR s.returned_cost_minor <> coalesce(b.cost, 0)
"""
_RECEIVED = """
SELECT l.id, l.received, coalesce(r.units, 0) FROM {return_line} l
LEFT JOIN (SELECT line_id, sum(quantity) AS units FROM {receipt} GROUP BY line_id) r ON r.line_id = l.id
WHERE l.received <> coalesce(r.units, 0)
"""
#: A row that reverses another gives the same units another place: they were inspected once.
_INSPECTED = """
SELECT l.id, l.accepted, coalesce(i.accepted, 0), l.rejected, coalesce(i.rejected, 0), l.disposed, coalesce(i.units, 0)
FROM {return_line} l
LEFT JOIN (SELECT line_id, sum(quantity) AS units, sum(CASE WHEN accepted THEN quantity ELSE 0 END) AS accepted,
        sum(CASE WHEN accepted THEN 0 ELSE quantity END) AS rejected
    FROM {inspection} WHERE reverses_id = {nil} GROUP BY line_id) i ON i.line_id = l.id
WHERE l.accepted <> coalesce(i.accepted, 0) OR l.rejected <> coalesce(i.rejected, 0)
    OR l.disposed <> coalesce(i.units, 0)
"""
_REDISPOSED = """
SELECT n.reverses_id, coalesce(f.quantity, 0), n.units FROM (
    SELECT reverses_id, sum(quantity) AS units, min(CAST(line_id AS text)) AS line, max(CAST(line_id AS text)) AS last
    FROM {inspection} WHERE reverses_id <> {nil} GROUP BY reverses_id) n
LEFT JOIN {inspection} f ON f.id = n.reverses_id
WHERE f.id IS NULL OR n.units > f.quantity OR n.line <> n.last OR n.line <> CAST(f.line_id AS text)
"""
_IN_BAY = """
SELECT l.id, l.received - l.disposed, coalesce(m.units, 0) FROM {return_line} l
LEFT JOIN (SELECT source_id, sum(units) AS units FROM (
        SELECT m.source_id, m.quantity AS units FROM {move} m
        JOIN {location} p ON p.id = m.to_location_id AND p.kind = 'bay' WHERE m.source_kind = 'return_line'
        UNION ALL
        SELECT m.source_id, -m.quantity FROM {move} m
        JOIN {location} p ON p.id = m.from_location_id AND p.kind = 'bay' WHERE m.source_kind = 'return_line'
    ) AS each_move GROUP BY source_id) m ON m.source_id = l.id
WHERE l.received - l.disposed <> coalesce(m.units, 0)
"""
#: Only returns fill and empty a bay; whatever else moved there is taken out of the comparison.
_BAY_LEVELS = """
SELECT place, sku_id, lot, owner_id, sum(held), sum(waiting) FROM (
    SELECT v.location_id AS place, v.sku_id, v.lot, v.owner_id, v.on_hand AS held, 0 AS waiting FROM {level} v
    JOIN {location} p ON p.id = v.location_id AND p.kind = 'bay'
    UNION ALL
    SELECT p.id, m.sku_id, m.lot, m.owner_id, -m.quantity, 0 FROM {move} m
    JOIN {location} p ON p.id = m.to_location_id AND p.kind = 'bay' WHERE m.source_kind <> 'return_line'
    UNION ALL
    SELECT p.id, m.sku_id, m.lot, m.owner_id, m.quantity, 0 FROM {move} m
    JOIN {location} p ON p.id = m.from_location_id AND p.kind = 'bay' WHERE m.source_kind <> 'return_line'
    UNION ALL
    SELECT p.id, l.sku_id, l.lot, r.company_id, 0, l.received - l.disposed FROM {return_line} l
    JOIN {return} r ON r.id = l.parent_id
    LEFT JOIN {location} p ON p.warehouse_id = r.warehouse_id AND p.kind = 'bay' WHERE l.received <> l.disposed
) AS t GROUP BY place, sku_id, lot, owner_id HAVING sum(held) <> sum(waiting)
"""
_MOVED = """
SELECT d.id, d.line_id, d.quantity, m.quantity FROM {documents} d
JOIN {return_line} l ON l.id = d.line_id LEFT JOIN {move} m ON m.id = d.move_id
WHERE m.id IS NULL OR m.quantity <> d.quantity OR m.source_id <> d.line_id OR m.sku_id <> l.sku_id
    OR m.source_kind <> 'return_line'
"""
#: A move goes to the place and the grade that its inspection gave; rejected goods stay ungraded.
_PLACED = """
SELECT i.id, i.line_id, i.grade, m.to_grade, i.location_id, m.to_location_id FROM {inspection} i
JOIN {move} m ON m.id = i.move_id
WHERE i.location_id <> m.to_location_id
    OR m.to_grade <> CASE WHEN i.accepted AND i.disposition <> 'repair' THEN i.grade ELSE '{uninspected}' END
"""
_UNDOCUMENTED = """
SELECT m.id, m.source_id, m.quantity FROM {move} m
LEFT JOIN {receipt} r ON r.line_id = m.source_id AND r.move_id = m.id
LEFT JOIN {inspection} i ON i.line_id = m.source_id AND i.move_id = m.id
WHERE m.source_kind = 'return_line' AND r.id IS NULL AND i.id IS NULL
"""


def proofs() -> list[Proof]:
    """Four proofs, 15 statements."""
    return [_claims(), _lines(), _moves(), _bay()]


def _claims() -> Proof:
    """Claimed of a shipment line = what return lines hold, never more than was shipped; likewise what is back."""
    proof = Proof("return_claims", ShipmentLine.objects.count(), [])
    differences(proof, "claimed", _CLAIMS, ["shipment_line_id", "claimed", "lines_claimed", "shipped"])
    differences(proof, "claim_on_nothing", _UNHELD, ["return_line_id", "shipment_line_id", "claimed"])
    names = ["shipment_line_id", "returned", "inspected", "returned_cost_minor", "inspected_cost_minor"]
    return differences(proof, "returned", _COUNTED_BACK, names)


def _lines() -> Proof:
    """Received, accepted, rejected and disposed of a line are the sums of its receipts and inspections."""
    proof = Proof("return_quantities", ReturnLine.objects.count(), [])
    differences(proof, "received", _RECEIVED, ["return_line_id", "received", "receipts"])
    names = ["return_line_id", "accepted", "rows_accepted", "rejected", "rows_rejected", "disposed", "rows_disposed"]
    differences(proof, "inspected", _INSPECTED, names)
    return differences(proof, "redisposed", _REDISPOSED, ["inspection_id", "quantity", "redisposed"])


def _moves() -> Proof:
    """Every receipt and inspection moved its units, and nothing else of a return moved any."""
    proof = Proof("return_moves", Receipt.objects.count() + Inspection.objects.count(), [])
    for documents in ("receipt", "inspection"):
        names = [f"{documents}_id", "return_line_id", "quantity", "moved"]
        differences(proof, documents, _MOVED.replace("{documents}", f"{{{documents}}}"), names)
    names = ["inspection_id", "return_line_id", "grade", "moved_to_grade", "location_id", "moved_to_location_id"]
    differences(proof, "placed", _PLACED.replace("{uninspected}", UNINSPECTED), names)
    return differences(proof, "undocumented", _UNDOCUMENTED, ["move_id", "return_line_id", "quantity"])


def _bay() -> Proof:
    """Disposed + still in the bay = received: by line from its moves, by place and SKU from the levels."""
    proof = Proof("returns_bay", ReturnLine.objects.count(), [])
    differences(proof, "line", _IN_BAY, ["return_line_id", "in_bay", "moved"])
    return differences(proof, "level", _BAY_LEVELS, ["location_id", "sku_id", "lot", "owner_id", "on_hand", "in_bay"])
