"""The fees of a plan beside the words that the verdict has for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from guicang.returns.settlement import Fee, Plan


class Charge(NamedTuple):
    """A fee that a settlement keeps back of a line. `fee` as the verdict keeps it."""

    line_id: UUID
    fee: Mapping[str, Any]
    amount_minor: int


def charges_of(verdict: Mapping[str, Any], plans: Iterable[Plan]) -> list[Charge]:
    """By line, in the order of the plans; what somebody keeps back by hand is none of the policy's fees."""
    said = verdict.get("lines", {})
    found = []
    for plan in plans:
        for line in plan.lines:
            named = {Fee.of(fee).key: fee for fee in said.get(str(line.ref), {}).get("terms", {}).get("fees", ())}
            found += [Charge(line.ref, named[key], amount) for key, amount in line.fees.items() if key in named]
    return found
