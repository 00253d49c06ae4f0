"""How much money without goods somebody of a role may grant: an act, a customer's month, his own month. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

#: The most that a limit may say.
MOST_MINOR = 10**12


class Limit(NamedTuple):
    """Of a role, in minor units of the company's currency; 0: no limit."""

    act_minor: int = 0
    customer_minor: int = 0
    agent_minor: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """`roles`: what each may grant; a role that is not named has no limit."""

    roles: Mapping[str, Limit] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        return {role: list(limit) for role, limit in sorted(self.roles.items()) if any(limit)}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Rules:
        return cls({role: Limit(*said) for role, said in data.items()})


class Given(NamedTuple):
    """What was granted so far this month: to the customer, by the one who grants."""

    customer_minor: int
    agent_minor: int


def month_of(at: datetime, zone: str) -> int:
    """A calendar month where the company is: 202611."""
    there = at.astimezone(ZoneInfo(zone))
    return there.year * 100 + there.month


def above(limit: Limit, amount_minor: int, given: Given) -> tuple[str, int] | None:
    """The first limit that `amount_minor` goes beyond, and what is left of it; None where none."""
    for name, most, so_far in (
        ("act", limit.act_minor, 0),
        ("customer", limit.customer_minor, given.customer_minor),
        ("agent", limit.agent_minor, given.agent_minor),
    ):
        if most and so_far + amount_minor > most:
            return name, max(0, most - so_far)
    return None
