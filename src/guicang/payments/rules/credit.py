"""How a balance of store credit 余额 lies in its lots: what is spent first, what comes back, what is taken back.

Amounts are minor units of the account's currency. A lot is refunded money or a bonus; a bonus runs out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from guicang.kernel.ids import NIL, new_id
from guicang.kernel.money import divide_half_up

MONEY, BONUS = "money", "bonus"
_NEVER = datetime.max.replace(tzinfo=UTC)
WHOLE_BP = 10_000


class Part(NamedTuple):
    """What a movement puts into a lot (> 0) or takes out of it."""

    lot_id: UUID
    amount_minor: int


@dataclass(slots=True)
class Lot:
    """`expires_at` None: never; else the first instant at which it is gone. `rate`: book units a unit as it came."""

    kind: str
    issued_minor: int
    left_minor: int = 0
    expires_at: datetime | None = None
    settlement_id: UUID = NIL
    rate: Decimal = Decimal(1)
    warned: bool = False
    id: UUID = field(default_factory=new_id)

    def usable(self, now: datetime) -> int:
        return self.left_minor if self.expires_at is None or now < self.expires_at else 0

    @property
    def turn(self) -> tuple[datetime, bool, UUID]:
        """The first to run out goes first; of two alike the bonus before the money, the older before the newer."""
        return self.expires_at or _NEVER, self.kind == MONEY, self.id


def usable(lots: Iterable[Lot], now: datetime) -> int:
    return sum(lot.usable(now) for lot in lots)


def add(lot: Lot) -> list[Part]:
    lot.left_minor += lot.issued_minor
    return [Part(lot.id, lot.issued_minor)]


def spend(lots: Iterable[Lot], amount: int, now: datetime) -> list[Part]:
    """Take `amount` out of what has not run out, the first to run out first. Raises ValueError where it is short."""
    parts = _take([(lot, lot.usable(now)) for lot in sorted(lots, key=lambda lot: lot.turn)], amount)
    if sum(part.amount_minor for part in parts) + amount:
        raise ValueError(f"{amount} is more than there is")
    return parts


def restore(lots: Mapping[UUID, Lot], spent: Sequence[Part], amount: int) -> list[Part]:
    """Put what was spent (`spent`: net, by lot) back where it came from, its expiry as it was.

    What was spent last comes back first: money before a bonus, what lasts longer before what runs out.
    Raises ValueError where less was spent.
    """
    found: list[Part] = []
    held = {part.lot_id: -part.amount_minor for part in spent if part.amount_minor < 0}
    for lot in sorted((lots[key] for key in held), key=lambda lot: lot.turn, reverse=True):
        if part := min(amount, held[lot.id]):
            lot.left_minor += part
            amount -= part
            found.append(Part(lot.id, part))
    if amount:
        raise ValueError(f"{amount} more than was spent")
    return found


def take_back(lots: Iterable[Lot], amount: int, own: Iterable[UUID]) -> list[Part]:
    """Take `amount`, or all there is, out of the lots named in `own` first, then out of the others by their turn."""
    named = set(own)
    order = sorted(lots, key=lambda lot: (lot.id not in named, lot.turn))
    return _take([(lot, lot.left_minor) for lot in order], amount)


def _take(order: Iterable[tuple[Lot, int]], amount: int) -> list[Part]:
    found: list[Part] = []
    for lot, most in order:
        if part := min(amount, most):
            lot.left_minor -= part
            amount -= part
            found.append(Part(lot.id, -part))
    return found


def gone(lots: Iterable[Lot], now: datetime) -> list[Lot]:
    """Lots with something left whose time is over."""
    return sorted((lot for lot in lots if lot.left_minor and not lot.usable(now)), key=lambda lot: lot.turn)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a company says about store credit of one currency; without a row, all is off.

    A refund that goes to store credit instead of cash gets `bonus_bp` more (hundredths of a percent), at most
    `bonus_most_minor` (0: no limit), gone after `bonus_days`. Refunded money never runs out unless `money_days` says
    so and `money_lawful` that somebody looked whether the law of the market allows it. Customers are told `warn_days`
    before something runs out.

    `coupon_*`: after a settled return of at least `coupon_from_minor` whose fault is among `coupon_faults` (of a
    customer's first one only, if `coupon_first`) a code is issued once: `coupon_bp` of a purchase or `coupon_minor`
    off one of at least `coupon_least_minor`, within `coupon_days`.
    """

    bonus_bp: int = 0
    bonus_most_minor: int = 0
    bonus_days: int = 180
    money_days: int = 0
    money_lawful: bool = False
    warn_days: int = 14
    coupon_on: bool = False
    coupon_bp: int = 0
    coupon_minor: int = 0
    coupon_least_minor: int = 0
    coupon_days: int = 60
    coupon_from_minor: int = 0
    coupon_first: bool = False
    coupon_faults: tuple[str, ...] = ("seller", "carrier")

    def bonus(self, amount_minor: int) -> int:
        """How much more a refund of `amount_minor` is worth as store credit."""
        bonus = divide_half_up(max(0, amount_minor) * self.bonus_bp, WHOLE_BP)
        return min(bonus, self.bonus_most_minor) if self.bonus_most_minor else bonus

    def money_ends(self, at: datetime) -> datetime | None:
        return at + timedelta(days=self.money_days) if self.money_days and self.money_lawful else None

    def bonus_ends(self, at: datetime) -> datetime:
        return at + timedelta(days=self.bonus_days)

    def as_data(self) -> dict[str, Any]:
        return {**asdict(self), "coupon_faults": list(self.coupon_faults)}

    @staticmethod
    def of(data: Mapping[str, Any]) -> Rules:
        known = {name: value for name, value in data.items() if name in Rules.__dataclass_fields__}
        return Rules(**{**known, "coupon_faults": tuple(known.get("coupon_faults", ()))})


#: The most and the least that rules may say.
BOUNDS: dict[str, tuple[int, int]] = {
    "bonus_bp": (0, WHOLE_BP),
    "bonus_most_minor": (0, 10**9),
    "bonus_days": (1, 3650),
    "money_days": (0, 3650),
    "warn_days": (1, 90),
    "coupon_bp": (0, WHOLE_BP),
    "coupon_minor": (0, 10**9),
    "coupon_least_minor": (0, 10**9),
    "coupon_days": (1, 3650),
    "coupon_from_minor": (0, 10**9),
}
