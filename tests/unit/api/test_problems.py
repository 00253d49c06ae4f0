"""Whatever is wrong is told in one shape, in two languages, and never ends in a fault of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pydantic import BaseModel

from guicang.api import bearer
from guicang.api.routes import masters
from guicang.staff.models import AccessToken, User
from tests.unit.api.conftest import BASE, Hire, codes
from tests.world import NOW


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "token_missing"),
        ("Basic cm9zYTpyb3Nh", "token_missing"),
        ("Bearer", "token_unknown"),
        ("Bearer nonsense", "token_unknown"),
        ("Bearer gc_\xe9", "token_unknown"),
    ],
)
def test_without_a_token(header: str, code: str, db: None) -> None:
    answer = Client().get(f"{BASE}/me", headers={"authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert codes(answer) == [code]


def test_a_session_is_no_token(program: Hire) -> None:
    browser = Client()
    browser.force_login(program("admin").user)
    assert browser.get(f"{BASE}/me").status_code == 401
    User.objects.update(must_change_password=True)
    assert browser.get(f"{BASE}/me").status_code == 401  # and never sent to a page


def test_tokens_that_are_over(program: Hire, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = program("admin")
    assert ada.get("/me")["user_id"] == str(ada.user.id)
    AccessToken.objects.update(revoked_at=NOW)
    assert codes(ada.send("GET", "/me")) == ["token_unknown"]
    AccessToken.objects.update(revoked_at=None)
    User.objects.update(is_active=False)
    assert codes(ada.send("GET", "/me")) == ["token_unknown"]
    User.objects.update(is_active=True)
    ada.get("/me")
    monkeypatch.setattr(bearer, "utcnow", lambda: NOW + timedelta(days=31))
    assert codes(ada.send("GET", "/me")) == ["token_unknown"]


def test_a_token_may_less_than_its_user(program: Hire) -> None:
    ada = program("admin", permissions=["returns.view"])
    assert ada.get("/returns")["items"] == []
    answer = ada.send("GET", "/orders")
    assert codes(answer) == ["not_permitted"]
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["data"] == {"permission": "sales.view"}


def test_a_token_that_is_used_too_often(program: Hire, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.API_RATE = 3
    ada, wes = program("admin"), program("admin")
    assert [ada.send("GET", "/me").status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = ada.send("GET", "/me")
    assert codes(answer) == ["too_many_requests"]
    assert answer.headers["Retry-After"] == "60"
    assert wes.send("GET", "/me").status_code == 200
    monkeypatch.setattr(bearer, "utcnow", lambda: NOW + timedelta(minutes=1))
    assert ada.send("GET", "/me").status_code == 200


@pytest.mark.parametrize("path", ["/nothing", "/returns/nonsense/", "/", "/returns/x/y/z"])
def test_unknown_addresses(path: str, program: Hire) -> None:
    assert codes(program("admin").send("GET", path)) == ["not_found"]


def test_other_methods(program: Hire) -> None:
    answer = program("admin").send("DELETE", "/me")
    assert codes(answer) == ["method_not_allowed"]
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET"


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=201", "limit=x", "state=nonsense", "since=yesterday", "since=2026-01-01T00:00:00"),
        *("since=0001-01-01T00:00:00%2B23:00", "since=9999-12-31T23:59:59-23:00", "overdue=perhaps", "sort=x"),
        *("shop=1", "q=%00", "stat=requested"),
    ],
)
def test_filters_that_mean_nothing(query: str, program: Hire) -> None:
    answer = program("admin").send("GET", f"/returns?{query}")
    assert answer.status_code == 422
    assert codes(answer) == ["bad_field"]
    name = query.partition("=")[0]
    assert answer.json()["errors"][0]["data"]["field"].startswith(f"query.{name}")


def test_languages(program: Hire) -> None:
    english = program("agent").send("GET", "/journal").json()["detail"]
    chinese = program("agent", language="zh-hans").send("GET", "/journal").json()["detail"]
    assert "may not" in english
    assert "令牌" in chinese


def test_a_fault_of_ours_is_loud_and_tells_nothing(program: Hire, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("secret")

    ada = program("admin")
    monkeypatch.setattr(masters, "actor_of", broken)
    with pytest.raises(RuntimeError):
        ada.send("GET", "/me")
    ada.client.raise_request_exception = False
    answer = ada.send("GET", "/me")
    assert codes(answer) == ["internal_error"]
    assert b"secret" not in answer.content


def test_the_description_and_its_page_come_from_this_installation(db: None) -> None:
    schema = Client().get(f"{BASE}/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            told = operation["responses"]
            assert set(told) >= {"200", "400", "401", "403", "404", "405", "413", "415", "422", "429", "500"}, path
            assert all(told[status] == {"$ref": f"#/components/responses/{status}"} for status in told if status > "3")
            assert operation["security"] == [{"Bearer": []}], (method, path)
    problems = schema["components"]["responses"].values()
    assert all(list(problem["content"]) == ["application/problem+json"] for problem in problems)
    page = Client().get(f"{BASE}/docs").content.decode()
    assert "http://" not in page.replace("http://testserver", "")
    assert "https://" not in page
    assert Client().get("/static/ninja/swagger-ui-bundle.js").status_code == 200


def test_answers_are_not_kept(program: Hire) -> None:
    assert "no-store" in program("admin").send("GET", "/me").headers["Cache-Control"]
    assert json.loads(program("admin").send("GET", "/me").content)


def test_no_two_shapes_have_one_name() -> None:
    """The description knows shapes by name alone: of two the latter would describe both."""
    ours = {(kind.__name__, kind.__module__) for kind in shapes_below(BaseModel) if "guicang.api" in kind.__module__}
    names = [name for name, _module in ours]
    assert sorted(names) == sorted(set(names))


def shapes_below(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for inner in kind.__subclasses__():
        yield inner
        yield from shapes_below(inner)


@pytest.mark.parametrize(
    ("body", "english", "chinese"),
    [
        ({}, "body.items is not as it should be: it is missing.", "body.items 不符合要求：缺少此项。"),
        (
            {"items": [], "more": 1},
            "body.items is not as it should be: it must hold 1 at least.",
            "body.items 不符合要求：至少 1 项。",
        ),
        (
            {"items": [{"id": "x", "reason": "A b"}]},
            "body.items.0.id is not as it should be: it must be a UUID.",
            "body.items.0.id 不符合要求：必须是 UUID。",
        ),
    ],
)
def test_fields_are_told_in_the_reader_s_language(
    body: dict[str, Any], english: str, chinese: str, program: Hire
) -> None:
    ada = program("admin")
    for language, sentence in (("en", english), ("zh-hans", chinese)):
        answer = ada.send("POST", "/returns/close", body, accept_language=language)
        assert sentence in [one["sentence"] for one in answer.json()["errors"]]
