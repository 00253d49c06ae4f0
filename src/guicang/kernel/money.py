"""Exact amounts: integers of minor units, and the one rule that splits them.

The rule (HARD-CASES, Allocation): `target(q) = round(T * q / Q)`, half up, by cumulative
quantity. It is monotone, so no step is negative, and it ends at exactly T whatever the path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

#: Digits of the minor unit where they are not two (ISO 4217).
EXPONENTS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}


def exponent(currency: str) -> int:
    return EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency in integer minor units; adding two currencies is an error."""

    minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __str__(self) -> str:
        return f"{from_minor(self.minor, self.currency)} {self.currency}"

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise ValueError(f"cannot add {self.currency} and {other.currency}")
        return other.minor


def divide_half_up(numerator: int, denominator: int) -> int:
    """numerator / denominator to the nearest integer, halves away from zero; denominator > 0."""
    if denominator <= 0:
        raise ValueError("denominator must be positive")
    if numerator < 0:
        return -divide_half_up(-numerator, denominator)
    return (2 * numerator + denominator) // (2 * denominator)


def target(total: int, cumulative: int, whole: int) -> int:
    """What of `total` belongs to the first `cumulative` of `whole`; 0 of nothing is 0."""
    if not 0 <= cumulative <= whole:
        raise ValueError(f"{cumulative} is not within 0..{whole}")
    return divide_half_up(total * cumulative, whole) if whole else 0


def split(total: int, weights: Sequence[int]) -> list[int]:
    """`total` over `weights` in their order, by prefix targets; sums to `total` exactly.

    With no weight at all everything goes to the first place.
    """
    whole = sum(weights)
    if not whole:
        return [total, *[0] * (len(weights) - 1)] if weights else []
    shares: list[int] = []
    cumulative = given = 0
    for weight in weights:
        cumulative += weight
        reached = target(total, cumulative, whole)
        shares.append(reached - given)
        given = reached
    return shares


def tax_within(amount_minor: int, rate: Decimal) -> int:
    """The tax in a price that contains it: gross less round(gross / (1 + rate))."""
    return amount_minor - int((Decimal(amount_minor) / (1 + rate)).to_integral_value(rounding=ROUND_HALF_UP))


def to_minor(amount: Decimal, currency: str) -> int:
    """Minor units of `amount`, half up. Use `fits` first where digits must not be lost."""
    return int(amount.scaleb(exponent(currency)).to_integral_value(rounding=ROUND_HALF_UP))


def fits(amount: Decimal, currency: str) -> bool:
    """True where `amount` has no more decimals than its currency."""
    return amount == amount.quantize(Decimal(1).scaleb(-exponent(currency)), rounding=ROUND_HALF_UP)


def from_minor(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-exponent(currency))


def convert_minor(minor: int, currency: str, rate: Decimal, book_currency: str) -> int:
    """Book minor units of `minor` at `rate` (book units for one unit of `currency`)."""
    return to_minor(from_minor(minor, currency) * rate, book_currency) if currency != book_currency else minor
