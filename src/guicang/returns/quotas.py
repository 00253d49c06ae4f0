"""How much a customer may send back in a year: a share of what he bought, an amount, or both together. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from guicang.kernel.money import divide_half_up

#: A whole, in hundredths of a percent.
WHOLE_BP = 10_000
#: Whose purchases count, and what happens above the quota.
OF, ABOVE = ("this_year", "last_year"), ("review", "refuse", "fee")
#: Bounds of what rules may say.
BOUNDS: Mapping[str, tuple[int, int]] = {
    "share_bp": (0, WHOLE_BP),
    "fixed_minor": (0, 10**13),
    "fee_bp": (0, WHOLE_BP),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """`share_bp` of the purchases `of` a year, and `fixed_minor`, make the quota; neither: there is none.

    `above`: a person decides, it is refused, or `fee_bp` of what lies above is kept back.
    """

    share_bp: int = 0
    of: str = "this_year"
    fixed_minor: int = 0
    above: str = "review"
    fee_bp: int = 0

    @property
    def on(self) -> bool:
        return bool(self.share_bp or self.fixed_minor)

    def quota(self, purchases_minor: int) -> int:
        return divide_half_up(purchases_minor * self.share_bp, WHOLE_BP) + self.fixed_minor

    def fee(self, excess_minor: int) -> int:
        return divide_half_up(excess_minor * self.fee_bp, WHOLE_BP)

    def year_of_purchases(self, year: int) -> int:
        return year - (self.of == "last_year")

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> Rules:
        return cls(**data)


def year_of(at: datetime, zone: str) -> int:
    """The calendar year of an instant where the company is."""
    return at.astimezone(ZoneInfo(zone)).year


def span(year: int, zone: str) -> tuple[datetime, datetime]:
    """A calendar year there: from its first instant to that of the next one."""
    first = datetime(year, 1, 1, tzinfo=ZoneInfo(zone))
    return first, datetime(year + 1, 1, 1, tzinfo=ZoneInfo(zone))


def holds(asked_minor: int, paid_minor: int, *, decision: str, ending: str, settled: bool) -> int:
    """What a return takes of the quota: what was asked for, what was paid once it is settled, nothing given up."""
    if decision == "rejected" or ending in ("cancelled", "expired"):
        return 0
    return min(asked_minor, max(0, paid_minor)) if settled or ending else asked_minor
