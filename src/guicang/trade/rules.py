"""Freezing the amounts of an order, once, when it is first seen. Pure; minor units and base units throughout.

The rule of DESIGN 4 and HARD-CASES (Allocation, 1, 2, 17): what was paid and every discount each have
their own prefix targets, the price is their sum, and tax lies nested within what was sold.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from guicang.kernel.money import split, target

#: Party kinds on entry lines: who owes a receivable, and through which shop its platform owes what it funds.
CUSTOMER = "customer"
FUNDER = "shop"
#: What money passes through on its way from an order that was given back to the one in its place, by return.
EXCHANGE = "exchange"
CLEARING = "exchange_clearing"
#: A later increment of a shipment or payment gets its number, this sign and a count.
_INCREMENT = re.compile(r"~\d+$")
_ONE = Decimal(1)


class Frozen(NamedTuple):
    """gross - discounts = paid (both with tax, also where prices were stated without); paid + funded = sold."""

    gross_minor: int
    paid_minor: int
    funded_minor: int
    tax_minor: int
    discounts: tuple[int, ...]

    @property
    def sold_minor(self) -> int:
        return self.paid_minor + self.funded_minor


class Share(NamedTuple):
    """What of a line some of its units are worth: `paid` by the buyer, `funded` by others; `tax` is within both."""

    paid_minor: int
    funded_minor: int
    tax_minor: int


def spread(total_minor: int, weights: Sequence[int]) -> list[int]:
    """An order's discount over its lines, in their order (HARD-CASES 1): 1.00 over 6.00 and 4.00 is 0.60 and 0.40."""
    return split(total_minor, weights)


def tax_of(sold_minor: int, rate: Decimal, *, inclusive: bool) -> int:
    """Tax within (inclusive) or on top of (exclusive) an amount, half up; `rate` 0.13 is 13 %."""
    if not rate:
        return 0
    exact = sold_minor * rate / (_ONE + rate) if inclusive else sold_minor * rate
    return int(exact.to_integral_value(rounding=ROUND_HALF_UP))


def freeze(
    gross_minor: int,
    discounts: Sequence[tuple[int, bool]],
    rate: Decimal,
    tax_minor: int | None,
    *,
    inclusive: bool,
) -> Frozen | None:
    """A line's amounts. `discounts` are (amount, whether another than the shop pays for it).

    Tax is on what is sold: the part that others fund is taxed like the part that the buyer pays.
    None where the amounts do not fit: a negative one, discounts above the price, tax above what is sold.
    """
    amounts: tuple[int, ...] = ()
    paid, funded = gross_minor, 0
    if discounts:
        amounts = tuple(amount for amount, _ in discounts)
        paid, funded = gross_minor - sum(amounts), sum(amount for amount, by_others in discounts if by_others)
    if paid < 0 or (amounts and min(amounts) < 0):
        return None
    tax = tax_of(paid + funded, rate, inclusive=inclusive) if tax_minor is None else tax_minor
    if not inclusive:
        paid, gross_minor = paid + tax, gross_minor + tax
    return Frozen(gross_minor, paid, funded, tax, amounts) if 0 <= tax <= paid + funded else None


def explode(whole: Frozen, weights: Sequence[int], funded: Sequence[bool]) -> list[Frozen]:
    """A bundle's amounts over its components by their prices at sale (HARD-CASES 17), in their order.

    `weights` are component price x quantity; `funded` says of each discount whether others pay for it.
    """
    paid = split(whole.paid_minor, weights)
    discounts = [split(amount, weights) for amount in whole.discounts]
    parts: list[Frozen] = []
    sold = taxed = 0
    for place, share in enumerate(paid):
        own = tuple(shares[place] for shares in discounts)
        by_others = sum(amount for amount, other in zip(own, funded, strict=True) if other)
        sold += share + by_others
        reached = target(whole.tax_minor, sold, whole.sold_minor)
        parts.append(Frozen(share + sum(own), share, by_others, reached - taxed, own))
        taxed = reached
    return parts


def share(whole: Share, before: int, after: int, ordered: int) -> Share:
    """What units `before` .. `after` of `ordered` are worth: prefix targets, so that all shares sum exactly.

    Tax is nested in what was sold up to there, so that it never exceeds it.
    """
    if before == 0 and after == ordered:
        return whole
    paid_minor, funded_minor, tax_minor = whole
    sold = paid_minor + funded_minor
    paid = target(paid_minor, before, ordered), target(paid_minor, after, ordered)
    funded = target(funded_minor, before, ordered), target(funded_minor, after, ordered)
    tax = target(tax_minor, paid[0] + funded[0], sold), target(tax_minor, paid[1] + funded[1], sold)
    return Share(paid[1] - paid[0], funded[1] - funded[0], tax[1] - tax[0])


def base_number(number: str) -> str:
    """The number a source gave, without the count of a later increment."""
    return _INCREMENT.sub("", number) if "~" in number else number


def next_number(base: str, taken: set[str]) -> str:
    """The number for what is added to `base`: itself, then base~2, base~3 ..."""
    if base not in taken:
        return base
    count = 2
    while f"{base}~{count}" in taken:
        count += 1
    return f"{base}~{count}"
