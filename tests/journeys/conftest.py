"""What every journey can ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from guicang.returns import lifecycle
from guicang.returns.operations import docket
from tests.journeys.files import Desk


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, db: None) -> Desk:
    monkeypatch.setenv("GUICANG_DEMO", "1")  # the well-known secrets will do for a test
    return Desk(tmp_path, capsys)


@pytest.fixture(autouse=True)
def _ends_where_the_table_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a journey does, each command leaves its returns in a state that its row of the table names."""
    stored = docket.store

    def store(context: Any, cases: Any, command: str) -> None:
        changed = [case.header for case in cases if case.touched]
        stored(context, cases, command)
        for header in changed:
            if command in lifecycle.COMMANDS:
                assert header.state in lifecycle.COMMANDS[command].to, (command, header.state)

    monkeypatch.setattr(docket, "store", store)
