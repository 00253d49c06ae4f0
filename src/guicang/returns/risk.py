"""How much a return looks like abuse: plain counts go in, points with their reasons come out. Pure, and never refuses.

Every feature is a count or a share that a person can check; its weight says from where on it counts, how many points
each step adds, and where they end. No feature takes points away, so more returns never make a lower score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

#: What counts, in the order in which it is shown.
FEATURES = (
    *("rate", "velocity", "value", "goods", "weight", "mismatches", "not_received", "worn", "last_day", "shared"),
)
#: Asked for so shortly before the time for returns ran out is asked for at the last moment.
LAST_HOURS = 24
#: Earlier returns count as long as this.
MEMORY_DAYS = 365
#: Of a customer the newest returns and orders up to this many are looked at, and as many others who share something
#: with him; so no rule can ask for more, and nobody's past makes a request slow.
MOST_READ = 500
#: Peers fewer than this say nothing about what is usual.
PEERS_LEAST = 20
#: Between these the peers' likeness is believed: a customer begins with 1 to 200 orders of theirs.
_LIKENESS = (Fraction(1, 200), Fraction(1, 2))
_MILLI = 1000


class Weight(NamedTuple):
    """`start`: from this count on (orders known, times, multiples, percent); `points` a step; at most `most`."""

    points: int
    most: int
    start: int


DEFAULTS: dict[str, Weight] = {
    "rate": Weight(10, 40, 5),
    "velocity": Weight(5, 20, 4),
    "value": Weight(5, 15, 5),
    "goods": Weight(40, 40, 1),
    "weight": Weight(20, 20, 20),
    "mismatches": Weight(15, 30, 1),
    "not_received": Weight(10, 30, 2),
    "worn": Weight(10, 30, 2),
    "last_day": Weight(5, 15, 3),
    "shared": Weight(10, 10, 1),
}
#: Reasons by which a buyer says that goods never came.
CLAIMS = ("not_received", "missing_part")


@dataclass(frozen=True, slots=True)
class Rules:
    """What a company says: `on`; from `threshold` points a person looks; `days`: requests of how many days count
    together; `claims`: reasons that say that goods did not come.
    """

    on: bool = False
    threshold: int = 50
    days: int = 30
    claims: tuple[str, ...] = CLAIMS
    weights: Mapping[str, Weight] = field(default_factory=lambda: dict(DEFAULTS))

    def as_data(self) -> dict[str, Any]:
        said = {name: list(weight) for name, weight in self.weights.items()}
        return {**asdict(self), "claims": list(self.claims), "weights": said}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Rules:
        """As `as_data` wrote it; a feature that came later counts as it does by default."""
        said = {name: Weight(*triple) for name, triple in data["weights"].items()}
        return cls(data["on"], data["threshold"], data["days"], tuple(data["claims"]), DEFAULTS | said)


class Peers(NamedTuple):
    """A company's customers together. `squares`: sum of orders²; `milli`: sum of 1000 returned² / orders."""

    customers: int
    orders: int
    returned: int
    squares: int
    milli: int


class Prior(NamedTuple):
    """What a customer begins with before he orders: so many orders, of which so many came back, in thousandths."""

    returned_milli: int
    orders_milli: int

    @property
    def mean(self) -> Fraction:
        return Fraction(self.returned_milli, self.orders_milli)

    def rate(self, returned: int, orders: int) -> Fraction:
        """The share of a customer's orders that come back, as it is believed after these."""
        return Fraction(self.returned_milli + returned * _MILLI, self.orders_milli + orders * _MILLI)


