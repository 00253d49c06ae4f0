"""Exceptions to the policy as rows: written by the step that makes one, in its transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.returns.models import Override, Return


def made(
    deed: str, header: Mapping[str, Any] | Return, reason: str, amount_minor: int | None, context: Context
) -> dict[str, Any]:
    """The row of one exception. No statement; `write` inserts it."""
    said = header if isinstance(header, Mapping) else vars(header)
    return {
        "parent_id": said["id"],
        "company_id": said["company_id"],
        "shop_id": said["shop_id"],
        "deed": deed,
        "reason": reason,
        "actor_id": context.actor.id,
        "amount_minor": amount_minor,
        "currency": said["currency"],
        "recorded_at": context.now,
        "command_id": context.id,
    }


def of_request(header: Mapping[str, Any], amount_minor: int | None, context: Context) -> list[dict[str, Any]]:
    """The exception that a request was accepted by, if it was."""
    reason = header["verdict"].get("override")
    return [made("request", header, reason, amount_minor, context)] if reason else []


def write(rows: Sequence[dict[str, Any]]) -> None:
    """1 statement a thousand, none where nobody made an exception. Behind the returns of new requests."""
    setwrites.insert(Override, rows)
