"""What is allowed, from plain facts and frozen terms. Knows neither orders nor returns, and no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

Answer = Literal["allow", "refuse", "review"]

#: The plain default until a merchant states a policy.
PLAIN = {"days": 30, "counted_from": "shipment"}


@dataclass(frozen=True, slots=True)
class Terms:
    """`days` counted from the day after `counted_from` (shipment or delivery), the last one inclusive."""

    days: int = 30
    counted_from: Literal["shipment", "delivery"] = "shipment"

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Terms:
        """Terms as `PolicyVersion.terms` keeps them. Raises ValueError for what is no policy."""
        days, counted_from = data.get("days", 30), data.get("counted_from", "shipment")
        if not isinstance(days, int) or days < 0 or counted_from not in ("shipment", "delivery"):
            raise ValueError(f"not terms of a policy: {dict(data)}")
        return cls(days, counted_from)


@dataclass(frozen=True, slots=True)
class Facts:
    """`zone` is the market's. `returnable` False: by the SKU; `confirmed_non_returnable`: the buyer agreed to it.

    `seller_fault`: the buyer's reason is the fault of the seller or of his carrier, if the buyer is right.
    """

    asked_at: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None = None
    zone: str = "Asia/Shanghai"
    returnable: bool = True
    confirmed_non_returnable: bool = False
    seller_fault: bool = False
    has_order: bool = True


@dataclass(frozen=True, slots=True)
class Reason:
    """`code` for programs; the texts stand in `policy.queries.reason_text`."""

    code: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`deadline` is exclusive: asked at or after it is too late. None where no time runs."""

    answer: Answer
    reasons: tuple[Reason, ...] = ()
    deadline: datetime | None = None

    def as_data(self) -> dict[str, Any]:
        """As it is stored with a return."""
        return {
            "answer": self.answer,
            "reasons": [{"code": reason.code, **reason.data} for reason in self.reasons],
            "deadline": self.deadline.isoformat() if self.deadline else None,
        }


def deadline(counted_from: datetime, days: int, zone: str) -> datetime:
    """The exclusive instant after the last of `days` days, counted from the day after, in the market's zone.

    HARD-CASES 19: delivered 2026-11-03 23:30 +08:00 with 7 days ends at 2026-11-10T16:00:00Z. A public
    holiday on the last day does not extend it (民法典 203 [M]: a switch of a later rule set, off by default).
    """
    market = ZoneInfo(zone)
    first_day_after = counted_from.astimezone(market).date() + timedelta(days=days + 1)
    return datetime.combine(first_day_after, time.min, market).astimezone(UTC)


def verdict(facts: Facts, terms: Terms) -> Verdict:
    """Allow, refuse, or leave it to a person, with all the reasons; never raises."""
    reasons: list[Reason] = []
    until: datetime | None = None
    if not facts.has_order:
        reasons.append(Reason("no_order", {}))
    started = facts.shipped_at
    if terms.counted_from == "delivery":
        # Not delivered yet as far as we know: the time has not begun, so it has not run out either.
        started = facts.delivered_at
    if started is not None:
        until = deadline(started, terms.days, facts.zone)
        if facts.asked_at >= until:
            reasons.append(Reason("too_late", {"deadline": until.isoformat(), "days": terms.days}))
    if not facts.returnable:
        agreed = Reason("non_returnable_confirmed", {}) if facts.confirmed_non_returnable else None
        reasons.append(agreed or Reason("non_returnable_unconfirmed", {}))
    return Verdict(_answer({reason.code for reason in reasons}, facts.seller_fault), tuple(reasons), until)


def _answer(codes: set[str], seller_fault: bool) -> Answer:
    """Goods said to be wrong or faulty are never refused by time or kind alone: a person looks.

    Nor is an item that may not come back by its kind without the buyer's recorded confirmation (消法 25).
    """
    if not codes:
        return "allow"
    hard = codes & {"too_late", "non_returnable_confirmed"}
    return "refuse" if hard and not seller_fault else "review"
