"""The approval stages of returns under lock: opened with the request, decided one after the other.

Whoever changes stages holds their return, so two who decide at once come one after the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from guicang.kernel import setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.refusal import Refusal
from guicang.policy.queries import FlowInfo
from guicang.returns import errors
from guicang.returns.deadlines import Kind, Then, Timer, given
from guicang.returns.lifecycle import APPROVE, COMMANDS
from guicang.returns.models import ApprovalSeat, ApprovalStage, Return, ReturnLine
from guicang.returns.operations.docket import Case
from guicang.staff import queries as staff

#: What whoever decides at a stage needs to be able to do, and whoever he stands in for too.
DECIDES = APPROVE
_STAGE = ("state", "opened_at", "due_at", "paused_at", "escalated_at", "decided_at", "units")
_SEAT = ("open", "decided_by_id", "decided_for_id", "decided_at")


@dataclass(slots=True)
class Chain:
    """The stages of a return's present round in their order, with their seats."""

    stages: list[ApprovalStage]
    seats: dict[UUID, list[ApprovalSeat]]
    added: list[ApprovalSeat] = field(default_factory=list)

    @property
    def now(self) -> ApprovalStage | None:
        """The open one."""
        return next((stage for stage in self.stages if stage.state == "open"), None)

    def most(self, line: ReturnLine) -> int:
        """Units of a line that can still be granted: what earlier stages left of it."""
        said = [int(stage.units[str(line.id)]) for stage in self.stages if str(line.id) in stage.units]
        return min([line.requested, *said])


@dataclass(frozen=True, slots=True)
class Say:
    """A word given at a stage: by whom, for whom (NIL: for himself), and on which seat."""

    seat: ApprovalSeat
    actor_id: UUID
    for_id: UUID


def load(cases: Iterable[Case]) -> dict[UUID, Chain]:
    """The chains of returns of which a stage is open, by return; no statement where none is, else 2 a thousand."""
    return chains({case.header.id: case.header for case in cases if case.header.stage})


def chains(headers: Mapping[UUID, Return]) -> dict[UUID, Chain]:
    """The chains of the present round, by return; 2 statements a thousand, 1 where no return has stages."""
    found: dict[UUID, Chain] = {}
    for stage in _stages({key: header.appeals for key, header in headers.items()}):
        found.setdefault(stage.parent_id, Chain([], {})).stages.append(stage)
    by_stage = {stage.id: chain for chain in found.values() for stage in chain.stages}
    for seat in _seats(by_stage):
        by_stage[seat.stage_id].seats.setdefault(seat.stage_id, []).append(seat)
    return found


def _stages(rounds: Mapping[UUID, int]) -> list[ApprovalStage]:
    """The stages of these returns in the given round of each, in their order; 1 statement a thousand returns."""
    rows = setwrites.fetch(ApprovalStage, rounds, key="parent_id")
    return sorted((row for row in rows if row.round == rounds[row.parent_id]), key=lambda row: row.number)


def _seats(stage_ids: Iterable[UUID]) -> list[ApprovalSeat]:
    """In the order in which they were named; 1 statement a thousand stages."""
    return sorted(setwrites.fetch(ApprovalSeat, stage_ids, key="stage_id"), key=lambda seat: seat.id)


def open_flows(wanted: Sequence[tuple[UUID, FlowInfo]], actor: Actor, now: datetime) -> None:
    """Freeze the flow of each new return, its first stage open; at most 2 statements a thousand."""
    stages: list[dict[str, Any]] = []
    seats: list[dict[str, Any]] = []
    asked_by = actor.id if actor.kind == "staff" else NIL
    for return_id, info in wanted:
        for number, said in enumerate(info.flow.stages, 1):
            row = {"id": new_id(), "parent_id": return_id, "round": 0, "number": number, "flow_id": info.id}
            row |= {"need": said.need, "hours": said.hours or 0, "escalate_to": said.escalate_to}
            stages.append({**row, "asked_by_id": asked_by, **_begun(number, said.hours or 0, now)})
            named = [*(("role", code) for code in said.roles), *(("user_id", key) for key in said.users)]
            open_now = {"stage_id": row["id"], "open": number == 1, "decided_at": None}
            seats += [{**open_now, name: value} for name, value in named]
    setwrites.insert(ApprovalStage, stages)
    setwrites.insert(ApprovalSeat, seats)


def stage_timer(info: FlowInfo, at: datetime) -> list[Timer]:
    """The clock of a flow's first stage, where it has one."""
    first = info.flow.stages[0]
    return [_timer(at, at + timedelta(hours=first.hours), first.escalate_to)] if first.hours else []


