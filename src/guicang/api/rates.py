"""How often a token may be used: so many calls a minute, counted in the cache of rates (settings.CACHES).

Each web process counts for itself. To count in the database would make every read a write, and on SQLite make it wait
for the one writer; so the limit of an installation is that of a process times the processes.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.cache import caches

from guicang.api import errors
from guicang.kernel.refusal import Refused

WINDOW = 60


def count(token_id: UUID, now: datetime) -> None:
    """One more call in the minute of `now`. Raises Refused(TooMany) beyond the rate; no statement."""
    minute, passed = divmod(int(now.timestamp()), WINDOW)
    cache, key = caches["rates"], f"api:{token_id.hex}:{minute}"
    cache.add(key, 0, 2 * WINDOW)
    try:
        calls = cache.incr(key)
    except ValueError:  # culled between the two
        return
    if calls > settings.API_RATE:
        raise Refused([errors.TooMany(rate=settings.API_RATE, seconds=WINDOW - passed)])
