"""What is told to programs that listen: a return's state or money changed.

Topic `return.changed`, version 1; queued with the change, only for companies somebody listens to, never for history.
Bodies hold ids, codes and amounts, never personal data.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from guicang.kernel import outbox
from guicang.kernel.commands import Context
from guicang.kernel.models import Origin

TOPIC = "return.changed"


class Change(NamedTuple):
    """One return before and after one command; `state_before` '' where the command made it."""

    return_id: UUID
    company_id: UUID
    shop_id: UUID
    number: str
    currency: str
    state_before: str
    state: str
    refund_before_minor: int
    refund_minor: int
    occurred_at: datetime

    @property
    def type(self) -> str:
        """`return.<state>` where the state changed, else what became of the money."""
        if self.state != self.state_before:
            return f"return.{self.state}"
        return "return.refunded" if self.refund_minor > self.refund_before_minor else "return.refund_reversed"

    @property
    def tells(self) -> bool:
        return (self.state, self.refund_minor) != (self.state_before, self.refund_before_minor)


def queue(context: Context, command: str, changes: Iterable[Change]) -> None:
    """Queue what is worth telling, to whom it may concern; 1 statement, 1 more a thousand where somebody listens."""
    told = [change for change in changes if change.tells]
    if not told or context.origin != Origin.LIVE:
        return
    wanted = outbox.heard(TOPIC, {change.company_id for change in told})
    outbox.queue(context, _messages(context, command, [each for each in told if each.company_id in wanted]))


def _messages(context: Context, command: str, changes: Sequence[Change]) -> list[outbox.Message]:
    # The command's id in the key: a return that is received twice tells it twice.
    return [
        outbox.Message(TOPIC, _body(change, command), f"{change.return_id.hex}:{context.id.hex}", change.return_id)
        for change in changes
    ]


def _body(change: Change, command: str) -> dict[str, Any]:
    return {
        "type": change.type,
        "command": command,
        "return_id": str(change.return_id),
        "number": change.number,
        "company_id": str(change.company_id),
        "shop_id": str(change.shop_id),
        "state_before": change.state_before,
        "state": change.state,
        "currency": change.currency,
        "refund_before_minor": change.refund_before_minor,
        "refund_minor": change.refund_minor,
        "occurred_at": change.occurred_at.isoformat(),
    }
