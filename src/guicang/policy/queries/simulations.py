"""Reading runs over the past."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.policy.models import Simulation
from guicang.policy.rules import Effect, Statement

#: What a list shows of a run.
_HEAD = (
    *("id", "company_id", "name", "baseline_id", "baseline_name", "since", "until", "amounts", "state"),
    *("done", "total", "fault", "cancel_wanted", "actor_id", "created_at", "queued_at", "ended_at"),
)


@dataclass(frozen=True, slots=True)
class Run:
    """A run as lists show it; `total` None: not counted yet."""

    id: UUID
    company_id: UUID
    name: str
    baseline_id: UUID
    baseline_name: str
    since: datetime
    until: datetime
    amounts: bool
    state: str
    done: int
    total: int | None
    fault: str
    cancel_wanted: bool
    actor_id: UUID
    created_at: datetime
    queued_at: datetime
    ended_at: datetime | None

    @property
    def moving(self) -> bool:
        return self.state in ("queued", "running")

    @property
    def percent(self) -> int:
        return self.done * 100 // self.total if self.total else 0


@dataclass(frozen=True, slots=True)
class Found:
    """A run with what was tried and what came of it so far."""

    run: Run
    statement: Statement
    effect: Effect


def simulations(company_id: UUID) -> list[tuple[Run, dict[str, Any]]]:
    """The runs of a company, the newest first, each with the counts after (empty where nothing was counted).

    1 statement.
    """
    rows = Simulation.objects.filter(company_id=company_id).order_by("-created_at", "-id")
    return [(Run(*row[:-1]), row[-1] or {}) for row in rows.values_list(*_HEAD, "effect__after")]


def simulation(simulation_id: UUID) -> Found | None:
    """1 statement."""
    row: Any = Simulation.objects.filter(id=simulation_id).first()
    if row is None:
        return None
    run = Run(*(getattr(row, name) for name in _HEAD))
    return Found(run, Statement.from_data(row.statement), Effect.from_data(row.effect))
