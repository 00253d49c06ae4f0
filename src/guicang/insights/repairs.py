"""What a repair used, as its page shows it."""

from __future__ import annotations

from uuid import UUID

from guicang.catalog import queries as catalogue
from guicang.returns.models import RepairPart


def parts_of(return_id: UUID) -> list[tuple[str, int, int]]:
    """Name, units and cost in the books of each part; 2 statements."""
    rows = list(RepairPart.objects.filter(parent_id=return_id).order_by("id"))
    skus = catalogue.skus(row.sku_id for row in rows)
    return [(skus[row.sku_id].name or skus[row.sku_id].code, row.quantity, row.cost_minor) for row in rows]
