"""Settings of a worker process whose clocks are killed: the program's own, with the handler of `worker_handlers`."""

from __future__ import annotations

from guicang.config.settings import *  # noqa: F403

OUTBOX_HANDLERS = {
    **OUTBOX_HANDLERS,  # noqa: F405
    ("returns.clocks", 1): "tests.concurrency.worker_handlers.clocks",
    ("notice.send", 1): "tests.concurrency.worker_handlers.effect",
}
#: None: what is tested is one look at the clocks, not the program's periodic work.
SCHEDULES = {}
