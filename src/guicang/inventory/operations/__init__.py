"""The only way into the goods ledger. Every function runs inside the caller's transaction.

Order within a step: `ensure_locations`/`places`, then `shortages` or `available` (locks levels),
then `move`, then `value`, `acceptance` (lock pools); `receive_stock` does both.
"""

from guicang.inventory.operations.acceptance import Acceptance, AcceptanceResult, acceptance
from guicang.inventory.operations.moves import LevelKey, Move, available, move, shortages
from guicang.inventory.operations.places import ensure_locations
from guicang.inventory.operations.receipts import Received, StockReceipt, receive_stock
from guicang.inventory.operations.reservations import (
    Want,
    hand_over,
    held,
    let_go,
    release,
    reserve,
    spend,
)
from guicang.inventory.operations.values import ValueChange, ValueResult, value
from guicang.inventory.queries import FallbackCost, fallback_cost, places

__all__ = [
    "Acceptance",
    "AcceptanceResult",
    "FallbackCost",
    "LevelKey",
    "Move",
    "Received",
    "StockReceipt",
    "ValueChange",
    "ValueResult",
    "Want",
    "acceptance",
    "available",
    "ensure_locations",
    "fallback_cost",
    "hand_over",
    "held",
    "let_go",
    "move",
    "places",
    "receive_stock",
    "release",
    "reserve",
    "shortages",
    "spend",
    "value",
]
