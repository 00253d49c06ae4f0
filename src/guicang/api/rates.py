"""How often a token may be used: so many calls a minute of one web process (`kernel.rates`)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings

from guicang.api import errors
from guicang.kernel import rates
from guicang.kernel.refusal import Refused

WINDOW = rates.WINDOW


def count(token_id: UUID, now: datetime) -> None:
    """One more call in the minute of `now`. Raises Refused(TooMany) beyond the rate; no statement."""
    calls, left = rates.count(f"api:{token_id.hex}", now)
    if calls > settings.API_RATE:
        raise Refused([errors.TooMany(rate=settings.API_RATE, seconds=left)])
