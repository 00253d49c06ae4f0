"""A small typed client of the Guicang API, to be copied into a program of yours. Python 3.11, nothing else.

    from guicang_client import Guicang

    guicang = Guicang("https://returns.example.com", token="gc_...")
    for row in guicang.all("/returns", queue="bay"):
        print(row["number"], row["state"])
    sheet, version = guicang.read("/returns/0193c0de-0000-7000-8000-000000000000")
    guicang.do(f"/returns/{sheet['id']}/settle", {}, version=version)
    file = guicang.upload("/imports/files", {"file": ("orders.csv", data)}, kind="orders")
    guicang.do(f"/imports/files/{file['id']}/start", {})

Each command is sent with an `Idempotency-Key`, so that a lost answer is asked for again without doing it twice.
"""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

TRIES = 4
MOST_WAIT = 60.0


@dataclass(frozen=True)
class Problem(Exception):
    """What the server refused: `code` and `errors` for the program, `detail` for people."""

    status: int
    code: str
    detail: str
    errors: list[dict[str, Any]]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: Any


class Guicang:
    """`language`: in which sentences come back, zh-hans or en."""

    def __init__(self, address: str, token: str, language: str = "en", timeout: float = 30.0) -> None:
        self._place = urlsplit(address)
        self._timeout = timeout
        self._headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}

    def get(self, path: str, **query: Any) -> Any:
        """The body of one page or one thing."""
        return self._send("GET", path + (f"?{urlencode(query, doseq=True)}" if query else "")).body

    def all(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Every item of a list, page by page."""
        page = self.get(path, **query)
        yield from page["items"]
        while page["next"]:
            page = self.get(path, **query, cursor=page["next"])
            yield from page["items"]

    def read(self, path: str) -> tuple[dict[str, Any], str]:
        """A thing and its version, for `do(version=...)`."""
        answer = self._send("GET", path)
        return answer.body, answer.headers.get("etag", "")

    def do(self, path: str, body: Any, *, version: str = "", key: str = "") -> dict[str, Any]:
        """A command. `version`: refuse it if somebody changed the thing since. `key`: of an earlier try of yours."""
        headers = {"Idempotency-Key": key or str(uuid.uuid4()), "Content-Type": "application/json"}
        if version:
            headers["If-Match"] = version
        found: dict[str, Any] = self._send("POST", path, json.dumps(body).encode(), headers).body
        return found

    def upload(
        self, path: str, files: Mapping[str, tuple[str, bytes]], *, key: str = "", **fields: str
    ) -> dict[str, Any]:
        """A form with files (field: (name, content)) and other fields. `key`: of an earlier try of yours."""
        mark = uuid.uuid4().hex
        parts = [_part(mark, f'name="{name}"', value.encode()) for name, value in fields.items()]
        parts += [
            _part(mark, f'name="{name}"; filename="{_quoted(file)}"', data) for name, (file, data) in files.items()
        ]
        headers = {"Idempotency-Key": key or str(uuid.uuid4()), "Content-Type": f"multipart/form-data; boundary={mark}"}
        body = b"".join(parts) + f"--{mark}--\r\n".encode()
        found: dict[str, Any] = self._send("POST", path, body, headers).body
        return found

    def _send(self, method: str, path: str, body: bytes | None = None, more: Mapping[str, str] | None = None) -> Answer:
        """Tried again where the server is busy or the line broke: with its key a command is still done once."""
        for attempt in range(TRIES):
            try:
                answer = self._once(method, path, body, {**self._headers, **(more or {})})
            except (OSError, http.client.HTTPException):
                if attempt == TRIES - 1:
                    raise
                time.sleep(2.0**attempt)
                continue
            if answer.status not in (429, 502, 503) or attempt == TRIES - 1:
                break
            time.sleep(min(MOST_WAIT, float(answer.headers.get("retry-after", 2.0**attempt))))
        if answer.status >= 400:  # noqa: PLR2004 # RFC 9110
            said = answer.body if isinstance(answer.body, dict) else {}
            raise Problem(answer.status, said.get("code", ""), said.get("detail", ""), said.get("errors", []))
        return answer

    def _once(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        kind = http.client.HTTPSConnection if self._place.scheme == "https" else http.client.HTTPConnection
        line = kind(self._place.hostname or "", self._place.port, timeout=self._timeout)
        try:
            line.request(method, f"{self._place.path.rstrip('/')}/api/v1{path}", body, dict(headers))
            response = line.getresponse()
            text = response.read()
        finally:
            line.close()
        told = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, told, json.loads(text) if "json" in told.get("content-type", "") else None)


def _part(mark: str, said: str, data: bytes) -> bytes:
    return f"--{mark}\r\nContent-Disposition: form-data; {said}\r\n\r\n".encode() + data + b"\r\n"


def _quoted(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"').replace("\r", " ").replace("\n", " ")
