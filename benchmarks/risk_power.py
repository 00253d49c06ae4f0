"""How much of later returns the risk points foresee, on a real ledger: `python -m benchmarks.risk_power`.

The ledger knows no abuse, so nothing here says how well abuse is found. It says whether customers whom the points
name at one day have more of their later orders returned than others do.

1. Rows of goods with a customer are read. An invoice is an order; a credit ("C...") returns its goods from the
   customer's latest orders before it that still have them. An order with a returned unit is a returned order.
2. At the cut, what was known then makes peers (`risk.prior`), each customer's believed rate and his points by the
   weights that ship (`risk.score`; the ledger shows the rate and the velocity, nothing else).
3. Every order after the cut of a customer known at the cut is one case; it counts as returned where it was later.
   AUC: how often a returned order's customer stood above another's (ties half). Lift: the share of returned orders
   among the tenth with the highest score, by the share among all; ties at its edge are shared out.
   The interval is of 1,000 samples of customers.
"""

from __future__ import annotations

import argparse
import csv
import lzma
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

from guicang.returns.risk import DEFAULTS, Features, Peers, Prior, Rules, prior, score

LEDGER = Path(__file__).parents[2] / "shared" / "data" / "online_retail_2010-12_2011-06.csv.xz"
SAMPLES = 1000
#: From so many orders on the rate counts.
LEAST = DEFAULTS["rate"].start


@dataclass(slots=True)
class Order:
    at: datetime
    units: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    returned_at: datetime | None = None


@dataclass(slots=True)
class Customer:
    orders: dict[str, Order] = field(default_factory=dict)
    credits: dict[str, datetime] = field(default_factory=dict)


class Case(NamedTuple):
    """An order after the cut: whose, his scores at the cut, and whether it was returned."""

    customer: str
    points: float
    rate: float
    raw: float
    known: int
    returned: bool


def read(path: Path) -> tuple[dict[str, Customer], int, int]:
    """Customers with their orders; how many units were credited, and how many of those found an order."""
    customers: dict[str, Customer] = defaultdict(Customer)
    credited = found = 0
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        rows = sorted(csv.DictReader(lines), key=lambda row: row["InvoiceDate"])
    for row in rows:
        number, code, units = row["InvoiceNo"], row["StockCode"], int(row["Quantity"])
        if not row["CustomerID"] or not code[:1].isdigit():
            continue
        at, customer = datetime.fromisoformat(row["InvoiceDate"]), customers[row["CustomerID"]]
        if units > 0 and not number.startswith("C"):
            customer.orders.setdefault(number, Order(at)).units[code] += units
        elif number.startswith("C"):
            customer.credits[number] = at
            credited -= units
            found += _take_back(customer, code, -units, at)
    return dict(customers), credited, found


def _take_back(customer: Customer, code: str, units: int, at: datetime) -> int:
    """Units that orders before still have go back, the latest order first; how many there were."""
    left = units
    for order in reversed(customer.orders.values()):
        back = min(left, order.units.get(code, 0))
        if back:
            order.units[code] -= back
            left -= back
            order.returned_at = order.returned_at or at
    return units - left


def cases(customers: dict[str, Customer], cut: datetime) -> tuple[list[Case], Prior]:
    before = {key: [order for order in who.orders.values() if order.at < cut] for key, who in customers.items()}
    counts = {
        key: (len(orders), sum(order.returned_at is not None and order.returned_at < cut for order in orders))
        for key, orders in before.items()
        if orders
    }
    squares, milli = sum(n * n for n, _ in counts.values()), sum(1000 * k * k // n for n, k in counts.values())
    orders, returned = sum(n for n, _ in counts.values()), sum(k for _, k in counts.values())
    peers = prior(Peers(len(counts), orders, returned, squares, milli))
    if peers is None:
        raise SystemExit("too few customers before the cut")
    found = []
    for key, (n, k) in counts.items():
        requests = sum(cut - timedelta(days=Rules().days) <= at < cut for at in customers[key].credits.values())
        points = score(Features(orders=n, returned=k, prior=peers, requests=requests + 1), Rules(on=True)).points
        rate = float(peers.rate(k, n))
        found += [
            Case(key, points, rate, k / n, n, order.returned_at is not None)
            for order in customers[key].orders.values()
            if order.at >= cut
        ]
    return found, peers


Measure = Callable[[Case], float]


def auc(found: Sequence[Case], measure: Measure) -> float:
    """The share of pairs (returned, kept) that the measure puts in the right order; ties half."""
    ranked = sorted(found, key=measure)
    kept = wins = 0.0
    for group in _ties(ranked, measure):
        back = sum(case.returned for case in group)
        wins += back * (kept + (len(group) - back) / 2)
        kept += len(group) - back
    returned = len(found) - kept
    return wins / (returned * kept) if returned and kept else 0.5


def lift(found: Sequence[Case], measure: Measure, share: float = 0.1) -> float:
    """Returned orders among the top `share`, by those among all."""
    left = most = len(found) * share
    back = 0.0
    for group in _ties(sorted(found, key=measure, reverse=True), measure):
        taken = min(left, len(group))
        back += taken * sum(case.returned for case in group) / len(group)
        left -= taken
        if left <= 0:
            break
    return (back / most) / (sum(case.returned for case in found) / len(found))


def _ties(ranked: Sequence[Case], measure: Measure) -> Iterable[list[Case]]:
    group: list[Case] = []
    for case in ranked:
        if group and measure(case) != measure(group[0]):
            yield group
            group = []
        group.append(case)
    if group:
        yield group


def interval(found: Sequence[Case], of: Callable[[Sequence[Case]], float]) -> tuple[float, float]:
    """95 % of samples of whole customers: orders of one customer are alike."""
    chance, mine = random.Random(0), defaultdict(list)
    for case in found:
        mine[case.customer].append(case)
    names = list(mine)
    values = sorted(
        of([case for key in chance.choices(names, k=len(names)) for case in mine[key]]) for _ in range(SAMPLES)
    )
    return values[SAMPLES // 40], values[-SAMPLES // 40]


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--ledger", type=Path, default=LEDGER)
    wanted.add_argument("--cut", default="2011-04-01")
    given = wanted.parse_args()
    customers, credited, matched = read(given.ledger)
    found, peers = cases(customers, datetime.fromisoformat(given.cut))
    print(f"{len(customers)} customers; {matched} of {credited} credited units belong to an order of the ledger")
    worth = peers.orders_milli / 1000
    print(f"peers at {given.cut}: {float(peers.mean):.1%} of orders returned, worth {worth:.1f} orders")
    for name, some in (("all", found), (f"{LEAST} orders or more", [case for case in found if case.known >= LEAST])):
        base = sum(case.returned for case in some) / len(some)
        print(f"{name}: {len(some)} later orders of {len({c.customer for c in some})} customers, {base:.1%} returned")
        measures: tuple[tuple[str, Measure], ...] = (
            ("points", lambda case: case.points),
            ("believed rate", lambda case: case.rate),
            ("raw rate", lambda case: case.raw),
        )
        for label, measure in measures:
            low, high = interval(some, partial(auc, measure=measure))
            less, more = interval(some, partial(lift, measure=measure))
            print(
                f"  {label:14} AUC {auc(some, measure):.3f} ({low:.3f} to {high:.3f})"
                f"  top tenth {lift(some, measure):.2f} times the base rate ({less:.2f} to {more:.2f})"
            )


if __name__ == "__main__":
    main()
