"""What a start is refused for, and what of it a stranger at /readyz may read."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from django.conf import settings as live
from django.core.mail import get_connection
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from guicang.config import checks
from guicang.config.environment import keyring

GOOD = {"GUICANG_SECRET_KEY": "a" * 40, "GUICANG_AUDIT_KEY": "b" * 40, "GUICANG_INDEX_KEY": "c" * 40}


def told(settings: Settings, monkeypatch: pytest.MonkeyPatch, **changes: str) -> list[str]:
    monkeypatch.delenv("GUICANG_DEMO", raising=False)
    keys = {**GOOD, **changes}
    settings.SECRET_KEY = keys["GUICANG_SECRET_KEY"]
    settings.AUDIT_KEYS = {"k1": keys["GUICANG_AUDIT_KEY"]}
    settings.INDEX_KEYS = {"k1": keys["GUICANG_INDEX_KEY"]}
    found = checks.secrets_are_secret(None)
    assert {each.id for each in found} <= {"guicang.E001"}
    return [str(each.msg) for each in found]


def test_secrets_of_their_own_are_fine(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(settings, monkeypatch) == []


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize(
    ("secret", "sentence"),
    [
        (live.INSECURE_SECRET, "Default secrets in use: {}."),
        ("x", "Secrets of less than 32 characters: {}."),
        ("x" * 31, "Secrets of less than 32 characters: {}."),
    ],
)
def test_a_known_or_short_secret_is_refused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str, secret: str, sentence: str
) -> None:
    assert told(settings, monkeypatch, **{name: secret}) == [sentence.format(name)]


def test_one_secret_for_two_purposes_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    found = told(settings, monkeypatch, GUICANG_AUDIT_KEY="a" * 40)
    assert found == ["One secret for several purposes: GUICANG_SECRET_KEY, GUICANG_AUDIT_KEY."]


def test_each_key_of_a_ring_is_looked_at(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    told(settings, monkeypatch)
    settings.AUDIT_KEYS = keyring(f"k1:{'b' * 40},k2:short")
    settings.INDEX_KEYS = keyring(f"{live.INSECURE_SECRET}")
    assert [str(each.msg) for each in checks.secrets_are_secret(None)] == [
        "Default secrets in use: GUICANG_INDEX_KEY.",
        "Secrets of less than 32 characters: GUICANG_AUDIT_KEY k2.",
    ]


def test_a_ring_that_cannot_be_read_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    told(settings, monkeypatch)
    settings.AUDIT_KEYS = keyring(f"k1:{'b' * 40},{'d' * 40}")
    (found,) = checks.secrets_are_secret(None)
    assert found.msg == "Keys that cannot be read: GUICANG_AUDIT_KEY."
    assert "k1:OLD,k2:NEW" in str(found.hint)


def test_mail_that_cannot_be_read_is_refused_without_its_password(settings: Settings) -> None:
    assert checks.mail_can_leave(None) == []
    settings.MAIL_IS_READABLE = False
    (found,) = checks.mail_can_leave(None)
    assert found.id == "guicang.E005"
    assert "smtps://" in str(found.hint)


def test_a_database_that_does_not_answer_is_told_to_the_operator_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> Any:
        raise OperationalError("connection to server at db.internal, user guicang, failed")

    monkeypatch.setattr(connection, "ensure_connection", gone)
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert [reason["code"] for reason in answer.json()["reasons"]] == ["guicang.E004"]
    assert "db.internal" not in answer.content.decode()
    (found,) = checks.database_is_ready(None)
    assert "db.internal" in str(found.msg)


def test_a_silent_mail_server_is_not_waited_for_for_ever(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", silent.getsockname()[1]
        assert get_connection().timeout == live.EMAIL_TIMEOUT  # type: ignore[attr-defined]
    assert 0 < live.EMAIL_TIMEOUT <= 60
