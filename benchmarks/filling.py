"""Fill an empty database with years of trade, through the real steps: `python -m benchmarks.filling --returns N`.

Two years of one company with five shops and three warehouses, three orders to a return, every state that a return
can be in, as many open ones as a month brings. Sets are what a week brings; vouchers are numbered at the end. The
same seed makes the same orders and returns. Ends with every proof; prints one JSON object. Trying a policy reads
nothing of orders without a return: `--orders 1 --unproved` is enough for it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

from benchmarks import setup


def failures() -> Iterator[str]:
    from guicang.proofs import queries as proofs

    for proof in proofs.run():
        if not proof.ok:
            yield f"{proof.name}: {proof}"[:1000]


def fill(returns: int, orders: int, seed: int, *, proved: bool) -> dict[str, Any]:
    from django.db import connection

    from benchmarks import years
    from guicang.accounting.operations import number_credit_notes, number_vouchers
    from guicang.integrations.demo.play import play

    started = time.perf_counter()
    bought, told = years.draw(years.found(), returns, orders, seed)
    drawn = time.perf_counter() - started
    play(bought, told, years.BASE)
    number_vouchers(years.BASE)
    number_credit_notes(years.BASE)
    filled = time.perf_counter() - started
    print(f"drawn {drawn:.0f} s, filled {filled:.0f} s", file=sys.stderr, flush=True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)" if connection.vendor == "postgresql" else "ANALYZE")
    bad = list(failures()) if proved else []
    return {
        "engine": connection.vendor,
        "orders": len(bought),
        "returns": len(told),
        "seconds": round(filled),
        "verify_seconds": round(time.perf_counter() - started - filled),
        "failed": bad,
        "peak_mb": round(setup.peak_mb()),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--returns", type=int, default=100_000)
    parser.add_argument("--orders", type=int, default=3, help="orders to a return")
    parser.add_argument("--unproved", action="store_true", help="leave the proofs out")
    parser.add_argument("--seed", type=int, default=20260101)
    arguments = parser.parse_args()
    setup.start()
    done = fill(arguments.returns, arguments.orders, arguments.seed, proved=not arguments.unproved)
    print(json.dumps(done))
    return 1 if done["failed"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
