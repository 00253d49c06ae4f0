"""Settings of a worker process under test: the program's own, with the handlers of `worker_handlers`."""

from __future__ import annotations

from guicang.config.settings import *  # noqa: F403

OUTBOX_HANDLERS = {
    (name, 1): f"tests.concurrency.worker_handlers.{name}"
    for name in ("effect", "killed_inside", "killed_after_commit", "killed_after_sending", "slow")
}

#: None: what is tested is the queue, not the program's periodic work.
SCHEDULES = {}
