"""How long verdicts take once their facts are loaded: `python -m benchmarks.judging [--count N]`. Needs no database.

Facts of 600 kinds of sales, in time and late, faulty and not, in every condition, under each statement that ships.
"""

from __future__ import annotations

import argparse
import time
import tomllib
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice, product
from pathlib import Path
from uuid import UUID

from guicang.policy import rules
from guicang.policy.rules import Book, Facts, Fault, Sale, Statement, eligibility

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
PRESETS = Path(rules.__file__).parent.parent / "presets"
FAULTS: tuple[Fault, ...] = ("seller", "buyer")


def facts(count: int) -> list[Facts]:
    kinds = product(("服装", "化妆品", "定作"), ("", "会员"), ("A", "B"), range(50))
    sales = [Sale(category=kind, tier=tier, shop=shop, sku=f"S{number}") for kind, tier, shop, number in kinds]
    said = cycle(product(sales, (1, 6, 9, 40), FAULTS, ("", "unopened", "used")))
    return [
        Facts(NOW, delivered_at=NOW - timedelta(days=days), sale=sale, fault=fault, condition=condition)
        for sale, days, fault, condition in islice(said, count)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    asked = facts(parser.parse_args().count)
    for file in sorted(PRESETS.glob("*.toml")):
        data = tomllib.loads(file.read_text("utf-8"))
        stated = Statement.from_data({name: data[name] for name in ("currency", "policies")})
        began = time.perf_counter()
        book = Book(UUID(int=1), 1, stated)
        refused = sum(eligibility(one, book).answer == "refuse" for one in asked)
        took = time.perf_counter() - began
        each = f"{took / len(asked) * 1e6:.1f} µs each"
        print(f"{file.stem:<15}{len(asked):>8,} verdicts {took:>8.3f} s  {each}  {refused:,} refused")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
