"""What a form says of goods that go to the buyer, as the steps want it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.http import QueryDict

from guicang.desk.typed import units
from guicang.kernel.actor import Actor
from guicang.kernel.refusal import Outcome
from guicang.returns.steps.send_out import SendingOut, send_out


def sent_out(ids: Sequence[UUID], given: QueryDict, actor: Actor, now: datetime) -> list[Outcome]:
    """Without quantities all that has to go. Raises Refused for units that are no numbers."""
    carrier, tracking, counts = given.get("carrier", ""), given.get("tracking", ""), units(given, "units")
    items = [SendingOut(pk, carrier, tracking, {line: n for line, n in counts.items() if n}) for pk in ids]
    return send_out(sendings=items, actor=actor, now=now)
