"""An address becomes a connection with everything it says."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from guicang.config.databases import CONNECT_SECONDS, database_from_url, sqlite_database

HOME = Path("/nowhere")


def test_what_the_driver_understands_reaches_it() -> None:
    found = database_from_url("postgresql://u:p%40ss@db:5433/shop?sslmode=verify-full&application_name=returns", HOME)
    assert {name: found[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")} == {
        "NAME": "shop",
        "USER": "u",
        "PASSWORD": "p@ss",
        "HOST": "db",
        "PORT": "5433",
    }
    options = found["OPTIONS"]
    assert (options["sslmode"], options["application_name"]) == ("verify-full", "returns")
    assert options["connect_timeout"] == CONNECT_SECONDS
    assert options["options"] == "-c plan_cache_mode=force_custom_plan"
    assert not {"host", "port", "prepare"} & set(options)


def test_a_socket_and_a_pooler() -> None:
    found = database_from_url("postgresql://u@/shop?host=/run/pg&prepare=off&connect_timeout=3", HOME)
    assert found["HOST"] == "/run/pg"
    assert found["OPTIONS"] == {"connect_timeout": "3"}


def test_options_of_the_address_come_after_ours() -> None:
    found = database_from_url("postgresql://u@/shop?options=-c%20statement_timeout%3D9s", HOME)["OPTIONS"]
    assert found["options"] == "-c plan_cache_mode=force_custom_plan -c statement_timeout=9s"


def test_a_word_nobody_knows_is_refused() -> None:
    options = database_from_url("postgresql://u@/shop?prepare=off&sslmodus=full", HOME)["OPTIONS"]
    with pytest.raises(psycopg.ProgrammingError, match="sslmodus"):
        psycopg.conninfo.make_conninfo(**options)


def test_another_engine_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot use 'mysql'"):
        database_from_url("mysql://u@db/shop", HOME)


def test_a_commit_on_sqlite_is_on_the_disk_before_it_is_answered(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.sqlite3")) as opened:
        opened.executescript(sqlite_database("")["OPTIONS"]["init_command"])
        modes = [opened.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert modes == ["wal", 2]
