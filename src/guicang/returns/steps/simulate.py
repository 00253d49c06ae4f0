"""A statement of policies over past requests, by the worker: topic policy.simulate.

It writes nothing but its own row. A killed one goes on where its last note of progress ended.
"""

from __future__ import annotations

import time
from datetime import timedelta
from uuid import UUID

from guicang.kernel import outbox
from guicang.kernel.clock import utcnow
from guicang.kernel.collecting import rare_collections
from guicang.kernel.ids import NIL
from guicang.policy import queries as policies
from guicang.policy.operations import simulations
from guicang.policy.rules import Book, Effect, Statement
from guicang.returns.operations.replaying import Place, Replay

#: Seconds between two notes of progress.
NOTED_EVERY = 1.0
#: A run hands itself back after so long, so that no worker takes it for one that hangs.
SLICE_SECONDS = 900.0


def simulate(envelope: outbox.Envelope) -> None:
    """The outbox's handler. `body`: simulation and start, so that a message of an earlier start does nothing."""
    run = simulations.take_up(UUID(str(envelope.body["simulation"])), int(envelope.body["start"]))
    if run is None:
        return
    try:
        with rare_collections():
            state = _replayed(run, envelope)
    except (outbox.HandlerError, outbox.LeaseLost):
        raise
    except Exception:
        if envelope.lease.attempt >= outbox.MAX_ATTEMPTS:
            simulations.ended(run.id, "failed", "unexpected", utcnow())
        raise
    simulations.ended(run.id, state, "", utcnow())


def _replayed(run: simulations.Taken, envelope: outbox.Envelope) -> str:
    """Count to the end: the state it ends in."""
    replay = _replay(run)
    if run.total is None:
        simulations.counted(run.id, replay.total())
    effect, watch = Effect.from_data(run.effect), _Watch(run.id, envelope)
    reached = Place(run.reached_at, run.reached_id) if run.reached_at is not None else None
    for place, cases in replay.chunks(reached):
        for case in cases:
            effect.add(case)
        reached = place
        if watch.cancels(effect, place):
            return "cancelled"
    if reached is not None:
        _note(run.id, effect, reached)
    return "done"


class _Watch:
    """Lays down progress, keeps the lease, and hands the run back after a while."""

    def __init__(self, run_id: UUID, envelope: outbox.Envelope) -> None:
        self._run_id, self._envelope = run_id, envelope
        self._since, self._noted = time.monotonic(), 0.0

    def cancels(self, effect: Effect, place: Place) -> bool:
        """After a thousand: whether somebody called it off."""
        now = time.monotonic()
        if now - self._noted < NOTED_EVERY:
            return False
        self._noted = now
        if _note(self._run_id, effect, place):
            return True
        if self._envelope.lease.short():
            outbox.extend(self._envelope)
        if now - self._since > SLICE_SECONDS:
            raise outbox.NotNow("goes on", timedelta(0))
        return False


def _note(run_id: UUID, effect: Effect, place: Place) -> bool:
    """One row says how far it is and what came of it so far: neither is ever ahead of the other."""
    return simulations.progressed(
        run_id, done=effect.cases, reached_at=place.asked_at, reached_id=place.id, effect=effect.as_data()
    )


def _replay(run: simulations.Taken) -> Replay:
    baseline = None if run.baseline_id == NIL else policies.books([run.baseline_id])[run.baseline_id]
    tried = Book(NIL, 0, Statement.from_data(run.statement))
    return Replay(run.company_id, run.since, run.until, tried, baseline, run.amounts)
