"""What a return without an order pays: the first of a company's sources that knows a price, and what it goes by.

Pure. Amounts are what the buyer pays, tax within; a price of so many units is the share of a sale's whole, so that
it is exact whatever a single unit comes to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from guicang.kernel.ids import NIL
from guicang.kernel.money import divide_half_up, tax_within

#: Where a price may come from: agreed with the customer, last sold to him, lowest to him or to anybody in the days.
SOURCES = ("agreed", "last", "lowest", "lowest_any")
#: What somebody said himself.
PERSON = "person"
#: Where what is paid goes: it stays the customer's credit, or it is paid out to his bank account.
PAYS = ("account", "bank")
#: The last day of a price that holds until somebody says otherwise.
FOREVER = date(9999, 12, 31)
#: Bounds of what rules may say.
BOUNDS: Mapping[str, tuple[int, int]] = {"days": (1, 3650), "most_minor": (0, 10**12)}


@dataclass(frozen=True, slots=True)
class Rules:
    """`sources` in their order of preference; none: a person prices all. `days`: how far back sales count.

    `most_minor`: beyond it a person prices the line, 0 for no limit. `refers`: goods count as returned of the sale
    that is found, since a red-letter invoice has to name the blue one (红字数电发票).
    """

    sources: tuple[str, ...] = ()
    days: int = 365
    most_minor: int = 0
    refers: bool = False
    pays: str = "account"

    def as_data(self) -> dict[str, Any]:
        return asdict(self) | {"sources": list(self.sources)}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Rules:
        return cls(**{**data, "sources": tuple(data["sources"])})

    @property
    def own_sales(self) -> str:
        """Which of the customer's own sales comes first where goods count as returned of it; '' where none does."""
        return next((source for source in self.sources if source in ("last", "lowest")), "")


class Sale(NamedTuple):
    """A line that was sold; `paid_minor` for `ordered` units, less goodwill. `mine`: to the customer himself."""

    order_id: UUID
    order_line_id: UUID
    number: str
    day: date
    ordered: int
    paid_minor: int
    sold_minor: int
    tax_minor: int
    rate: Decimal
    mine: bool

    @property
    def unit(self) -> Fraction:
        return Fraction(self.paid_minor, self.ordered)


class Agreed(NamedTuple):
    """A price agreed with the customer, for a unit, tax within."""

    unit_minor: int
    since: date
    until: date


class Price(NamedTuple):
    """What a line pays, and what it goes by."""

    rule: str
    amount_minor: int
    tax_minor: int
    rate: Decimal
    sale: Sale | None = None
    agreed: Agreed | None = None


def ordered(source: str, sales: Iterable[Sale]) -> list[Sale]:
    """The sales that a source looks at, the one it takes first."""
    wanted = [one for one in sales if one.mine or source == "lowest_any"]
    wanted.sort(key=lambda one: (one.day, one.order_line_id), reverse=True)
    return wanted if source == "last" else sorted(wanted, key=lambda one: one.unit)


def price(
    rules: Rules, units: int, sales: Sequence[Sale], agreed: Agreed | None, rate: Decimal
) -> tuple[Price | None, str]:
    """The first source that knows one; else None, and why: nothing found, or above the limit.

    `rate`: the tax on the goods today, for a price that no sale tells the tax of.
    """
    found = next((one for source in rules.sources if (one := _of(source, units, sales, agreed, rate))), None)
    if found is None:
        return None, "nothing_found"
    if rules.most_minor and found.amount_minor > rules.most_minor:
        return None, "above_limit"
    return found, ""


def _of(source: str, units: int, sales: Sequence[Sale], agreed: Agreed | None, rate: Decimal) -> Price | None:
    if source == "agreed":
        if agreed is None:
            return None
        amount = agreed.unit_minor * units
        return Price(source, amount, tax_within(amount, rate), rate, agreed=agreed)
    sale = next(iter(ordered(source, sales)), None)
    if sale is None:
        return None
    amount = divide_half_up(sale.paid_minor * units, sale.ordered)
    tax = divide_half_up(sale.tax_minor * amount, sale.sold_minor) if sale.sold_minor else 0
    return Price(source, amount, tax, sale.rate, sale=sale)


def as_data(one: Price, units: int, rules: Rules, version: int) -> dict[str, Any]:
    """What a line keeps of how it was priced."""
    data: dict[str, Any] = {
        "rule": one.rule,
        "units": units,
        "amount_minor": one.amount_minor,
        "tax_minor": one.tax_minor,
        "rate": str(one.rate),
        "days": rules.days,
        "version": version,
        "pays": rules.pays,
    }
    if one.sale is not None:
        data |= {"order_id": str(one.sale.order_id) if one.sale.mine else "", "sold_on": one.sale.day.isoformat()}
        data |= {"order_line_id": str(one.sale.order_line_id), "number": one.sale.number if one.sale.mine else ""}
    if one.agreed is not None:
        data |= {"since": one.agreed.since.isoformat(), "until": one.agreed.until.isoformat()}
    return data


def sale_line_of(priced: Mapping[str, Any]) -> UUID:
    """The order line whose sale told the price; NIL: none did."""
    return UUID(priced["order_line_id"]) if priced.get("order_line_id") else NIL
