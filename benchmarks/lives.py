"""Lives of returns a second: request, authorise, receive, inspect, settle, close, each step its own transaction.

`python -m benchmarks.lives --count N --size S` runs N lives in sets of S and prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from benchmarks import setup

Sold = tuple[UUID, UUID, UUID]


def lead(sold: Sequence[Sold], shop_id: UUID, spent: dict[str, float]) -> None:
    """Bring a return of each order through its whole life; adds the seconds of each step to `spent`."""
    from guicang.returns.steps.authorise import Authorisation, authorise
    from guicang.returns.steps.close import Closing, close
    from guicang.returns.steps.inspect import Inspecting, Part, inspect
    from guicang.returns.steps.receive import Arrived, Receiving, receive
    from guicang.returns.steps.request import Request, Wanted, request
    from guicang.returns.steps.settle import Settlement, settle

    def act(step: Callable[..., list[Any]], **items: Any) -> list[Any]:
        started = time.perf_counter()
        outcomes = step(actor=setup.SYSTEM, now=setup.NOW, **items)
        spent[step.__name__] = spent.get(step.__name__, 0.0) + time.perf_counter() - started
        bad = [str(refusal) for outcome in outcomes for refusal in outcome.refusals]
        if bad:
            raise RuntimeError(bad[0])
        return outcomes

    asked = [Request(shop_id, customer, [Wanted(line, 1, "too_small")]) for customer, _, line in sold]
    made = [(outcome.id, outcome.data["lines"][0]) for outcome in act(request, requests=asked)]
    act(authorise, authorisations=[Authorisation(key) for key, _ in made])
    act(receive, receipts=[Receiving(key, [Arrived(line, 1)], "p") for key, line in made])
    act(inspect, inspections=[Inspecting(key, [Part(line, 1)]) for key, line in made])
    act(settle, settlements=[Settlement(key) for key, _ in made])
    act(close, closings=[Closing(key) for key, _ in made])


def measure(count: int, size: int) -> dict[str, Any]:
    """`count` lives in sets of `size`, after a set to warm up. Answers lives a second and each step's share."""
    engine = setup.start()
    warm = min(size, 50)
    shop_id, warehouse_id = setup.company(count + warm)
    sold = setup.sell(shop_id, warehouse_id, count + warm)
    lead(sold[:warm], shop_id, {})
    spent: dict[str, float] = {}
    started, busy = time.perf_counter(), time.process_time()
    for place in range(warm, len(sold), size):
        lead(sold[place : place + size], shop_id, spent)
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    steps = {name: round(part / seconds, 3) for name, part in spent.items()}
    return {
        "engine": engine,
        "rate": count / seconds,
        "cpu_rate": count / busy,
        "peak_mb": setup.peak_mb(),
        "shares": steps,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--size", type=int, default=1000)
    arguments = parser.parse_args()
    print(json.dumps(measure(arguments.count, arguments.size)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
