"""What every journey can ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.files import Desk


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, db: None) -> Desk:
    monkeypatch.setenv("GUICANG_DEMO", "1")  # the well-known secrets will do for a test
    return Desk(tmp_path, capsys)
