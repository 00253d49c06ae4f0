"""Runs of a statement over past requests: begun and called off by people, carried on by the worker (`simulate`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import outbox
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.refusal import Refused
from guicang.policy import errors
from guicang.policy.models import Simulation
from guicang.policy.rules import Statement

TOPIC = "policy.simulate"
#: Runs of a company that are kept; an older one is removed when another begins.
KEPT = 20
#: States in which nobody works at it any more.
OVER = ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Trial:
    """What to try, and over what. `baseline_id` NIL: for each order the version it is frozen to."""

    name: str
    statement: Statement
    since: datetime
    until: datetime
    baseline_id: UUID = NIL
    baseline_name: str = ""
    amounts: bool = False


class Taken(NamedTuple):
    """A run as the worker takes it up."""

    id: UUID
    company_id: UUID
    statement: Any
    baseline_id: UUID
    since: datetime
    until: datetime
    amounts: bool
    total: int | None
    done: int
    reached_at: datetime | None
    reached_id: UUID
    effect: Any


def start_simulation(context: Context, company_id: UUID, trial: Trial) -> UUID:
    """Queue a run. About 8 statements. Raises Refused(NothingToTry, SpanBad, SimulationRuns)."""
    rows = Simulation.objects.filter(company_id=company_id)
    refusals: list[Any] = [] if trial.statement.policies else [errors.NothingToTry()]
    if trial.since >= min(trial.until, context.now):
        refusals.append(errors.SpanBad())
    if rows.exclude(state__in=OVER).exists():
        refusals.append(errors.SimulationRuns())
    if refusals:
        raise Refused(refusals)
    old = rows.order_by("-created_at", "-id").values_list("id", flat=True)[KEPT - 1 :]
    Simulation.objects.filter(id__in=list(old)).delete()
    row = Simulation(
        id=new_id(),
        company_id=company_id,
        name=trial.name[:120],
        statement=trial.statement.as_data(),
        baseline_id=trial.baseline_id,
        baseline_name=trial.baseline_name[:120],
        since=trial.since,
        # What is asked for from now on is not past.
        until=min(trial.until, context.now),
        amounts=trial.amounts,
        actor_id=context.actor.id,
        created_at=context.now,
        queued_at=context.now,
    )
    row.save(force_insert=True)
    _queue(context, row, "start", {"name": row.name, "since": row.since, "until": row.until, "amounts": row.amounts})
    return row.id


def resume_simulation(context: Context, simulation_id: UUID, company_id: UUID) -> None:
    """Go on with one that failed or was cancelled. Raises Refused(NoSuchSimulation, SimulationRuns)."""
    row = _held(simulation_id, company_id)
    if row.state not in ("failed", "cancelled"):
        return
    if Simulation.objects.filter(company_id=company_id).exclude(state__in=OVER).exists():
        raise Refused([errors.SimulationRuns()])
    row.state, row.starts, row.queued_at = "queued", row.starts + 1, context.now
    row.fault, row.cancel_wanted, row.ended_at = "", False, None
    row.save()
    _queue(context, row, "resume", {"done": row.done})


def cancel_simulation(context: Context, simulation_id: UUID, company_id: UUID) -> None:
    """Call it off, before its next thousand. Raises Refused(NoSuchSimulation)."""
    row = _held(simulation_id, company_id)
    if row.state in OVER:
        return
    row.cancel_wanted = row.state == "running"
    if not row.cancel_wanted:
        row.state, row.ended_at = "cancelled", context.now
    row.save(update_fields=["cancel_wanted", "state", "ended_at"])
    record(context, [AuditEntry(company_id, "simulation", row.id, "cancel", {}, {"done": row.done})])


def take_up(simulation_id: UUID, start: int) -> Taken | None:
    """For the worker: the run of this start, now running; None where it was called off or started anew since."""
    with transaction.atomic():
        row = Simulation.objects.select_for_update().filter(id=simulation_id, starts=start).first()
        if row is None or row.state in OVER:
            return None
        row.state = "running"
        row.save(update_fields=["state"])
        return Taken(*(getattr(row, name) for name in Taken._fields))


def counted(simulation_id: UUID, total: int) -> None:
    """How many requests there are; 1 statement."""
    Simulation.objects.filter(id=simulation_id).update(total=total)


def progressed(
    simulation_id: UUID, *, done: int, reached_at: datetime, reached_id: UUID, effect: Mapping[str, Any]
) -> bool:
    """Lay down how far it is, all in one row; True where somebody wants it called off. 2 statements."""
    rows = Simulation.objects.filter(id=simulation_id)
    rows.update(done=done, reached_at=reached_at, reached_id=reached_id, effect=effect)
    return not rows.filter(cancel_wanted=False).exists()


def ended(simulation_id: UUID, state: str, fault: str, now: datetime) -> None:
    Simulation.objects.filter(id=simulation_id).update(state=state, fault=fault, cancel_wanted=False, ended_at=now)


def _queue(context: Context, row: Simulation, action: str, said: Mapping[str, Any]) -> None:
    body = {"simulation": str(row.id), "start": row.starts}
    outbox.queue(context, [outbox.Message(TOPIC, body, f"{TOPIC}:{row.id}:{row.starts}", row.id)])
    record(context, [AuditEntry(row.company_id, "simulation", row.id, action, {}, dict(said))])


def _held(simulation_id: UUID, company_id: UUID) -> Simulation:
    row = Simulation.objects.select_for_update().filter(id=simulation_id, company_id=company_id).first()
    if row is None:
        raise Refused([errors.NoSuchSimulation()])
    return row