def prior(peers: Peers) -> Prior | None:
    """The beta distribution of the customers' shares, by moments (weights: orders); None: too little is known.

    `likeness` is the correlation of two orders of one customer: 0, all return alike; 1, each always or never.
    """
    n, orders = peers.customers, peers.orders
    if n < PEERS_LEAST or not 0 < peers.returned < orders:
        return None
    mean = Fraction(peers.returned, orders)
    spread = Fraction(peers.milli, _MILLI) - mean * peers.returned
    room = orders - Fraction(peers.squares, orders) - (n - 1)
    likeness = (spread / (mean * (1 - mean)) - (n - 1)) / room if room > 0 else _LIKENESS[0]
    likeness = min(max(likeness, _LIKENESS[0]), _LIKENESS[1])
    strength = 1 / likeness - 1
    return Prior(max(1, round(mean * strength * _MILLI)), round(strength * _MILLI))


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of a customer and of this return of his. All counts but `returned` hold this return as well.

    `orders`, `returned`: his other orders, and how many of them a return was made for. `requests`: within the
    company's days. `not_received`, `worn`, `last_day`, `mismatches` (earlier returns whose goods differed): within
    the memory. `goods`: lines of this return with another serial number or other goods; `weight`: percent by which
    its parcels are off. `shared`: other customers of the shop with his phone, e-mail or WeChat.
    """

    orders: int = 0
    returned: int = 0
    prior: Prior | None = None
    requests: int = 1
    amount_minor: int | None = None
    usual_minor: int = 0
    goods: int = 0
    weight: int = 0
    mismatches: int = 0
    not_received: int = 0
    worn: int = 0
    last_day: int = 0
    shared: int = 0


class Part(NamedTuple):
    """Points of one feature; `data`: the figures that its sentence names."""

    code: str
    points: int
    data: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Score:
    points: int
    parts: tuple[Part, ...] = ()

    def as_data(self) -> list[dict[str, Any]]:
        return [{"code": part.code, "points": part.points, **part.data} for part in self.parts]


def score(features: Features, rules: Rules) -> Score:
    """The points of every feature that counts, and their sum."""
    parts = [
        Part(code, points, data)
        for code in FEATURES
        for steps, data in [_MEASURES.get(code, _times(code))(features, rules.weights[code])]
        if (points := _points(steps, rules.weights[code]))
    ]
    return Score(sum(part.points for part in parts), tuple(parts))


def is_high(points: int, threshold: int, listed: str) -> bool:
    """Whether a person is to look. `listed`: the customer's list, allow, block or ''."""
    return listed == "block" or (points >= threshold and listed != "allow")


def seen(points: int | None) -> int:
    """The points that somebody has looked at, as a return keeps them: -1 where there were none."""
    return -1 if points is None else points


def waits(points: int, high: bool, looked_at: int) -> bool:
    """Whether what a policy does by itself waits for a person: high, and nobody has looked at so many points."""
    return high and points > looked_at


#: How far goods sold by weight may be from what they weighed at the sale, in percent: what dries out or drips.
WEIGHT_TOLERANCE = 3


def weight_off(expected_g: int, found_g: int) -> int:
    """By how many percent a weight is off, rounded; 0 where nobody knows what it should be."""
    return round(Fraction(abs(found_g - expected_g) * 100, expected_g)) if expected_g > 0 and found_g > 0 else 0


_Measured = tuple[Fraction | int, Mapping[str, int]]


def _points(steps: Fraction | int, weight: Weight) -> int:
    return min(weight.most, int(weight.points * steps)) if steps > 0 else 0


def _rate(features: Features, weight: Weight) -> _Measured:
    """A step is ten points of percentage above what peers return."""
    known = features.prior
    if known is None or features.orders < weight.start:
        return 0, {}
    rate = known.rate(features.returned, features.orders)
    data = {"returned": features.returned, "orders": features.orders}
    return (rate - known.mean) * 10, {**data, "rate": round(rate * 100), "peers": round(known.mean * 100)}


def _value(features: Features, weight: Weight) -> _Measured:
    """A step is once more the usual refund."""
    if features.amount_minor is None or features.usual_minor <= 0:
        return 0, {}
    times = features.amount_minor // features.usual_minor
    return times - weight.start + 1, {"times": times}


def _weight(features: Features, weight: Weight) -> _Measured:
    return int(features.weight >= weight.start), {"percent": features.weight}


def _velocity(features: Features, weight: Weight) -> _Measured:
    return features.requests - weight.start + 1, {"times": features.requests}


def _times(code: str) -> Any:
    def measured(features: Features, weight: Weight) -> _Measured:
        count: int = getattr(features, code)
        return count - weight.start + 1, {"times": count}

    return measured


_MEASURES = {"rate": _rate, "value": _value, "weight": _weight, "velocity": _velocity}
