"""Handlers that tell the test where they are, by files under GUICANG_HOME, and wait there to be killed."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.conf import settings

from guicang.kernel import clock, outbox
from guicang.kernel.models import Command
from guicang.returns.operations import docket
from guicang.returns.steps import tick

HANG_SECONDS = 120
KILLED_IN_SET = 3


def _effect(envelope: outbox.Envelope) -> None:
    Command.objects.create(name=f"effect-{envelope.body['n']}", actor_kind="system", recorded_at=clock.utcnow())


def _wait_to_be_killed(envelope: outbox.Envelope) -> None:
    """Only the first time: the next worker goes through."""
    marker = Path(settings.HOME) / f"reached-{envelope.topic}"
    if not marker.exists():
        marker.touch()
        time.sleep(HANG_SECONDS)


def effect(envelope: outbox.Envelope) -> None:
    with outbox.exactly_once(envelope):
        _effect(envelope)


def killed_inside(envelope: outbox.Envelope) -> None:
    with outbox.exactly_once(envelope):
        _effect(envelope)
        _wait_to_be_killed(envelope)


def killed_after_commit(envelope: outbox.Envelope) -> None:
    effect(envelope)
    _wait_to_be_killed(envelope)


def killed_after_sending(envelope: outbox.Envelope) -> None:
    """A gateway that keeps a diary of the ids it was given."""
    with (Path(settings.HOME) / "gateway").open("a") as diary:
        diary.write(f"{envelope.id}\n")
    _wait_to_be_killed(envelope)


def slow(envelope: outbox.Envelope) -> None:
    (Path(settings.HOME) / "reached-slow").touch()
    time.sleep(1.0)
    effect(envelope)


def clocks(envelope: outbox.Envelope) -> None:
    """Five at a time; in the third set, all written and nothing committed, it waits to be killed."""
    recorded, sets = vars(docket)["record"], []

    def record(*entries: Any) -> None:
        recorded(*entries)
        sets.append(entries)
        if len(sets) == KILLED_IN_SET:
            _wait_to_be_killed(envelope)

    with patch.object(docket, "record", record), patch.object(tick, "LOOK", 5):
        tick.tick(envelope)
