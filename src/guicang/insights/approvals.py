"""Who has to agree to a return, as its page shows it; and what waits for one reader alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from guicang.kernel.actor import Actor
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refusal
from guicang.policy import queries as policies
from guicang.returns.lifecycle import COMMANDS
from guicang.returns.models import ApprovalSeat, ApprovalStage, Return, ReturnLine
from guicang.returns.operations import approvals
from guicang.staff import queries as staff


class StandIn(NamedTuple):
    """A colleague who may decide for somebody of the seat, until the last day."""

    name: str
    of: str
    until: date


@dataclass(frozen=True, slots=True)
class Seat:
    """Whose word is asked for: a `role` or the person `name`; `by` gave it, `instead_of` whom where he stood in."""

    role: str
    user_id: UUID
    name: str
    escalated: bool
    by_id: UUID
    by: str
    instead_of: str
    at: datetime | None
    stand_ins: list[StandIn]


@dataclass(frozen=True, slots=True)
class Stage:
    """`units`: granted by line where it was less than what was asked for."""

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
    units: dict[str, int]
    seats: list[Seat]


@dataclass(frozen=True, slots=True)
class Approval:
    """The chain of a return. `stages` of every round, the latest round first; `why`: the reader cannot decide now.

    `most`: units of each line that can still be granted.
    """

    flow_id: UUID
    zh: str
    en: str
    stages: list[Stage]
    why: Refusal | None
    most: dict[UUID, int]

    @property
    def now(self) -> Stage | None:
        return next((stage for stage in self.stages if stage.state == "open"), None)


def approval(header: Return, lines: Sequence[ReturnLine], actor: Actor, now: datetime) -> Approval | None:
    """None where no flow fitted; 1 statement then, else 4, and 3 more while a stage is open."""
    rows = list(ApprovalStage.objects.filter(parent_id=header.id).order_by("-round", "number"))
    if not rows:
        return None
    seats: dict[UUID, list[ApprovalSeat]] = {row.id: [] for row in rows}
    for seat in ApprovalSeat.objects.filter(stage_id__in=list(seats)).order_by("id"):
        seats[seat.stage_id].append(seat)
    chain = approvals.Chain([row for row in rows if row.round == header.appeals], seats)
    word = approvals.word_of(chain, header, staff.stands_for(actor, now)) if header.stage else None
    found = policies.flow(rows[0].flow_id)
    names = _names(seat for each in seats.values() for seat in each)
    stand_ins = _stand_ins(seats[chain.now.id], now) if chain.now else []
    return Approval(
        rows[0].flow_id,
        found[1].zh if found else "",
        found[1].en if found else "",
        [_stage(row, seats[row.id], names, stand_ins if row.state == "open" else []) for row in rows],
        word if isinstance(word, Refusal) else None,
        {line.id: chain.most(line) for line in lines},
    )


def _names(seats: Iterable[ApprovalSeat]) -> dict[UUID, str]:
    wanted = {key for seat in seats for key in (seat.user_id, seat.decided_by_id, seat.decided_for_id)}
    return staff.names(sorted(wanted - {NIL}))


def _stand_ins(seats: Sequence[ApprovalSeat], now: datetime) -> list[staff.DelegationInfo]:
    missing = [seat for seat in seats if seat.open]
    users = {seat.user_id for seat in missing} - {NIL}
    return staff.live_delegations(users, {seat.role for seat in missing} - {""}, now)


def _stage(
    row: ApprovalStage,
    seats: Sequence[ApprovalSeat],
    names: dict[UUID, str],
    stand_ins: Sequence[staff.DelegationInfo],
) -> Stage:
    return Stage(
        row.round,
        row.number,
        row.state,
        row.need,
        row.opened_at,
        row.due_at,
        row.paused_at,
        row.escalated_at,
        row.decided_at,
        row.escalate_to,
        row.units,
        [_seat(seat, names, stand_ins) for seat in seats],
    )


def _seat(seat: ApprovalSeat, names: dict[UUID, str], stand_ins: Sequence[staff.DelegationInfo]) -> Seat:
    mine = [one for one in stand_ins if one.from_id == seat.user_id or (seat.role and one.from_role == seat.role)]
    return Seat(
        seat.role,
        seat.user_id,
        names.get(seat.user_id, ""),
        seat.escalated,
        seat.decided_by_id,
        names.get(seat.decided_by_id, ""),
        names.get(seat.decided_for_id, ""),
        seat.decided_at,
        [StandIn(one.to_name, one.from_name, one.last_day) for one in mine if seat.open],
    )


#: Deciding about what no flow asks others about.
ALONE = COMMANDS["authorise"].permission


def decides(actor: Actor) -> bool:
    """Whether requests can wait for this reader at all."""
    return actor.may(ALONE) or actor.may(approvals.DECIDES)


def may_decide(actor: Actor, now: datetime) -> Q:
    """Of returns that wait for a decision, those that this reader may give it to; 1 statement."""
    mine = Q(pk__in=())
    if actor.may(ALONE):
        mine |= Q(stage=0)
    if actor.may(approvals.DECIDES):
        mine |= Q(id__in=_my_seats(actor, now).values("stage__parent_id"))
    return mine


def _my_seats(actor: Actor, now: datetime) -> QuerySet[ApprovalSeat]:
    """Open seats that the actor can take, his own and those of whom he stands in for; 1 statement."""
    mine = Q(pk__in=())
    for person in staff.stands_for(actor, now):
        if person.may(approvals.DECIDES):
            place = person.scope.filters(
                company_id="stage__parent__company_id",
                shop_id="stage__parent__shop_id",
                warehouse_id="stage__parent__warehouse_id",
            )
            mine |= (Q(role=person.role) | Q(user_id=person.id)) & ~Q(stage__asked_by_id=person.id) & Q(**place)
    said = ApprovalSeat.objects.filter(stage__state="open", decided_by_id=actor.id).values("stage_id")
    rows = ApprovalSeat.objects.filter(mine, open=True).exclude(stage_id__in=said)
    return rows.exclude(stage__asked_by_id=actor.id)


@dataclass(frozen=True, slots=True)
class Mine:
    count: int
    oldest: datetime | None


def waiting(actor: Actor, now: datetime) -> Mine:
    """How many requests this reader may decide, and since when the oldest waits; 3 statements, none for others.

    Those that wait for nobody in particular are counted inside the index of what is not over, those that wait for
    certain people by the index of seats.
    """
    if not decides(actor):
        return Mine(0, None)
    bounds = actor.scope.exact_filters(company_id="company_id", shop_id="shop_id")
    rows = Return.objects.filter(**bounds, **actor.scope.filters(warehouse_id="warehouse_id"))
    rows = rows.filter(state="requested", ending="").exclude(decision="rejected").order_by()
    seats = rows.exclude(stage=0).filter(id__in=_my_seats(actor, now).values("stage__parent_id"))
    parts = [*([rows.filter(stage=0)] if actor.may(ALONE) else []), *([seats] if actor.may(approvals.DECIDES) else [])]
    sums = [part.aggregate(n=Count("*"), oldest=Min("requested_at")) for part in parts]
    return Mine(sum(one["n"] for one in sums), min((one["oldest"] for one in sums if one["oldest"]), default=None))
