"""Exact sums of lines: units as the source signs them, value = quantity x unit price, never rounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal, Inexact
from typing import Any

from guicang.kernel.money import from_minor

#: Wide enough for any sum of any file, and loud where it were not.
EXACT = Context(prec=120, traps=[Inexact])


def exact_value(units: int | None, unit_price: Decimal | None) -> Decimal:
    """quantity x unit price; 0 where either is not known."""
    return EXACT.multiply(Decimal(units or 0), unit_price or Decimal(0))


def plain(value: Decimal) -> str:
    """Digits without an exponent, without zeros at the end, and without the sign of a zero: -428515.73."""
    text = format(value if value else Decimal(0), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


class Amounts(dict[str, Decimal]):
    """Exact amounts by currency; none is zero."""

    def add(self, currency: str, amount: Decimal) -> None:
        total = EXACT.add(self.get(currency, Decimal(0)), amount)
        if total:
            self[currency] = total
        else:
            self.pop(currency, None)

    def add_minor(self, currency: str, minor: int) -> None:
        self.add(currency, from_minor(minor, currency))

    def plus(self, others: Amounts) -> Amounts:
        found = Amounts(self)
        for currency, amount in others.items():
            found.add(currency, amount)
        return found

    def less(self, others: Amounts) -> Amounts:
        return self.plus(Amounts({currency: -amount for currency, amount in others.items()}))

    def as_dict(self) -> dict[str, str]:
        return {currency: plain(amount) for currency, amount in sorted(self.items())}

    def shown(self, currencies: Sequence[str]) -> str | dict[str, str]:
        """The amount as text where all are of one currency, else each currency's own."""
        texts = {currency: plain(self.get(currency, Decimal(0))) for currency in currencies}
        return texts if len(texts) > 1 else next(iter(texts.values()))


@dataclass(slots=True)
class Sums:
    """Lines, units and exact value of some rows; values of two currencies are never added."""

    lines: int = 0
    units: int = 0
    values: Amounts = field(default_factory=Amounts)

    def add(self, units: int | None, unit_price: Decimal | None, currency: str) -> None:
        self.add_value(units or 0, exact_value(units, unit_price), currency)

    def add_value(self, units: int, value: Decimal, currency: str, *, lines: int = 1) -> None:
        self.lines += lines
        self.units += units
        self.values.add(currency, value)

    def as_dict(self) -> dict[str, Any]:
        """As a run keeps it."""
        return {"lines": self.lines, "units": self.units, "values": self.values.as_dict()}

    def shown(self, currencies: Sequence[str]) -> dict[str, Any]:
        return {"lines": self.lines, "units": self.units, "value": self.values.shown(currencies)}
