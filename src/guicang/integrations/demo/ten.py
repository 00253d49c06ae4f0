"""Ten prepared orders: what the policy "30 days for members, 7 for others, cosmetics unopened, the seller pays for
faults" has to say of each. Their days count from the day of the demo; the documents print the table.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from guicang.integrations.demo.orders import Bought, single
from guicang.trade.facts import CustomerFacts

MEMBER = "会员"


class Prepared(NamedTuple):
    """`days`: since delivery. `answer`, `because`: what the verdict has to be, and the reason that decides it."""

    number: str
    tier: str
    sku: str
    days: int
    reason: str
    condition: str
    answer: str
    because: str
    freight: str


TEN = (
    Prepared("QHTEN01", MEMBER, "TEE-WH-M", 20, "changed_mind", "unused", "allow", "in_time", "buyer"),
    Prepared("QHTEN02", "", "TEE-WH-M", 20, "changed_mind", "unused", "refuse", "too_late", "buyer"),
    Prepared("QHTEN03", "", "TEE-WH-M", 3, "changed_mind", "unused", "allow", "in_time", "buyer"),
    Prepared("QHTEN04", MEMBER, "TEE-WH-M", 40, "changed_mind", "unused", "refuse", "too_late", "buyer"),
    Prepared("QHTEN05", "", "SERUM-30", 3, "changed_mind", "unused", "refuse", "condition_not_accepted", "buyer"),
    Prepared("QHTEN06", "", "SERUM-30", 3, "changed_mind", "unopened", "allow", "in_time", "buyer"),
    Prepared("QHTEN07", MEMBER, "SERUM-30", 20, "changed_mind", "unopened", "allow", "in_time", "buyer"),
    Prepared("QHTEN08", MEMBER, "LIPSTICK-RO", 20, "changed_mind", "used", "refuse", "condition_not_accepted", "buyer"),
    Prepared("QHTEN09", "", "LIPSTICK-RO", 3, "quality", "used", "allow", "in_time", "seller"),
    Prepared("QHTEN10", "", "TEE-WH-M", 20, "quality", "used", "review", "too_late", "seller"),
)


def orders(shop_id: UUID, warehouse_id: UUID, base: datetime) -> list[Bought]:
    """The ten as facts; `base` is midnight UTC of the demo's day."""
    found = []
    for place, one in enumerate(TEN, 1):
        delivered = base - timedelta(days=one.days) + timedelta(hours=4)
        customer = CustomerFacts(f"ten-{place:02d}", one.tier, {"phone": f"1990000{place:04d}"})
        found.append(single(shop_id, warehouse_id, one.number, one.sku, delivered, customer))
    return found
