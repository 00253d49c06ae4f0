"""The two questions of a supervisor."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from guicang.kernel import guards
from guicang.kernel.readiness import problems


@pytest.mark.django_db
def test_ready() -> None:
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "reasons": []})


@pytest.mark.django_db
def test_not_ready_without_triggers() -> None:
    with guards.removed(connection):
        answer = Client().get("/readyz")
        assert answer.status_code == 503
        assert [reason["code"] for reason in answer.json()["reasons"]] == ["guicang.E002"]
    assert problems(connection) == []


def test_alive_without_a_database() -> None:
    """No mark for the database: asking it would fail this test."""
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})
