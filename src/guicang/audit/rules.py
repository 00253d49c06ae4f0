"""The chain itself: which bytes a MAC covers, and how they are joined. No Django, no database.

Row, format 1: HMAC-SHA-256 over "row", then the columns of `COVERED` in that order, as text,
joined by U+001F. Ids are 32 hex digits, instants `YYYY-MM-DD HH:MM:SS.ffffff` in UTC, days ISO.
No column may contain U+001F (JSON escapes it, codes have none), so the text splits one way only.
Head, format 1: the same over "head", company, bucket, count, key id.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

FORMAT = 1
SEPARATOR = "\x1f"
BUCKETS = 64

COVERED = (
    "id",
    "company_id",
    "aggregate_kind",
    "aggregate_id",
    "seq",
    "action",
    "reason",
    "actor_kind",
    "actor_id",
    "occurred_at",
    "recorded_at",
    "book_date",
    "command_id",
    "origin",
    "key_id",
    "format_version",
    "previous_mac",
    "before",
    "after",
)


def bucket_of(aggregate_id: UUID) -> int:
    """Which of a company's heads counts this aggregate: the last six bits, random in every id we make."""
    return aggregate_id.int & (BUCKETS - 1)


def stamp(instant: datetime) -> str:
    """The text of an instant: always UTC, always six decimals."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


@lru_cache(maxsize=16)
def _keyed(secret: bytes) -> hmac.HMAC:
    return hmac.new(secret, digestmod="sha256")


def mac(secret: bytes, text: str) -> str:
    # A copy of the keyed state: half the time of starting from the key at every row.
    state = _keyed(secret).copy()
    state.update(text.encode())
    return state.hexdigest()


def head_mac(secret: bytes, company_id: UUID, bucket: int, count: int, key_id: str) -> str:
    return mac(secret, SEPARATOR.join(("head", company_id.hex, str(bucket), str(count), key_id)))


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


# One encoder for all: json.dumps with options of its own builds a new one at every call.
# ASCII only, so that the stored text has the same bytes in every database encoding.
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain).encode


def canonical(values: Mapping[str, Any]) -> str:
    """One text for equal values: sorted keys, no blanks, ASCII; UUID, Decimal and dates as strings."""
    return _encode(values) if values else "{}"
