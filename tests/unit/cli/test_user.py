"""`guicang user`: the first administrator of an empty installation."""

from __future__ import annotations

import pytest

from guicang.cli import main
from guicang.staff.models import User


@pytest.mark.django_db
def test_the_first_administrator(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("GUICANG_DEMO", "1")  # the well-known secrets will do for a test
    assert main.main(["user", "ada"]) == 0
    user = User.objects.get()
    assert (user.role, user.must_change_password) == ("admin", True)
    assert user.check_password(capsys.readouterr().out.split()[-1])
    assert main.main(["user", "Ada"]) == 1
    assert User.objects.count() == 1
