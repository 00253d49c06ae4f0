"""Programs that call the API at the hour of `tests.world`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import translation

from guicang.api import bearer
from guicang.kernel.commands import begin
from guicang.kernel.ids import NIL, new_id
from guicang.staff import operations, queries
from guicang.staff.models import User
from tests.world import NOW

BASE = "/api/v1"


class Program:
    """A client with a token; in a language."""

    def __init__(self, token: str, user: User, language: str = "en") -> None:
        self.token, self.user = token, user
        self.client = Client(headers={"accept-language": language, "authorization": f"Bearer {token}"})

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer to `method` BASE + `path`, with `body` as JSON."""
        more: dict[str, Any] = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return self.client.generic(method, BASE + path, headers=headers, **more)

    def upload(self, path: str, fields: dict[str, Any], **headers: str) -> Any:
        """The answer to a form with files."""
        return self.client.post(BASE + path, fields, headers=headers)

    def do(self, path: str, body: Any = None, **headers: str) -> Any:
        """The body of a command that answers 200."""
        answer = self.send("POST", path, {} if body is None else body, **headers)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def get(self, path: str) -> Any:
        """The body of a page that answers 200."""
        answer = self.send("GET", path)
        assert answer.status_code == 200, answer.content
        return answer.json()


Hire = Callable[..., Program]


@pytest.fixture(autouse=True)
def _the_hour_of_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bearer, "utcnow", lambda: NOW)


@pytest.fixture(autouse=True)
def _a_language_ends_with_its_request() -> Iterator[None]:
    yield
    translation.deactivate()


@pytest.fixture
def program(db: None) -> Hire:
    """program(role, permissions=None, language="en", shop_id=...): a token of a new user of that role."""

    def make(role: str, permissions: list[str] | None = None, language: str = "en", **scope: Any) -> Program:
        user = User.objects.create(username=f"{role}-{new_id().hex[-8:]}", role=role, **{"company_id": NIL, **scope})
        return Program(token_of(user, permissions), user, language)

    return make


def token_of(user: User, permissions: list[str] | None = None) -> str:
    with transaction.atomic():
        context = begin("test", actor=queries.actor_of(user), now=NOW, items=1)
        return operations.issue_token(context, user, name="test", days=30, permissions=permissions)


def codes(answer: Any) -> list[str]:
    """The codes of a problem, which must have the shape of one."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.content
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["code"] == body["errors"][0]["code"]
    assert body["type"].endswith(body["code"])
    assert body["title"]
    assert body["detail"]
    return [str(one["code"]) for one in body["errors"]]
