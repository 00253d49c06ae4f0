"""Where the time of lives in sets of 1,000 goes: `python -m benchmarks.profile_lives [COUNT]` (cProfile, own time)."""

from __future__ import annotations

import cProfile
import pstats
import sys

from benchmarks import lives, setup


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print(setup.start())
    shop_id, warehouse_id = setup.company(count + 1)
    sold = setup.sell(shop_id, warehouse_id, count + 1)
    lives.lead(sold[:1], shop_id, {})
    spent: dict[str, float] = {}
    profile = cProfile.Profile()
    profile.enable()
    lives.lead(sold[1:], shop_id, spent)
    profile.disable()
    for name, seconds in spent.items():
        print(f"{name:<10}{seconds:8.2f} s")
    stats = pstats.Stats(profile).strip_dirs()
    stats.sort_stats("tottime").print_stats(35)
    stats.sort_stats("cumulative").print_stats(45)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
