"""Runs of uploaded files by the worker: topic intake.run. A killed one goes on where its last whole set ended."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from guicang.intake import files, runs
from guicang.intake.kinds import taker_for
from guicang.intake.profiles import ProfileFault, read
from guicang.intake.tables import FileFault
from guicang.kernel import outbox
from guicang.kernel.clock import utcnow
from guicang.staff import queries as staff

PERMISSION = "intake.run"
#: Seconds between two notes of progress.
NOTED_EVERY = 1.0
#: A run hands itself back after so long, so that no worker takes it for one that hangs.
SLICE_SECONDS = 900.0
_AGAIN = timedelta(seconds=20)


class _Stopped(Exception):
    """Somebody wants it stopped."""


def run(envelope: outbox.Envelope) -> None:
    """The outbox's handler. `body`: file and start, so that a message of an earlier start does nothing."""
    file = files.take_up(UUID(str(envelope.body["file"])), int(envelope.body["start"]))
    if file is None:
        return
    try:
        state, fault = _taken(file, envelope)
    except (outbox.HandlerError, outbox.LeaseLost):
        raise
    except Exception:
        if envelope.lease.attempt >= outbox.MAX_ATTEMPTS:
            files.ended(file.id, "failed", {"code": "unexpected"})
        raise
    files.ended(file.id, state, fault)


def _taken(file: files.Taken, envelope: outbox.Envelope) -> tuple[str, dict[str, Any]]:
    """Run the file to its end: the state it ends in, and what was wrong with it."""
    actor = staff.actor(file.actor_id)
    if actor is None or not actor.may(PERMISSION):
        return "failed", {"code": "not_permitted"}
    try:
        profile = read(file.profile, file.profile_name or file.kind, file.kind)
        request = runs.Request(files.path_of(file.content), profile, name=file.file_name, file_id=file.id)
        taker = taker_for(profile, as_of=None, company_id=file.company_id)
        runs.run_file(request, taker, actor=actor, now=utcnow(), progress=_Watch(file.id, envelope))
    except _Stopped:
        return "stopped", {}
    except (FileFault, ProfileFault) as fault:
        data = {key: value if isinstance(value, int) else str(value) for key, value in fault.data.items()}
        return "failed", {"code": fault.code, "message": fault.message, "data": data}
    except runs.RunTaken as fault:
        raise outbox.TryLater("another process is at the file", _AGAIN) from fault
    return "done", {}


class _Watch:
    """Notes progress, keeps the lease, and ends the run between two sets where that is wanted."""

    def __init__(self, file_id: UUID, envelope: outbox.Envelope) -> None:
        self._file_id, self._envelope = file_id, envelope
        self._since, self._noted = time.monotonic(), 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage == "reading" and now - self._noted < NOTED_EVERY:
            return
        self._noted = now
        if files.progressed(self._file_id, *((done, total) if stage == "reading" else (1, 1))):
            raise _Stopped
        if self._envelope.lease.short():
            outbox.extend(self._envelope)
        if stage == "writing" and done < total and now - self._since > SLICE_SECONDS:
            raise outbox.NotNow("goes on", timedelta(0))
