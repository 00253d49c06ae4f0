"""An installation of its own, with its own database, for what only a process that dies can show."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess  # nosec B404 - our own program
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
import psycopg.sql

SECONDS = 120.0


class Installation:
    """Runs `guicang` in processes of their own and reads its database beside them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {**os.environ, "GUICANG_HOME": str(home), "GUICANG_DEMO": "1", "GUICANG_LANGUAGE": "en"}
        self.environment.pop("GUICANG_DATABASE_URL", None)
        server = os.environ.get("GUICANG_TEST_PG_URL", "")
        self._url = ""
        if os.environ.get("GUICANG_TEST_ENGINE") == "postgresql":
            name = f"kill_{uuid.uuid4().hex[:12]}"
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
            base, _, query = server.partition("?")
            self._url = f"{base.rpartition('/')[0]}/{name}?{query}"
            self.environment["GUICANG_DATABASE_URL"] = self._url
        self.run("migrate", "--quiet")

    def command(self, words: Sequence[object]) -> list[str]:
        return [sys.executable, "-m", "guicang.cli.main", *map(str, words)]

    def run(self, *words: object, status: int = 0) -> str:
        """Standard output of a command that must end with `status`."""
        done = subprocess.run(self.command(words), env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == status, f"{words} ended with {done.returncode}: {done.stderr[-2000:]}"
        return done.stdout

    def kill_when(self, sql: str, *words: object) -> None:
        """Start a command and kill -9 it once `sql` answers something true."""
        process = subprocess.Popen(
            self.command(words), env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        deadline = time.monotonic() + SECONDS
        while not self.value(sql):
            assert process.poll() is None, f"it ended by itself: {process.communicate()[1][-2000:]!r}"
            assert time.monotonic() < deadline
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL

    def value(self, sql: str) -> Any:
        """The first column of the first row."""
        if self._url:
            with psycopg.connect(self._url) as connection:
                row = connection.execute(sql.encode()).fetchone()
        else:
            with sqlite3.connect(f"file:{self.home / 'guicang.sqlite3'}?mode=ro", uri=True, timeout=30) as reader:
                row = reader.execute(sql).fetchone()
        return row[0] if row else None
