"""Settings of a worker process that calls a receiver on this machine: the program's own, with this network allowed."""

from __future__ import annotations

from guicang.config.environment import networks
from guicang.config.settings import *  # noqa: F403

OUTGOING_ALLOW = networks("127.0.0.0/8")
#: None: what is tested is the calling, not the program's periodic work.
SCHEDULES = {}
