"""Who has to agree to a return, as programs read it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from guicang.api.parsing import Reference, Shown, show
from guicang.api.problems import Finding, finding
from guicang.insights import approvals as read


class Seat(Shown):
    """Whose word is asked for: anybody of the `role`, or one person. `by_id` gave it; `stand_ins` may give it too."""

    role: str
    user_id: Reference
    name: str
    escalated: bool
    by_id: Reference
    by: str
    instead_of: str
    at: datetime | None
    stand_ins: list[str]


class ApprovalStage(Shown):
    """`round` counts appeals. `state`: waiting, open, approved, rejected or skipped; `need`: any or all of its seats.

    `paused_at`: since when its time stands still, the customer being asked; `due_at` moves by that afterwards.
    `units`: granted by line, where it was less than what was asked for.
    """

    round: int
    number: int
    state: str
    need: str
    opened_at: datetime | None
    due_at: datetime | None
    paused_at: datetime | None
    escalated_at: datetime | None
    decided_at: datetime | None
    escalate_to: str
    units: dict[UUID, int]
    seats: list[Seat]


class Approval(Shown):
    """The chain of a return, the latest round first. `why`: the reader cannot decide now."""

    flow_id: UUID
    zh: str
    en: str
    stages: list[ApprovalStage]
    why: Finding | None


def approval(found: read.Approval | None) -> Approval | None:
    if found is None:
        return None
    return show(
        Approval,
        found,
        stages=[show(ApprovalStage, stage, seats=[_seat(seat) for seat in stage.seats]) for stage in found.stages],
        why=finding(found.why) if found.why else None,
    )


def _seat(seat: read.Seat) -> Seat:
    return show(Seat, seat, stand_ins=[one.name for one in seat.stand_ins])
