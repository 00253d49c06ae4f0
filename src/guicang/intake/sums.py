"""Exact sums of lines: units as the source signs them, value = quantity x unit price, never rounded."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal, Inexact
from typing import Any

#: Wide enough for any sum of any file, and loud where it were not.
EXACT = Context(prec=120, traps=[Inexact])


def exact_value(units: int | None, unit_price: Decimal | None) -> Decimal:
    """quantity x unit price; 0 where either is not known."""
    return EXACT.multiply(Decimal(units or 0), unit_price or Decimal(0))


def plain(value: Decimal) -> str:
    """Digits without an exponent, without zeros at the end, and without the sign of a zero: -428515.73."""
    text = format(value if value else Decimal(0), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(slots=True)
class Sums:
    """Lines, units and exact value of some rows."""

    lines: int = 0
    units: int = 0
    value: Decimal = Decimal(0)

    def add(self, units: int | None, unit_price: Decimal | None) -> None:
        self.lines += 1
        self.units += units or 0
        self.value = EXACT.add(self.value, exact_value(units, unit_price))

    def add_value(self, units: int, value: Decimal, *, lines: int = 1) -> None:
        self.lines += lines
        self.units += units
        self.value = EXACT.add(self.value, value)

    def as_dict(self) -> dict[str, Any]:
        return {"lines": self.lines, "units": self.units, "value": plain(self.value)}
