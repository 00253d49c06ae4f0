"""What a parcel on its way back costs: rates by zone, warehouse and carrier. Pure, amounts in minor units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, NamedTuple

#: Most rates of a table, and the largest amount or weight that one names.
MOST_RATES, MOST = 2_000, 10**9


@dataclass(frozen=True, slots=True)
class Rate:
    """`first_minor` for up to `first_g` grams, then `next_minor` for each `next_g` begun; `next_g` 0: flat.

    `zone`: the market that the goods come from, `warehouse`: where they go, both by code; `carrier`: who brings them.
    '' is for all. It counts from the day `valid_from` until a later one of the same three does.
    """

    first_minor: int
    valid_from: date
    zone: str = ""
    warehouse: str = ""
    carrier: str = ""
    first_g: int = 0
    next_g: int = 0
    next_minor: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        return self.zone, self.warehouse, self.carrier

    def cost(self, weight_g: int) -> int:
        """Weight that nobody knows (0) costs the first step."""
        if not self.next_g:
            return self.first_minor
        beyond = max(0, weight_g - self.first_g)
        return self.first_minor + -(-beyond // self.next_g) * self.next_minor

    def as_data(self) -> dict[str, Any]:
        return {**asdict(self), "valid_from": self.valid_from.isoformat()}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Rate:
        return cls(**{**data, "valid_from": date.fromisoformat(data["valid_from"])})


class Cost(NamedTuple):
    """What it costs, by which carrier ('': whichever)."""

    amount_minor: int
    carrier: str


def cost_of(rates: Iterable[Rate], *, zone: str, warehouse: str, day: date, weight_g: int) -> Cost | None:
    """The cheapest carrier's, each by the rate that names most of zone and warehouse, then the newest; None: none."""
    best: dict[str, Rate] = {}
    for rate in rates:
        fits = rate.zone in ("", zone) and rate.warehouse in ("", warehouse) and rate.valid_from <= day
        if fits and (rate.carrier not in best or _precise(rate) > _precise(best[rate.carrier])):
            best[rate.carrier] = rate
    costs = [Cost(rate.cost(weight_g), carrier) for carrier, rate in best.items()]
    return min(costs, default=None)


def _precise(rate: Rate) -> tuple[int, bool, date]:
    return bool(rate.zone) + bool(rate.warehouse), bool(rate.zone), rate.valid_from


def wrong_rates(rates: Iterable[Rate]) -> dict[int, str]:
    """What is wrong with rates, by their place from 1 on: a code of `errors`."""
    found: dict[int, str] = {}
    seen: set[tuple[tuple[str, str, str], date]] = set()
    for place, rate in enumerate(rates, 1):
        numbers = (rate.first_minor, rate.first_g, rate.next_g, rate.next_minor)
        if not all(0 <= number <= MOST for number in numbers) or (rate.next_minor and not rate.next_g):
            found[place] = "bounds"
        elif (rate.key, rate.valid_from) in seen:
            found[place] = "twice"
        seen.add((rate.key, rate.valid_from))
    return found
