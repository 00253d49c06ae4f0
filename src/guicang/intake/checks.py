"""Findings in a row whose cells all convert: lengths, signs, sizes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from guicang.intake.errors import fault
from guicang.intake.identity import FUNDERS
from guicang.intake.tables import CellFault
from guicang.intake.tables.convert import MAX_MINOR
from guicang.kernel.money import from_minor

#: What the columns behind these fields can hold.
LENGTHS = {
    "order_number": 80, "return_number": 80, "sku": 80, "customer_id": 120, "customer_tier": 40, "tier": 40,
    "status": 40, "promotion_id": 80, "sold_by": 80, "shipped_by": 80, "carrier": 40, "tracking": 80, "serial": 80,
    "lot": 60, "payment_reference": 100, "company": 40, "channel": 40, "shop": 40, "market": 40, "store": 40,
    "warehouse": 40, "barcode": 80, "category": 80, "product": 80, "unit": 20, "language": 10, "grade": 12,
    "reason": 40, "location": 40, "tender": 20,
}  # fmt: skip
_AMOUNTS = (
    "unit_price", "gross", *FUNDERS, "tax", "list_price", "gift_value", "shipping_standard", "shipping_surcharge",
    "deposit", "balance", "paid", "promotion_threshold", "promotion_shipping",
    "standard_cost", "unit_cost", "total_cost", "amount",
)  # fmt: skip
_COUNTS = ("cancelled_quantity", "shipped_quantity", "points_earned", "points_spent", "weight_g", "sold_weight_g")
#: The largest amount of a line in units of its currency: sums of many still fit 64 bits.
_MAX_VALUE = MAX_MINOR // 1000


_ALL_AMOUNTS = frozenset(_AMOUNTS)
_ALL_COUNTS = frozenset(_COUNTS)


class RowChecks:
    """The findings that need no other row, for the columns a profile maps."""

    def __init__(self, columns: Iterable[str]) -> None:
        mapped = set(columns)
        self._limits = [(name, limit) for name, limit in LENGTHS.items() if name in mapped]
        self._amounts = sorted(mapped & _ALL_AMOUNTS)
        self._counts = sorted(mapped & _ALL_COUNTS)

    def common(self, values: Mapping[str, Any], *, signed: frozenset[str] = frozenset()) -> CellFault | None:
        """Texts too long for their column (PostgreSQL would stop the whole set), and values below zero.

        `signed` are amounts whose sign says something.
        """
        name = self.overlong(values)
        if name:
            return fault("too_long", name, length=len(values[name]), limit=LENGTHS[name])
        for name in self._amounts:
            amount = values[name]
            if amount is not None and amount < 0 and name not in signed:
                exact = from_minor(amount, values["currency"]) if isinstance(amount, int) else amount
                return fault("negative_amount", name, text=str(exact))
        for name in self._counts:
            count = values[name]
            if count is not None and count < 0:
                return fault("negative_quantity", name, text=count)
        return None

    def overlong(self, values: Mapping[str, Any]) -> str:
        """The first text that does not fit its column; '' where all do."""
        return next((name for name, limit in self._limits if len(values.get(name) or "") > limit), "")

    def sale(self, values: Mapping[str, Any]) -> CellFault | None:
        """A row of a sale: a negative quantity that is no return is a write-off, and not ours to book."""
        quantity: int = values["quantity"]
        if quantity < 0:
            return fault("write_off", "quantity", text=quantity)
        return self._value(values, quantity) or self.common(values)

    def returned(self, values: Mapping[str, Any]) -> CellFault | None:
        """A row of a past return: its sign is the source's own way of writing."""
        return self._value(values, values["quantity"]) or self.common(values)

    def _value(self, values: Mapping[str, Any], quantity: int) -> CellFault | None:
        """quantity x unit price: there, and within what can be added up."""
        price = values.get("unit_price")
        if price is not None:
            if abs(price * quantity) > _MAX_VALUE:
                return fault("number_too_large", "unit_price", text=str(price))
        elif values.get("gross", values.get("amount")) is None:
            return fault("missing_value", "unit_price", text="")
        return None
