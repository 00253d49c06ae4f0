"""Rows `guicang verify` proves a second: all rows of all tables over the time of all proofs.

`python -m benchmarks.verifying --lives N` prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from benchmarks import lives, setup


def measure(count: int) -> dict[str, Any]:
    """Prove a database of `count` orders, each with a whole life of a return."""
    engine = setup.start()
    from django.apps import apps

    from guicang.proofs import queries as proofs

    shop_id, warehouse_id = setup.company(count)
    sold = setup.sell(shop_id, warehouse_id, count)
    for place in range(0, count, 1000):
        lives.lead(sold[place : place + 1000], shop_id, {})
    rows = sum(model._default_manager.count() for model in apps.get_models() if model.__module__.startswith("guicang."))
    started = time.perf_counter()
    failed = [proof.name for proof in proofs.run() if not proof.ok]
    seconds = time.perf_counter() - started
    if failed:
        raise RuntimeError(f"these proofs fail: {failed}")
    return {"engine": engine, "rows": rows, "rate": rows / seconds, "peak_mb": setup.peak_mb()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lives", type=int, default=5000)
    print(json.dumps(measure(parser.parse_args().lives)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
