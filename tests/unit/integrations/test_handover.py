"""Hand-overs to an ERP: one whole file a message, however often it is delivered."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_django import Settings

from guicang.integrations.handover import adapter
from guicang.kernel.ids import new_id
from guicang.kernel.outbox import Envelope, Lease

NOW = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)


@pytest.fixture
def envelope() -> Envelope:
    return Envelope(new_id(), "handover.goods", 1, NOW, new_id(), {"sku": "茶-1", "quantity": 2}, Lease("w", 1))


def test_a_repeat_writes_nothing_new(envelope: Envelope, settings: Settings, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    adapter.deliver(envelope)
    (written,) = (tmp_path / "handover" / "handover.goods").iterdir()
    before = written.stat().st_mtime_ns
    adapter.deliver(envelope)
    assert [path.name for path in written.parent.iterdir()] == [f"20260301T090500.000000Z-{envelope.id}.json"]
    assert written.stat().st_mtime_ns == before
    assert json.loads(written.read_text(encoding="utf-8")) == envelope.as_dict()


def test_what_a_crash_left_half_is_written_whole(
    envelope: Envelope, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HOME = tmp_path

    def crash(descriptor: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", crash)
    with pytest.raises(OSError, match="disk full"):
        adapter.deliver(envelope)
    folder = tmp_path / "handover" / "handover.goods"
    assert list(folder.glob("*.json")) == []
    monkeypatch.undo()
    settings.HOME = tmp_path
    adapter.deliver(envelope)
    assert len(list(folder.glob("*.json"))) == 1
    assert json.loads(next(folder.glob("*.json")).read_text(encoding="utf-8"))["id"] == str(envelope.id)
