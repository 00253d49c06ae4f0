"""What the fees of a verdict come to, in minor units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from guicang.kernel.money import target
from guicang.policy.rules.terms import WHOLE_BP


class Charged(NamedTuple):
    """A line of a request: the fees its verdict names, what it would pay back, and its units."""

    fees: Sequence[Mapping[str, Any]]
    paid_minor: int
    units: int


class Taken(NamedTuple):
    """What a fee comes to. `place`: of its line among those that were asked about."""

    place: int
    fee: Mapping[str, Any]
    amount_minor: int


def charges(lines: Iterable[Charged]) -> list[Taken]:
    """Every fee; of a line never more than it pays back, and one that is per return once.

    Those that depend on the grade are left out: it is found on inspection.
    """
    found: list[Taken] = []
    once: list[Mapping[str, Any]] = []
    for place, line in enumerate(lines):
        left = max(line.paid_minor, 0)
        for fee in line.fees:
            if fee.get("grades") or (fee["per"] == "return" and fee in once):
                continue
            if fee["per"] == "return":
                once.append(fee)
            amount = min(_one(fee, line), left)
            left -= amount
            if amount:
                found.append(Taken(place, fee, amount))
    return found


def _one(fee: Mapping[str, Any], line: Charged) -> int:
    if fee["kind"] == "percent":
        return target(max(line.paid_minor, 0), int(fee["value"]), WHOLE_BP)
    return int(fee["value"]) * (line.units if fee["per"] == "unit" else 1)
