"""A child of `guicang run` ends when its parent is gone: after kill -9 the parent could not stop it any more.

The parent keeps the writing end of a pipe and gives the reading end to each child. However the parent ends, the pipe
closes, and the child stops as after SIGTERM. Otherwise web and worker would live on and hold the port.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import MutableMapping

#: The number of the pipe's reading end, in a child's environment.
VARIABLE = "GUICANG_LIFELINE"


def hold(environment: MutableMapping[str, str]) -> None:
    """Watch the parent, where this process is such a child. Children of our own are not."""
    number = environment.pop(VARIABLE, "")
    if not number:
        return
    os.set_inheritable(int(number), False)
    threading.Thread(target=_stop_when_closed, args=(int(number),), name="lifeline", daemon=True).start()


def _stop_when_closed(number: int) -> None:
    # Nobody ever writes: reading ends when the last writer is gone.
    os.read(number, 1)
    os.kill(os.getpid(), signal.SIGTERM)
