"""What goods cost that are given in place of others, and what remains between the two (HARD-CASES 10, 11).

The same item costs what is given back for it, whatever it is listed at today: nothing remains. Another one costs its
price, with its tax. What is given back pays the new goods as far as it reaches, by the tenders that had paid the old
ones, so that it can go back the same way once more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from guicang.kernel.ids import NIL
from guicang.kernel.money import split, target
from guicang.trade.rules import tax_of


class Pricing(StrEnum):
    """Why a unit costs what it costs."""

    SAME = "same"  # the same item: what is given back for the old one
    LISTED = "listed"
    STATED = "stated"  # by somebody who may


class Item(NamedTuple):
    """A SKU as far as its price goes; `list_price_minor` None: nobody said."""

    sku_id: UUID
    product_id: UUID = NIL
    list_price_minor: int | None = None


def same_item(had: Item, wanted: Item) -> bool:
    """The same SKU, or a variant of the same product that the company sells at the same price today."""
    if had.sku_id == wanted.sku_id:
        return True
    variants = had.product_id == wanted.product_id != NIL
    return variants and had.list_price_minor == wanted.list_price_minor


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What a settlement gives back for `units` of a line: to the buyer, to whoever funded a part, the tax within."""

    units: int
    paid_minor: int
    funded_minor: int = 0
    tax_minor: int = 0


@dataclass(frozen=True, slots=True)
class Instead:
    """`units` wanted in place of `per` units. `unit_minor`: without tax where the order states prices so."""

    ref: UUID
    units: int
    per: int
    pricing: str = Pricing.SAME
    unit_minor: int = 0
    tax_rate: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Priced:
    """What is given in place, for all `units` together; `paid_minor` with tax."""

    ref: UUID
    units: int
    paid_minor: int
    funded_minor: int = 0
    tax_minor: int = 0


def price(given: GivenBack, wanted: Sequence[Instead], *, inclusive: bool) -> list[Priced]:
    """What is given in place of units of one line, in the order it was asked for; of fewer units back, fewer again.

    A line may give back less than nothing where more is withheld on it than its goods paid: what is given in its place
    costs nothing then, and the difference is collected.
    """
    found: list[Priced] = []
    used = 0
    given = GivenBack(given.units, max(0, given.paid_minor), given.funded_minor, max(0, given.tax_minor))
    sold = given.paid_minor + given.funded_minor
    for one in wanted:
        units = one.units * given.units // one.per if one.per else 0
        if not units:
            continue
        if one.pricing == Pricing.SAME:
            before, used = used, min(given.units, used + units)
            paid = target(given.paid_minor, used, given.units) - target(given.paid_minor, before, given.units)
            funded = target(given.funded_minor, used, given.units) - target(given.funded_minor, before, given.units)
            reached = target(sold, used, given.units), target(sold, before, given.units)
            tax = target(given.tax_minor, reached[0], sold) - target(given.tax_minor, reached[1], sold) if sold else 0
            # Where prices are stated without tax, others fund a part of the price and never of its tax.
            found.append(Priced(one.ref, units, paid, funded, min(tax, paid + funded if inclusive else paid)))
        else:
            stated = one.unit_minor * units
            tax = tax_of(stated, one.tax_rate, inclusive=inclusive)
            found.append(Priced(one.ref, units, stated if inclusive else stated + tax, 0, tax))
    return found


def difference(paid_back_minor: int, cost_minor: int) -> int:
    """What is still to be collected (above zero) or to be given back (below) once all is settled."""
    return cost_minor - paid_back_minor


def transfer(tenders: Sequence[tuple[UUID, int]], open_minor: int) -> Mapping[UUID, int]:
    """Of what goes back by each tender, what pays the new goods instead: at most what is open of them."""
    moved = min(max(0, open_minor), sum(amount for _, amount in tenders))
    shares = split(moved, [amount for _, amount in tenders]) if moved else []
    return {key: share for (key, _), share in zip(tenders, shares, strict=False) if share}
