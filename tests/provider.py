"""A strict payment provider as a process of its own: pays, drops replies, counts, and keeps its keys.

`python -m tests.provider` prints its port. It refuses more than was captured, and a key that comes with other facts.
A refund that it turned down is forgotten: the same key may come again.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from guicang.payments.ports import Answer, Intent, OutcomeUnknown

TIMEOUT = 5.0


class Ledger:
    """What the provider knows. `script`: what it does with the next calls: ok, drop (done, but no reply), die (not
    done, no reply), fail, pending."""

    def __init__(self) -> None:
        self.captured: dict[str, int] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.script: list[str] = []
        self.calls: dict[str, int] = {"submit": 0, "query": 0, "wrong": 0}
        self.lock = threading.Lock()

    def submit(self, said: dict[str, Any]) -> tuple[int, dict[str, Any], bool]:
        """(status, body, whether the caller hears of it)."""
        with self.lock:
            self.calls["submit"] += 1
            act = self.script.pop(0) if self.script else "ok"
            if act == "die":
                return 500, {}, False
            known = self.refunds.get(said["key"])
            if known and {name: known[name] for name in ("amount", "currency", "payment")} != {
                name: said[name] for name in ("amount", "currency", "payment")
            }:
                self.calls["wrong"] += 1
                return 409, {"outcome": "failed", "code": "key_reused"}, True
            if known is None:
                spent = sum(one["amount"] for one in self.refunds.values() if one["payment"] == said["payment"])
                if act == "fail":
                    return 200, {"outcome": "failed", "code": "refused"}, True
                if spent + said["amount"] > self.captured.get(said["payment"], 0):
                    self.calls["wrong"] += 1
                    return 200, {"outcome": "failed", "code": "over_refund"}, True
                outcome = "pending" if act == "pending" else "paid"
                known = {**said, "outcome": outcome, "reference": f"RF{len(self.refunds) + 1}"}
                self.refunds[said["key"]] = known
            return 200, known, act != "drop"

    def query(self, key: str) -> tuple[int, dict[str, Any], bool]:
        with self.lock:
            self.calls["query"] += 1
            act = self.script.pop(0) if self.script else "ok"
            known = self.refunds.get(key)
            if known and act == "ok":
                known["outcome"] = "paid"  # what was pending is done by now
            return (200, known, act == "ok") if known else (404, {"outcome": "unknown"}, act == "ok")


class Handler(BaseHTTPRequestHandler):
    ledger: Ledger

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/setup":
            self.ledger.captured |= said.get("captured", {})
            self.ledger.script = said.get("script", [])
            self._answer(200, {}, True)
        else:
            self._answer(*self.ledger.submit(said))

    def do_GET(self) -> None:
        if self.path == "/state":
            self._answer(200, {"refunds": self.ledger.refunds, "calls": self.ledger.calls}, True)
        else:
            self._answer(*self.ledger.query(self.path.rpartition("/")[2]))

    def _answer(self, status: int, body: dict[str, Any], heard: bool) -> None:
        if not heard:
            self.close_connection = True
            return
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Nothing is written: what it did is asked for."""


class Provider:
    """The caller's side; as a gateway it is what settings.REFUND_GATEWAY names."""

    port = 0

    def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None)
            found: dict[str, Any] = json.loads(connection.getresponse().read())
            return found
        except (OSError, HTTPException, ValueError) as error:
            raise OutcomeUnknown(path) from error
        finally:
            connection.close()

    def submit(self, intent: Intent) -> Answer:
        facts = {"key": intent.key, "amount": intent.amount_minor, "currency": intent.currency}
        return _answer(self.call("POST", "/refunds", {**facts, "payment": intent.payment}))

    def query(self, intent: Intent) -> Answer:
        return _answer(self.call("GET", f"/refunds/{intent.key}"))


def _answer(said: dict[str, Any]) -> Answer:
    return Answer(said["outcome"], said.get("amount", 0), said.get("reference", ""), said.get("code", ""))


@contextmanager
def running() -> Iterator[Provider]:
    """The provider in a process of its own, for as long as it is needed."""
    root = Path(__file__).resolve().parents[1]
    command = [sys.executable, "-m", "tests.provider"]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            Provider.port = int(process.stdout.readline())
            yield Provider()
        finally:
            process.terminate()


def main() -> None:
    Handler.ledger = Ledger()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
