"""How often something may be asked for: so many times a minute, counted in the cache of rates (settings.CACHES).

Each web process counts for itself. To count in the database would make every read a write, and on SQLite make it wait
for the one writer; so the limit of an installation is that of a process times the processes.
"""

from __future__ import annotations

from datetime import datetime

from django.core.cache import caches

WINDOW = 60


def count(key: str, now: datetime) -> tuple[int, int]:
    """One more time in the minute of `now`: (how often so far, seconds until it is over). No statement."""
    minute, passed = divmod(int(now.timestamp()), WINDOW)
    cache, place = caches["rates"], f"{key}:{minute}"
    cache.add(place, 0, 2 * WINDOW)
    try:
        return cache.incr(place), WINDOW - passed
    except ValueError:  # culled between the two
        return 0, WINDOW - passed
