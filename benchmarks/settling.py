"""How long settlement takes: plans without a database, then returns settled in one set through the step.

`python -m benchmarks.settling [--count N] [--size S]` plans N settlements, brings N returns to where their money is
due, settles them in sets of S, takes the same back, and prints one JSON object. `--plans` plans alone and needs no
database.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from benchmarks import setup


def sale() -> tuple[Any, list[Any], Any]:
    """An order of twelve lines, three promotions and three ways to pay; all of it asked about; its rules."""
    from guicang.kernel.ids import new_id
    from guicang.returns.settlement import Ask, Fee, Promotion, Rules, Sale, SaleLine, SaleTender

    lines = {line.id: line for line in (SaleLine(new_id(), 4, 39_997, 40_000, 4_602, 3) for _ in range(12))}
    keys = tuple(lines)
    total = 12 * 39_997 + 1_500
    paid = {"card": total - 20_000, "points": 20_000}
    tenders = [SaleTender(new_id(), part, 0, kind=kind) for kind, part in paid.items()]
    promotions = (
        Promotion("M", "reprice", 300_000, keys, dict.fromkeys(keys, 700)),
        Promotion("G", "", 200_000, keys[:6], gifts=((keys[11], 2_000),)),
        Promotion("F", "", 99_00, keys, shipping_minor=1_000),
    )
    found = Sale(new_id(), "CNY", total, total, 0, 0, lines, tenders, 1_500, points_earned=480, promotions=promotions)
    fees = (Fee("percent", 1_500), Fee("fixed", 500, "return"))
    asks = [Ask(new_id(), key, 1, fees=fees, graded=(("A", 1),)) for key in keys]
    return found, asks, Rules(shipping="proportional", gifts="charge", lost_shipping="charge")


def plans(count: int) -> dict[str, float]:
    """Milliseconds of one plan over twelve lines, and such plans of one line a second."""
    from guicang.returns.settlement import plan_settlement

    order, asks, rules = sale()

    def timed(asked: Sequence[Any], times: int) -> list[float]:
        taken = []
        for _ in range(times):
            began = time.perf_counter()
            plan_settlement(order, asked, rules=rules)
            taken.append(time.perf_counter() - began)
        return taken

    whole, single = timed(asks, max(100, count // 20)), timed(asks[:1], count)
    return {
        "plan_ms": statistics.median(whole) * 1000,
        "plan_p95_ms": statistics.quantiles(whole, n=20)[-1] * 1000,
        "plans_a_second": count / sum(single),
    }


def due(count: int) -> list[UUID]:
    """So many returns whose goods are back: their money is due."""
    from guicang.kernel.setwrites import chunks
    from guicang.returns.steps.authorise import Authorisation, authorise
    from guicang.returns.steps.inspect import Inspecting, Part, inspect
    from guicang.returns.steps.receive import Arrived, Receiving, receive
    from guicang.returns.steps.request import Request, Wanted, request

    shop_id, warehouse_id = setup.company(count)
    found = []
    for sold in chunks(setup.sell(shop_id, warehouse_id, count)):
        asked = [Request(shop_id, customer, [Wanted(line, 1, "too_small")]) for customer, _, line in sold]
        made = [(each.id, each.data["lines"][0]) for each in given(request, requests=asked)]
        given(authorise, authorisations=[Authorisation(key) for key, _ in made])
        given(receive, receipts=[Receiving(key, [Arrived(line, 1)], "p") for key, line in made])
        given(inspect, inspections=[Inspecting(key, [Part(line, 1)]) for key, line in made])
        found += [key for key, _ in made]
    return found


def given(step: Callable[..., list[Any]], **items: Any) -> list[Any]:
    outcomes = step(actor=setup.SYSTEM, now=setup.NOW, **items)
    bad = [str(refusal) for outcome in outcomes for refusal in outcome.refusals]
    if bad:
        raise RuntimeError(bad[0])
    return outcomes


def measure(count: int, size: int) -> dict[str, Any]:
    engine = setup.start()
    from guicang.returns.steps.reverse_settlement import Reversal, reverse_settlement
    from guicang.returns.steps.settle import Settlement, settle

    found = {"engine": engine, **plans(count)}
    keys = due(count)
    made: list[UUID] = []
    before = setup.peak_mb()
    found["rate"], found["cpu_rate"] = rate(
        keys, size, lambda part: made.extend(settled(given(settle, settlements=[Settlement(key) for key in part])))
    )
    found["peak_mb_before"], found["peak_mb"] = before, setup.peak_mb()
    found["reversed_a_second"], found["reversed_a_second_of_cpu"] = rate(
        made, size, lambda part: given(reverse_settlement, reversals=[Reversal(key, "typed_twice") for key in part])
    )
    return {name: round(value, 2) if isinstance(value, float) else value for name, value in found.items()}


def settled(outcomes: Sequence[Any]) -> list[UUID]:
    return [key for outcome in outcomes for key in outcome.data["settlements"]]


def rate(keys: Sequence[UUID], size: int, act: Callable[[Sequence[UUID]], object]) -> tuple[float, float]:
    """How many a second, by the clock and by our own processor time."""
    began, busy = time.perf_counter(), time.process_time()
    for place in range(0, len(keys), size):
        act(keys[place : place + size])
    return len(keys) / (time.perf_counter() - began), len(keys) / (time.process_time() - busy)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--size", type=int, default=10_000, help="of a set")
    parser.add_argument("--plans", action="store_true", help="plans alone")
    arguments = parser.parse_args()
    if arguments.plans:
        found = {name: round(value, 2) for name, value in plans(arguments.count).items()}
    else:
        found = measure(arguments.count, arguments.size)
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
