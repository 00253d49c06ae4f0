"""How long the risk points of one request take where the customer has thousands of returns.

`python -m benchmarks.scoring [--past 5000] [--sharing 5000]` on an empty database (GUICANG_DATABASE_URL, else a new
file): one customer's past returns, each received and inspected, and as many customers with his phone. Then his next
requests one at a time: what the whole request takes, what its points take of it, and their statements.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from benchmarks import lives, setup

TURNS = 30


def fill(past: int, sharing: int) -> tuple[UUID, list[lives.Sold]]:
    """The shop, and orders of the customer that he has not asked about yet."""
    from django.db import transaction

    from guicang.kernel import commands
    from guicang.org.queries import shops
    from guicang.parties.operations import PersonalFacts, ensure_customers, keep
    from guicang.returns.operations import watching
    from guicang.returns.risk import Rules

    shop_id, warehouse_id = setup.company(past + 2 * TURNS)
    sold = setup.sell(shop_id, warehouse_id, past + 2 * TURNS, buyers=1)
    for place in range(0, past, 1000):
        lives.lead(sold[place : min(place + 1000, past)], shop_id, {})
    with transaction.atomic():
        context = commands.begin("bench", actor=setup.SYSTEM, now=setup.NOW - timedelta(minutes=1), items=1)
        known = ensure_customers(context, [(shop_id, f"s{number}") for number in range(sharing)])
        persons = [sold[0][0], *(customer.id for customer in known.values())]
        keep(context, [PersonalFacts("customer", key, key, {"phone": "19900000001"}) for key in persons])
        watching.state_rules(context, shops([shop_id])[shop_id].company_id, Rules(on=True))
    return shop_id, sold[past:]


def ask(shop_id: UUID, sold: lives.Sold) -> dict[str, float]:
    """Milliseconds of one request and of its points, and the statements of the latter."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from guicang.kernel.commands import Context
    from guicang.kernel.ids import NIL
    from guicang.returns.operations import scoring
    from guicang.returns.operations.sight import look
    from guicang.returns.steps.request import Request, Wanted, request

    item = Request(shop_id, sold[0], [Wanted(sold[2], 1, "too_small")])
    sight, context = look([item], lock=False), Context(NIL, setup.SYSTEM, setup.NOW)
    began, own = time.perf_counter(), time.process_time()
    scoring.look_at([item], sight, context)
    points, busy = time.perf_counter() - began, time.process_time() - own
    with CaptureQueriesContext(connection) as seen:
        scoring.look_at([item], sight, context)
    began = time.perf_counter()
    (outcome,) = request(requests=[item], actor=setup.SYSTEM, now=setup.NOW)
    whole = time.perf_counter() - began
    if not outcome.ok:
        raise RuntimeError(str(outcome.refusals))
    spent = {"request_ms": whole, "points_ms": points, "points_cpu_ms": busy}
    return {name: seconds * 1000 for name, seconds in spent.items()} | {"statements": len(seen)}


def measure(past: int, sharing: int) -> dict[str, Any]:
    engine = setup.start()
    from django.db import connection

    shop_id, left = fill(past, sharing)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for sold in left[:TURNS]:
        ask(shop_id, sold)
    found = [ask(shop_id, sold) for sold in left[TURNS:]]
    medians = {name: round(statistics.median(one[name] for one in found), 1) for name in found[0]}
    slowest = round(max(one["points_ms"] for one in found), 1)
    load = os.getloadavg()[0]
    return {"engine": engine, "past": past, "sharing": sharing, **medians, "points_ms_most": slowest, "load": load}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--past", type=int, default=5000)
    parser.add_argument("--sharing", type=int, default=5000)
    given = parser.parse_args()
    print(json.dumps(measure(given.past, given.sharing)))


if __name__ == "__main__":
    main()
