"""A strict receiver of webhooks in this process: checks every signature by the code of the documentation."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pytest_django import Settings

from guicang.config.environment import networks
from guicang.integrations.webhooks import steps
from guicang.kernel.actor import Actor
from tests.world import World

DOCS = Path(__file__).resolve().parents[1] / "docs"
#: (status, headers, seconds to wait before it)
Reply = tuple[int, dict[str, str], float]
FINE: Reply = (200, {}, 0.0)


def documented(language: str) -> dict[str, Any]:
    """The receiver that the documentation shows, as it stands there."""
    text = (DOCS / language / "webhooks.md").read_text(encoding="utf8")
    (block,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    made: dict[str, Any] = {"__name__": "receiver"}
    exec(compile(block, "webhooks.md", "exec"), made)
    return made


class Receiver:
    """`heard`: (webhook-id, genuine, body) in order; `replies` are given one after the other, the last one for good."""

    def __init__(self) -> None:
        self.program = documented("en")
        self.heard: list[tuple[str, bool, bytes]] = []
        self.signatures: list[str] = []
        self.replies: list[Reply] = [FINE]
        self.busy = self.busiest = 0
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                status, headers, pause = receiver._take(self)
                time.sleep(pause)
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                with receiver._lock:
                    receiver.busy -= 1  # before the caller can know, and call again
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hooks"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _take(self, request: BaseHTTPRequestHandler) -> Reply:
        body = request.rfile.read(int(request.headers["content-length"]))
        genuine: Callable[[Any, bytes], bool] = self.program["is_genuine"]
        with self._lock:
            self.busy += 1
            self.busiest = max(self.busy, self.busiest)
            self.heard.append((request.headers["webhook-id"], genuine(request.headers, body), body))
            self.signatures.append(request.headers["webhook-signature"])
            return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def trust(self, secret: str) -> None:
        self.program["SECRET"] = secret


def endpoint(world: World) -> UUID:
    """A webhook of the company's that leads nowhere."""
    url = "https://hook.example/x"
    made, _ = steps.add(company_id=world.company_id, url=url, actor=Actor.system(), now=world.now)
    return made


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """A receiver on this machine, whose network is allowed."""
    settings.OUTGOING_ALLOW = networks("127.0.0.0/8")
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()
