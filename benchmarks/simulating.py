"""How long a policy takes to be tried over past returns: without and with amounts, by the replay that the worker runs.

`python -m benchmarks.simulating [--policy CODE] [--most N]` over a filled database (`benchmarks.filling`;
GUICANG_HOME or GUICANG_DATABASE_URL says which). It writes nothing and asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from datetime import UTC, datetime
from typing import Any

EVER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def measure(policy: str, most: int, *, amounts: bool) -> dict[str, Any]:
    """The replay of the largest company's returns, at most so many."""
    from django.db.models import Count

    from guicang.kernel.collecting import rare_collections
    from guicang.kernel.ids import NIL
    from guicang.policy.queries.files import presets
    from guicang.policy.rules import Book, Effect
    from guicang.returns.models import Return
    from guicang.returns.operations.replaying import Replay

    company_id, _count = Return.objects.values_list("company_id").annotate(n=Count("id")).order_by("-n")[0]
    replay = Replay(company_id, *EVER, Book(NIL, 0, presets()[policy].statement), amounts=amounts)
    effect, began, own = Effect(), time.perf_counter(), time.process_time()
    replay.total()
    with rare_collections():
        for _place, cases in replay.chunks():
            for case in cases:
                effect.add(case)
            if effect.cases >= most:
                break
    seconds, cpu = time.perf_counter() - began, time.process_time() - own
    return {
        "policy": policy,
        "amounts": amounts,
        "returns": effect.cases,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu, 1),
        "seconds_per_100_000": round(seconds * 100_000 / max(effect.cases, 1), 1),
        "changed": sum(effect.kinds.values()),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--policy", default="seven_days", help="a template that ships")
    parser.add_argument("--most", type=int, default=10**9, help="stop after so many returns")
    given = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "guicang.config.settings"
    import django

    django.setup()
    for amounts in (False, True):
        print(json.dumps(measure(given.policy, given.most, amounts=amounts), ensure_ascii=False))


if __name__ == "__main__":
    main()
