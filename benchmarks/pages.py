"""How long the server works on a page of the desk or the portal, or on a call of the API: p50 and p95 in milliseconds,
its statements, and the p95 of our own processor time, which says on a busy machine what an idle one would need (on
SQLite all of it, else without the server).

`python -m benchmarks.pages [--rounds N] [--only desk,portal,api]` asks a filled database (`benchmarks.filling`;
GUICANG_HOME or GUICANG_DATABASE_URL says which) through Django's test client: everything from the request to the
rendered page in one process, without a network. It adds an administrator of its own with a token, and for the portal
as many orders as there are rounds, of which each is returned; limits of how often one may ask are lifted. It asks for
every page with other rows each time, after one round that is not counted. It asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from benchmarks import setup

if TYPE_CHECKING:
    from benchmarks.visitors import Page

Address = Callable[[], str]
FACES = ("desk", "portal", "api")


def desk(rng: random.Random) -> Iterator[tuple[str, Address]]:
    """(name, what makes an address of it), with rows drawn by chance."""
    from guicang.catalog.models import Sku
    from guicang.logistics.models import Parcel
    from guicang.returns.models import Return
    from guicang.sales.models import Order

    def drawn(rows: Any, *columns: str) -> list[tuple[Any, ...]]:
        """A thousand rows spread over all: ids begin with the time, and drawn ones would lie together."""
        found = list(rows.order_by("id").values_list(*columns))
        return rng.sample(found, min(1_000, len(found)))

    returns = drawn(Return.objects, "id", "number", "rma_code", "shop_id")
    orders = drawn(Order.objects, "id", "number", "customer_id")
    parcels = [row[0] for row in drawn(Parcel.objects.exclude(tracking=""), "tracking")]
    skus = drawn(Sku.objects, "id")
    people = phones([row[2] for row in orders])

    def one(rows: list[tuple[Any, ...]], column: int = 0) -> Any:
        return rng.choice(rows)[column]

    yield "home", lambda: "/"
    yield "worklist", lambda: "/returns/"
    yield "worklist, deep page", lambda: f"/returns/?after={one(returns)}"
    yield "worklist, by state", lambda: f"/returns/?state={rng.choice(('requested', 'received', 'closed', 'rejected'))}"
    yield "worklist, by queue", lambda: f"/returns/?queue={rng.choice(('review', 'awaited', 'bay', 'due'))}"
    yield "worklist, by shop", lambda: f"/returns/?shop={one(returns, 3)}"
    yield "worklist, a type nobody asked for", lambda: "/returns/?type=repair"
    yield "worklist, overdue", lambda: "/returns/?overdue=1"
    yield "worklist, received but not refunded", lambda: "/returns/?list=received_not_refunded"
    yield "worklist, search by number", lambda: f"/returns/?q={one(returns, 1)}&state="
    yield "worklist, search by RMA code", lambda: f"/returns/?q={one(returns, 2) or 'RMA'}"
    yield "worklist, search by order", lambda: f"/returns/?q={one(orders, 1)}"
    yield "worklist, search by parcel", lambda: f"/returns/?q={rng.choice(parcels)}"
    yield "worklist, search by phone", lambda: f"/returns/?q={rng.choice(people)}"
    yield "return", lambda: f"/returns/{one(returns)}/"
    yield "orders", lambda: "/orders/"
    yield "orders, deep page", lambda: f"/orders/?after={one(orders)}"
    yield "orders, search by number", lambda: f"/orders/?q={one(orders, 1)}"
    yield "orders, search by phone", lambda: f"/orders/?q={rng.choice(people)}"
    yield "orders, by label", lambda: f"/orders/?label={rng.choice(('none', 'in_progress', 'full'))}"
    yield "order", lambda: f"/orders/{one(orders)}/"
    yield "stock", lambda: f"/stock/?after={one(skus)}"
    yield "moves of a SKU", lambda: f"/stock/{one(skus)}/"
    yield "journal", lambda: "/journal/"
    yield "trial balance", lambda: "/journal/?tab=balance"
    yield "trial balance, a month", lambda: "/journal/?tab=balance&since=2026-10-01&until=2026-10-31"
    yield "database", lambda: "/database/"


def phones(customers: list[UUID]) -> list[str]:
    from guicang.parties import queries as parties

    opened = parties.personal(("customer", key) for key in customers)
    return [each.value for entries in opened.values() for each in entries if each.kind == "phone"]


def pages(rng: random.Random, rounds: int, only: str) -> Iterator[Page]:
    """(name, what draws a request for it) of the faces named in `only`."""
    from benchmarks import visitors
    from guicang.kernel.ids import NIL
    from guicang.staff.models import User

    user, _ = User.objects.get_or_create(username="benchmark", defaults={"role": "admin", "company_id": NIL})
    if "desk" in only:
        client = visitors.browser()
        client.force_login(user)
        for name, address in desk(rng):
            yield name, partial(visitors.reading, client, address)
    if "portal" in only:
        yield from visitors.portal(rng, rounds)
    if "api" in only:
        yield from visitors.program(rng, user)


def lift_limits() -> None:
    from django.conf import settings

    settings.ACCOUNT_RATE_LIMITS, settings.API_RATE = False, 10**9


def measure(rounds: int, seed: int, only: str) -> list[dict[str, Any]]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    found = []
    for name, draw in pages(random.Random(seed), rounds, only):  # nosec B311: chance that repeats
        act = draw()
        with CaptureQueriesContext(connection) as queries:
            answer = act.do(follow=True)
        statements = len(queries)  # now: the next request starts a new log
        if answer.status_code == 302:  # what a form leads to, which is not counted
            answer = act.client.get(answer.headers["Location"])
        if answer.status_code != 200:
            raise RuntimeError(f"{name}: status {answer.status_code}")
        spent, busy = [], []
        for _ in range(rounds):
            act = draw()
            started, worked = time.perf_counter(), time.process_time()
            act.do()
            busy.append((time.process_time() - worked) * 1000)
            spent.append((time.perf_counter() - started) * 1000)
        p95, own = statistics.quantiles(spent, n=20)[-1], statistics.quantiles(busy, n=20)[-1]
        row = {"page": name, "p50": statistics.median(spent), "p95": p95, "own_p95": own}
        found.append({**row, "statements": statements})
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--only", default=",".join(FACES), help="some of " + ", ".join(FACES))
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    os.environ.setdefault("GUICANG_LOG_LEVEL", "ERROR")
    engine = setup.start()
    lift_limits()
    found = measure(arguments.rounds, arguments.seed, arguments.only)
    if arguments.json:
        print(json.dumps({"engine": engine, "pages": found}))
        return 0
    print(f"| page, {engine} | p50 ms | p95 ms | own p95 ms | statements |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for row in found:
        print(f"| {row['page']} | {row['p50']:.0f} | {row['p95']:.0f} | {row['own_p95']:.0f} | {row['statements']} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
