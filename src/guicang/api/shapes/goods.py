"""Stock as programs read it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from guicang.api.parsing import Shown


class Level(Shown):
    """Units of a SKU in one place and grade."""

    sku_id: UUID
    code: str
    name: str
    variant: str
    unit: str
    warehouse: str
    place: str
    lot: str
    grade: str
    on_hand: int


class Move(Shown):
    """From one place to another; a place is '' where the token sees no such warehouse."""

    id: UUID
    occurred_at: datetime
    event: str
    quantity: int
    lot: str
    serial: str
    from_place: str
    from_grade: str
    to_place: str
    to_grade: str
    origin: str
