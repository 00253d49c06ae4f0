"""Talks about a part refund for goods that stay with the buyer: sides, states, and how far an offer may go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from guicang.kernel.money import split
from guicang.policy.rules.terms import WHOLE_BP
from guicang.returns.lifecycle import LineKind

#: How long an offer holds where the policy does not say.
OFFER_HOURS = 72
#: What a buyer can keep: goods that he has.
KEEPABLE = (LineKind.GOODS, LineKind.KEEP)
COMMANDS = ("offer", "accept_offer", "decline_offer")


class Side(StrEnum):
    STAFF = "staff"
    CUSTOMER = "customer"


class OfferState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    COUNTERED = "countered"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Stakes:
    """What a return would pay if all of it came back, by line; `room_minor` of that staff may offer by themselves."""

    planned: Mapping[UUID, int]
    room_minor: int
    hours: int

    @property
    def planned_minor(self) -> int:
        return sum(self.planned.values())

    def shares(self, amount_minor: int) -> dict[UUID, int]:
        """The amount over the lines, in proportion to what each would pay: never more than that of any line."""
        amounts = split(amount_minor, list(self.planned.values()))
        return dict(zip(self.planned, amounts, strict=True))


def stakes(planned: Mapping[UUID, int], verdict: Mapping[str, Any]) -> Stakes:
    """The room is each line's own, as its policy said; a line whose policy says nothing adds none."""
    whole: Mapping[str, Any] = verdict.get("terms", {})
    lines: Mapping[str, Any] = verdict.get("lines", {})
    rooms = {key: lines.get(str(key), {"terms": whole})["terms"].get("room_bp") or 0 for key in planned}
    room = sum(amount * rooms[key] for key, amount in planned.items()) // WHOLE_BP
    return Stakes(planned, room, int(whole.get("offer_hours") or OFFER_HOURS))


def can_be_kept(kinds: Iterable[str]) -> bool:
    """Only a return of goods and nothing else: what was never shipped, or belongs to no order, cannot be kept."""
    found = list(kinds)
    return bool(found) and all(kind in KEEPABLE for kind in found)
