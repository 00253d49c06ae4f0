"""Instants out of the dates of exports: the profile's formats, or an order that the file itself proves."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal
from zoneinfo import ZoneInfo

from guicang.intake.tables.errors import ConvertError, file_fault

#: Order of 03/04/2024; '' where no such date was seen and none is accepted.
Order = Literal["", "dmy", "mdy"]
_CLOCK = (
    r"(?:[T\s]*(?P<h>\d{1,2})[:时](?P<mi>\d{1,2})(?:[:分](?:(?P<s>\d{1,2})(?:[.,](?P<f>\d{1,6})\d*)?秒?)?)?"
    r"\s*(?P<half>[AaPp][Mm])?)?\s*(?P<offset>Z|[+-]\d{2}:?\d{2})?"
)
_YEAR_FIRST = re.compile(r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*日?" + _CLOCK)
_COMPACT = re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:[T ]?(?P<h>\d{2})(?P<mi>\d{2})(?P<s>\d{2})?)?")
#: Dots are written day first wherever they are written (DIN 5008 and its kin).
_YEAR_LAST = re.compile(r"(?P<a>\d{1,2})(?P<mark>[-/.])(?P<b>\d{1,2})(?P=mark)(?P<y>\d{4})" + _CLOCK)
_CACHE = 65536
_MONTHS = 12
_HALF_DAY = 12


def detect_order(column: str, samples: Iterable[str]) -> Order:
    """Day or month first, from the dates of a sample; raises FileFault ambiguous_dates.

    A first part over 12 proves day first, a second part over 12 month first. Dates that prove
    neither, or both, are not guessed.
    """
    proven: set[Order] = set()
    example = ""
    for text in samples:
        found = _YEAR_LAST.match(text)
        if found is None or found["mark"] == ".":
            continue
        example = example or text
        if int(found["a"]) > _MONTHS:
            proven.add("dmy")
        elif int(found["b"]) > _MONTHS:
            proven.add("mdy")
    if not example:
        return ""
    if len(proven) != 1:
        raise file_fault("ambiguous_dates", column=column, example=example)
    return proven.pop()


@dataclass(frozen=True, slots=True)
class DateFormats:
    """How a table writes dates: explicit strptime formats, or ISO and its kin with a proven order."""

    formats: tuple[str, ...] = ()
    order: Order = ""


class Instants:
    """Text to aware UTC. Naive dates stand in `zone`; texts with an offset keep their own.

    An hour that the zone's autumn change repeats is its first one; an hour that its spring change
    skips does not exist and is refused. Results are remembered, since exports repeat their dates.
    """

    def __init__(self, dates: DateFormats, zone: str, now: datetime | None = None) -> None:
        self._dates, self._zone, self._now = dates, ZoneInfo(zone), now
        self._seen: dict[str, datetime] = {}

    def read(self, text: str, *, may_be_future: bool = False) -> datetime:
        """Raises ConvertError bad_date or, past the `now` given, date_in_future."""
        instant = self._seen.get(text)
        if instant is None:
            instant = self._parse(text)
            if len(self._seen) >= _CACHE:
                self._seen.clear()
            self._seen[text] = instant
        if self._now is not None and instant > self._now and not may_be_future:
            raise ConvertError("date_in_future", text=text)
        return instant

    def _parse(self, text: str) -> datetime:
        try:
            local = self._explicit(text) if self._dates.formats else self._detected(text)
            if local.tzinfo is not None:
                return local.astimezone(UTC)
            instant = local.replace(tzinfo=self._zone).astimezone(UTC)
        except (ValueError, OverflowError) as fault:
            raise ConvertError("bad_date", text=text) from fault
        if instant.astimezone(self._zone).replace(tzinfo=None) != local:
            raise ConvertError("bad_date", text=text)
        return instant

    def _explicit(self, text: str) -> datetime:
        for form in self._dates.formats:
            try:
                return datetime.strptime(text, form)  # noqa: DTZ007 - the caller adds the zone
            except ValueError:
                continue
        if "T" in text:  # what the reader writes for a cell that is a date in the spreadsheet
            return datetime.fromisoformat(text)
        raise ValueError(text)

    def _detected(self, text: str) -> datetime:
        found = _YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text)
        if found is not None:
            return _at(found.groupdict(), found["m"], found["d"])
        found = _YEAR_LAST.fullmatch(text)
        if found is None or (found["mark"] != "." and not self._dates.order):
            raise ValueError(text)
        day_first = found["mark"] == "." or self._dates.order == "dmy"
        month, day = (found["b"], found["a"]) if day_first else (found["a"], found["b"])
        return _at(found.groupdict(), month, day)


def _at(parts: dict[str, str | None], month: str, day: str) -> datetime:
    hour = int(parts.get("h") or 0)
    half = (parts.get("half") or "").lower()
    if half:
        if not 1 <= hour <= _HALF_DAY:
            raise ValueError(f"hour {hour}")
        hour = hour % _HALF_DAY + (_HALF_DAY if half == "pm" else 0)
    micro = int((parts.get("f") or "0").ljust(6, "0"))
    return datetime(
        int(parts["y"] or 0), int(month), int(day), hour, int(parts.get("mi") or 0), int(parts.get("s") or 0), micro,
        tzinfo=_offset(parts.get("offset")),
    )  # fmt: skip


def _offset(text: str | None) -> timezone | None:
    if not text:
        return None
    if text == "Z":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