def time_stage(case: Case, chain: Chain) -> None:
    """Start the clock of the stage that has just opened, or stop that of the one before it."""
    stage = chain.now
    if stage is None or stage.opened_at is None:
        return
    if stage.due_at is not None:
        case.timers.append(_timer(stage.opened_at, stage.due_at, stage.escalate_to))
    else:
        case.stopped.add(Kind.STAGE)


def pause(chain: Chain, at: datetime) -> bool:
    """The customer is asked: the time of the open stage stands still; False where there is none left to keep."""
    stage = chain.now
    if stage is None or stage.due_at is None or stage.due_at <= at or stage.escalated_at is not None:
        return False
    stage.paused_at = at
    return True


def resume(case: Case, chain: Chain, at: datetime) -> None:
    """The time of the open stage goes on with what was left of it."""
    stage = chain.now
    if stage is None or stage.due_at is None or stage.paused_at is None:
        return
    stage.due_at, stage.paused_at = stage.due_at + max(at - stage.paused_at, timedelta()), None
    case.timers.append(_timer(at, stage.due_at, stage.escalate_to))


def _timer(at: datetime, due_at: datetime, role: str) -> Timer:
    return given(Kind.STAGE, at, due_at, Then.ESCALATE if role else Then.NOTHING, role or "approver")


def _begun(number: int, hours: int, now: datetime) -> dict[str, Any]:
    row: dict[str, Any] = {"paused_at": None, "escalated_at": None, "decided_at": None}
    if number > 1:
        return {**row, "state": "waiting", "opened_at": None, "due_at": None}
    return {**row, "state": "open", "opened_at": now, "due_at": now + timedelta(hours=hours) if hours else None}


def reopen(cases: Collection[Case], now: datetime) -> None:
    """Open the flows of appealed returns anew, as they were frozen; 1 statement where none has any, else 4."""
    before = {case.header.id: case.header.appeals - 1 for case in cases}
    old = _stages(before)
    if not old:
        return
    renewed: dict[UUID, UUID] = {stage.id: new_id() for stage in old}
    kept = ("parent_id", "number", "flow_id", "need", "hours", "escalate_to", "asked_by_id")
    stages = [
        {
            **{name: getattr(stage, name) for name in kept},
            "id": renewed[stage.id],
            "round": stage.round + 1,
            **_begun(stage.number, stage.hours, now),
        }
        for stage in old
    ]
    first = {stage.id for stage in old if stage.number == 1}
    seats = [
        {
            "stage_id": renewed[seat.stage_id],
            "role": seat.role,
            "user_id": seat.user_id,
            "open": seat.stage_id in first,
            "decided_at": None,
        }
        for seat in _seats(renewed)
        if not seat.escalated
    ]
    setwrites.insert(ApprovalStage, stages)
    setwrites.insert(ApprovalSeat, seats)
    firsts = {stage.parent_id: stage for stage in old if stage.number == 1}
    for case in cases:
        begun = firsts.get(case.header.id)
        case.header.stage = 1 if begun else 0
        if begun and begun.hours:
            case.timers.append(_timer(now, now + timedelta(hours=begun.hours), begun.escalate_to))


def persons(chains: Collection[Any], context: Context) -> list[Actor]:
    """The actor and those whom he stands in for; 1 statement where stages are open."""
    return staff.stands_for(context.actor, context.now) if chains else [context.actor]


def outside(command: str, chain: Chain | None, actor: Actor) -> list[Refusal]:
    """Why somebody who only gives words at stages cannot give a command: none is open that would ask for his."""
    permission = COMMANDS[command].permission
    return [] if chain is not None or actor.may(permission) else [errors.NotPermitted(permission=permission)]


def word_of(chain: Chain, header: Return, persons: Sequence[Actor], seen: int | None = None) -> Say | Refusal | None:
    """The word that the first of `persons` (he himself, then those he stands in for) can give now, or why he cannot.

    None: the system's, which needs no seat. A word of his own comes before one for somebody else, and a person's own
    seat before that of his role. `seen`: the stage that he looked at.
    """
    stage, actor = chain.now, persons[0]
    if actor.kind == "system":
        return None
    if stage is None:
        return errors.NotYourStage(stage=0)
    if (refusal := _kept_out(stage, actor, seen)) is not None:
        return refusal
    seats = chain.seats.get(stage.id, [])
    if any(seat.decided_by_id == actor.id for seat in seats):
        return errors.DecidedAlready(stage=stage.number)
    for person in _able(persons, stage, header):
        mine = [seat for seat in seats if seat.open and (seat.user_id == person.id or seat.role == person.role)]
        if mine:
            seat = min(mine, key=lambda seat: seat.user_id == NIL)
            return Say(seat, actor.id, NIL if person.id == actor.id else person.id)
    return errors.NotYourStage(stage=stage.number)


