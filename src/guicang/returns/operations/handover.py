"""What is told to the ERP that owns the goods of a warehouse: units became sellable there."""

from __future__ import annotations

from uuid import UUID

from guicang.kernel import outbox
from guicang.returns.models import Return, ReturnLine


def goods_handed_over(header: Return, line: ReturnLine, quantity: int, grade: str, move_id: UUID) -> outbox.Message:
    """`move_id` is the key: the ERP counts a repeat once."""
    body = {
        "sku_id": str(line.sku_id),
        "quantity": quantity,
        "grade": grade,
        "lot": line.lot,
        "warehouse_id": str(header.warehouse_id),
        "return": header.number,
        "move_id": str(move_id),
    }
    return outbox.Message("handover.goods", body, str(move_id), header.id)
