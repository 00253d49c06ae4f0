"""Child processes of `guicang run`: started together, stopped together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from django.utils.translation import gettext as _

from guicang.cli import lifeline

STOP_SECONDS = 15.0
LAST_LINES = 20


class Children:
    """Commands of `guicang` in processes of their own; leaving the block stops them all.

    Each gets a session of its own, so that Ctrl-C reaches only the parent, which then stops them in good order.
    So does a terminal that is closed; should the parent be killed, they end by themselves (`lifeline`).
    """

    def __init__(self) -> None:
        self._pipe = os.pipe()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._logs: dict[str, Path] = {}
        self.stopping = False

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop_wanted)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._running.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in self._running.values():
            try:
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for end in self._pipe:
            os.close(end)

    def start(self, name: str, words: list[str], log: Path | None = None) -> None:
        """What it says goes to `log`, if given, which is begun anew; else to our own terminal."""
        command = [sys.executable, "-m", "guicang.cli.main", *words]
        with ExitStack() as files:
            output = None
            if log:
                log.parent.mkdir(parents=True, exist_ok=True)
                output = files.enter_context(log.open("wb"))
                self._logs[name] = log
            self._running[name] = subprocess.Popen(  # noqa: S603 - our own interpreter
                command,
                start_new_session=True,
                stdout=output,
                stderr=output,
                pass_fds=self._pipe[:1],
                env={**os.environ, lifeline.VARIABLE: str(self._pipe[0])},
            )

    def ended(self) -> list[str]:
        return [name for name, process in self._running.items() if process.poll() is not None]

    def watch(self) -> int:
        """Wait until someone stops us (0) or a process ends by itself (1): half a system is worse than none."""
        while not self.stopping:
            for name in self.ended():
                facts = {"name": name, "status": self._running[name].returncode}
                print(_("%(name)s ended with status %(status)s; stopping") % facts, file=sys.stderr)
                if name in self._logs:
                    last = self._logs[name].read_text(errors="replace").splitlines()[-LAST_LINES:]
                    print(_("The end of %(file)s:") % {"file": self._logs[name]}, *last, sep="\n  ", file=sys.stderr)
                return 1
            time.sleep(0.2)
        return 0

    def _stop_wanted(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True