def _kept_out(stage: ApprovalStage, actor: Actor, seen: int | None) -> Refusal | None:
    """Why somebody has no word at this stage, whatever it asks for."""
    if not actor.may(DECIDES):
        return errors.NotPermitted(permission=DECIDES)
    if seen not in (None, stage.number):
        return errors.StageMoved(seen=seen, stage=stage.number)
    return errors.OwnRequest() if stage.asked_by_id == actor.id else None


def _able(persons: Sequence[Actor], stage: ApprovalStage, header: Return) -> list[Actor]:
    """Those who may decide at all: who asked never does, and nobody does by standing in for him."""
    place = (header.company_id, header.shop_id, header.warehouse_id, header.customer_id)
    return [one for one in persons if one.id != stage.asked_by_id and one.may(DECIDES) and one.sees(*place)]


def approve(chain: Chain, say: Say | None, less: Mapping[UUID, int], at: datetime) -> int:
    """Give a word (None: the system's, which ends the chain); the number of the stage that is open after it, 0: none.

    `less`: units by line where not all that is left of it was granted.
    """
    stage = chain.now
    if stage is None:
        return 0
    if say is None:
        _end(chain, "skipped", at)
        return 0
    _given(say, at)
    stage.units = {**stage.units, **{str(key): units for key, units in less.items()}}
    seats = chain.seats[stage.id]
    if stage.need == "all" and not say.seat.escalated and any(seat.open for seat in seats if not seat.escalated):
        return stage.number
    stage.state, stage.decided_at, stage.paused_at = "approved", at, None
    for seat in seats:
        seat.open = False
    following = next((one for one in chain.stages if one.state == "waiting"), None)
    if following is None:
        return 0
    following.state, following.opened_at = "open", at
    following.due_at = at + timedelta(hours=following.hours) if following.hours else None
    for seat in chain.seats[following.id]:
        seat.open = True
    return following.number


def reject(chain: Chain, say: Say | None, at: datetime) -> None:
    """No at the open stage; those after it are not asked any more."""
    stage = chain.now
    if say is not None:
        _given(say, at)
    _end(chain, "skipped", at)
    if stage is not None:
        stage.state = "rejected"


def escalate(chain: Chain, at: datetime) -> str:
    """Give the role that the open stage names a seat; '' where it names none, or it was done before."""
    stage = chain.now
    if stage is None or stage.escalated_at is not None or not stage.escalate_to:
        return ""
    stage.escalated_at = at
    chain.added.append(ApprovalSeat(id=new_id(), stage_id=stage.id, role=stage.escalate_to, open=True, escalated=True))
    return stage.escalate_to


def _given(say: Say, at: datetime) -> None:
    seat = say.seat
    seat.open, seat.decided_by_id, seat.decided_for_id, seat.decided_at = False, say.actor_id, say.for_id, at


def _end(chain: Chain, state: str, at: datetime) -> None:
    for stage in chain.stages:
        if stage.state in ("open", "waiting"):
            stage.state, stage.decided_at, stage.paused_at = state, at, None
            for seat in chain.seats[stage.id]:
                seat.open = False


def skip(cases: Collection[Case], at: datetime) -> None:
    """The request is over without a decision: its stages are too. No statement where none is open, else 4."""
    found = load(cases)
    for chain in found.values():
        _end(chain, "skipped", at)
    for case in cases:
        case.header.stage = 0
    store(found.values())


def store(touched: Collection[Chain]) -> None:
    """Write stages and seats; at most 3 statements a thousand."""
    stages = [stage for chain in touched for stage in chain.stages]
    seats = [seat for chain in touched for each in chain.seats.values() for seat in each]
    setwrites.update(ApprovalStage, [_row(stage, _STAGE) for stage in stages], assign=_STAGE)
    setwrites.update(ApprovalSeat, [_row(seat, _SEAT) for seat in seats], assign=_SEAT)
    added = [seat for chain in touched for seat in chain.added]
    setwrites.insert(
        ApprovalSeat, [_row(seat, ("stage_id", "role", "open", "escalated", "decided_at")) for seat in added]
    )


def _row(row: ApprovalStage | ApprovalSeat, names: Sequence[str]) -> dict[str, Any]:
    return {"id": row.id, **{name: getattr(row, name) for name in names}}
