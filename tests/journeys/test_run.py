"""`guicang run`: an installation comes up with its worker, and nothing of it stays behind, however it is ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess  # nosec B404 - our own program
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from guicang.cli.ports import is_free
from guicang.cli.waiting import answers
from tests.journeys.installation import SECONDS, Installation


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _children(parent: int) -> list[int]:
    known = Path(f"/proc/{parent}/task/{parent}/children")
    if known.exists():
        return [int(number) for number in known.read_text().split()]
    table = subprocess.run(["ps", "-A", "-o", "pid=", "-o", "ppid="], capture_output=True, text=True, check=True)
    pairs = [tuple(map(int, line.split())) for line in table.stdout.splitlines()]
    return [child for child, owner in pairs if owner == parent]


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_web_and_worker_end_with_their_parent(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C, a closed terminal, kill -9: what lived on would hold the port, and work unseen."""
    place, port = Installation(tmp_path / "home"), _free_port()
    words = ("run", "--no-demo", "--port", port)
    parent = subprocess.Popen(
        place.command(words), env=place.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _wait(lambda: answers(f"http://127.0.0.1:{port}/readyz") or parent.poll() is not None)
    assert parent.poll() is None
    children = _children(parent.pid)
    assert len(children) == len(("web", "worker"))
    parent.send_signal(number)
    assert parent.wait(SECONDS) == (-number if number == signal.SIGKILL else 0)
    _wait(lambda: not any(map(_alive, children)))
    _wait(lambda: is_free("127.0.0.1", port))
