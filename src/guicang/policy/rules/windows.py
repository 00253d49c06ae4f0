"""When the time for a return ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

_LEAP_DAY = (2, 29)


def deadline(counted_from: datetime, days: int, zone: str, *, country: str = "") -> datetime:
    """The exclusive instant after the last of `days` days, counted from the day after, in the market's zone.

    HARD-CASES 19: delivered 2026-11-03 23:30 +08:00 with 7 days ends at 2026-11-10T16:00:00Z. With a `country` a
    last day that is a holiday or a weekend there moves to its next working day (民法典 203).
    """
    last = counted_from.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    while country and not _working(country, last):
        last += timedelta(days=1)
    return _end_of(last, zone)


@lru_cache(maxsize=4096)
def _end_of(last: date, zone: str) -> datetime:
    market = ZoneInfo(zone)
    return datetime.combine(last + timedelta(days=1), time.min, market).astimezone(UTC)


def year_later(end: datetime, zone: str) -> datetime:
    """The exclusive end of the same last day 12 months later (2011/83/EU art. 10); after 29 February, of the 28th."""
    market = ZoneInfo(zone)
    last = end.astimezone(market).date() - timedelta(days=1)
    day = 28 if (last.month, last.day) == _LEAP_DAY else last.day
    return datetime.combine(date(last.year + 1, last.month, day) + timedelta(days=1), time.min, market).astimezone(UTC)


def hours_later(counted_from: datetime, days: int) -> datetime:
    """The exclusive instant `days` times 24 hours later."""
    return counted_from + timedelta(days=days)


def has_calendar(country: str) -> bool:
    """Whether the holidays of a country (ISO 3166, two letters) are known."""
    return country in _supported()


def _working(country: str, day: date) -> bool:
    return bool(_calendar(country).is_working_day(day))


@lru_cache(maxsize=32)
def _calendar(country: str) -> Any:
    # Loaded by those alone who use the switch: it takes a while, and most statements leave it off.
    import holidays

    return holidays.country_holidays(country)


@lru_cache(maxsize=1)
def _supported() -> frozenset[str]:
    import holidays

    return frozenset(holidays.list_supported_countries())
