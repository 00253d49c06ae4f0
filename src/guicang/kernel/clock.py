"""Time: aware UTC instants in storage; zones only where books or deadlines need a day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def utcnow() -> datetime:
    return datetime.now(UTC)


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local_date(instant: datetime, zone_name: str) -> date:
    """The calendar day of `instant` in `zone_name`."""
    return instant.astimezone(zone(zone_name)).date()


def zone_known(name: str) -> bool:
    """True where the time zone database has a zone of this name."""
    try:
        zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
