"""The secrets of an installation are made once and outlive every restart."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from guicang.cli import keys


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"GUICANG_HOME": str(tmp_path / "var")}


def test_made_once_and_kept_for_the_owner_alone(home: dict[str, str]) -> None:
    first, second = dict(home), dict(home)
    file = keys.provide(first, make=True)
    assert file is not None
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    keys.provide(second, make=False)
    assert {name: first[name] for name in keys.NAMES} == {name: second[name] for name in keys.NAMES}
    assert len({first[name] for name in keys.NAMES}) == len(keys.NAMES)


def test_first_commands_side_by_side_make_one_set_of_keys(
    home: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has seen that there is no file before any of them writes one."""
    together, seen = Barrier(4), keys._read

    def read(file: Path) -> dict[str, str]:
        found = seen(file)
        if not found and not together.broken:
            together.wait(10)
        return found

    monkeypatch.setattr(keys, "_read", read)
    homes = [dict(home) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: keys.provide(each, make=True), homes))
    assert len({tuple(each[name] for name in keys.NAMES) for each in homes}) == 1
    assert os.listdir(home["GUICANG_HOME"]) == [keys.FILE]


def test_what_another_command_wrote_meanwhile_stays(home: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = dict(home, GUICANG_INDEX_KEY="given"), dict(home)
    keys.provide(first, make=True)
    kept, empty = keys._read, iter([True])
    monkeypatch.setattr(keys, "_read", lambda file: {} if next(empty, False) else kept(file))
    keys.provide(second, make=True)
    assert second["GUICANG_AUDIT_KEY"] == first["GUICANG_AUDIT_KEY"]


def test_any_command_makes_them_for_the_embedded_database(home: dict[str, str]) -> None:
    keys.provide(home, make=False)
    assert home["GUICANG_AUDIT_KEY"]


def test_a_shared_database_waits_to_be_given_its_keys(home: dict[str, str]) -> None:
    home["GUICANG_DATABASE_URL"] = "postgresql://somewhere/guicang"
    assert keys.provide(home, make=False) is None
    assert "GUICANG_AUDIT_KEY" not in home
    assert not Path(home["GUICANG_HOME"]).exists()


def test_what_the_environment_says_wins(home: dict[str, str]) -> None:
    keys.provide(dict(home), make=True)
    home["GUICANG_AUDIT_KEY"] = "mine"
    keys.provide(home, make=False)
    assert home["GUICANG_AUDIT_KEY"] == "mine"


def test_a_missing_one_is_added_and_the_others_stay(home: dict[str, str]) -> None:
    first, second = dict(home, GUICANG_INDEX_KEY="given"), dict(home)
    keys.provide(first, make=True)
    keys.provide(second, make=True)
    assert second["GUICANG_AUDIT_KEY"] == first["GUICANG_AUDIT_KEY"]
    assert second["GUICANG_INDEX_KEY"] != "given"
