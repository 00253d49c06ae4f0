"""Signatures after Standard Webhooks (standardwebhooks.com), and when a failed delivery is tried again. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import timedelta

from guicang.returns.lifecycle import State

PREFIX = "whsec_"
SECRET_BYTES = 32
PING = "ping"
#: What an endpoint can ask for.
EVENTS = (*(f"return.{state.value}" for state in State), "return.refunded", "return.refund_reversed")

#: After each failed attempt; the tenth is the last.
PLAN = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
#: The most that a Retry-After is believed.
LONGEST_WAIT = timedelta(hours=24)
#: Nothing arrived for so long: the endpoint is switched off.
PATIENCE = timedelta(days=5)
#: For how long a replaced secret signs too.
OVERLAP = timedelta(hours=24)
#: Calls to one endpoint at a time: a slow one must not have all the lane's workers.
AT_ONCE = 2
#: An attempt without an end is taken for dead after this.
CUT_OFF = timedelta(seconds=60)
#: How long the log is kept.
KEPT = timedelta(days=30)
ANSWER_MOST = 500
GONE = 410
ENDPOINTS_MOST = 20


def secret_bytes(secret: str) -> bytes:
    """The key behind `whsec_...`. Raises ValueError where it is none."""
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("no webhook secret") from error


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,<base64>`: HMAC-SHA-256 over id, seconds and body, with dots between."""
    signed = b".".join([message_id.encode(), str(timestamp).encode(), body])
    return "v1," + base64.b64encode(hmac.new(secret_bytes(secret), signed, hashlib.sha256).digest()).decode()


def headers(secrets: Iterable[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """What goes with a body; one signature for each secret that is valid, so that a change of secret loses nothing."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "Guicang-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(secret, message_id, timestamp, body) for secret in secrets),
    }


def arrived(status: int) -> bool:
    """2xx and nothing else: a redirect is followed by nobody."""
    return 200 <= status < 300  # noqa: PLR2004


def wait_after(attempt: int, retry_after_seconds: int | None, chance: float) -> timedelta | None:
    """How long until the next attempt, None after the last. `chance` 0..1 adds up to a tenth.

    What the endpoint asks for is honoured where it is longer than the plan, a day at the most.
    """
    if attempt > len(PLAN):
        return None
    planned = PLAN[attempt - 1] * (1 + chance / 10)
    return max(planned, rest(retry_after_seconds))


def rest(retry_after_seconds: int | None) -> timedelta:
    return min(LONGEST_WAIT, timedelta(seconds=retry_after_seconds or 0))


def wants(events: Iterable[str], type_: str) -> bool:
    chosen = list(events)
    return not chosen or type_ in chosen


def told(body: Mapping[str, object]) -> dict[str, object]:
    """The `data` of a payload: the event without what stands beside it."""
    return {name: value for name, value in body.items() if name not in ("type", "occurred_at")}
