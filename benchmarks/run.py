"""All figures in one run, as a table and as ratios. Every part runs in a process of its own, one after another.

python -m benchmarks.run [--quick] [--only lives,pgbench,import,verify,settle]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess  # nosec B404: our own modules and pgbench
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests import engines

HERE = Path(__file__).parent
PARTS = ("lives", "pgbench", "import", "verify", "settle")


class Figure(NamedTuple):
    name: str
    engine: str
    rate: float
    unit: str
    peak_mb: float | None
    shares: dict[str, float]
    cpu_rate: float = 0.0


class Sizes(NamedTuple):
    single: int
    sets: int
    seconds: int
    rows: int
    verified: int
    settled: int


FULL, QUICK = Sizes(100, 5_000, 20, 60_000, 5_000, 10_000), Sizes(20, 1_000, 5, 6_000, 1_000, 1_000)


def measure(module: str, url: str, *words: object) -> dict[str, Any]:
    """What `python -m benchmarks.<module>` prints, on an empty database of its own."""
    with tempfile.TemporaryDirectory(prefix="gcbench") as home:
        environment = {**os.environ, "GUICANG_HOME": home, "PYTHONPATH": os.pathsep.join(["src", "."])}
        environment.pop("GUICANG_DATABASE_URL", None)
        if url:
            environment["GUICANG_DATABASE_URL"] = url
        command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, words)]
        done = subprocess.run(  # nosec B603
            command, capture_output=True, text=True, env=environment, cwd=HERE.parent, check=False
        )
    if done.returncode:
        raise RuntimeError(f"{module} failed:\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def pgbench(server: engines.Server, seconds: int) -> float:
    """Lives a second of the minimal script with one client; the connection's own time left out."""
    url = server.create_database("minimal")

    def call(program: str, *words: str) -> str:
        command = [str(server.binaries / program), *words, url]
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # nosec B603
        return done.stdout

    call("psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(HERE / "life_tables.sql"))
    said = call("pgbench", "-n", "-c", "1", "-M", "prepared", "-T", str(seconds), "-f", str(HERE / "life.sql"))
    found = re.search(r"tps = ([\d.]+)", said)
    if found is None:
        raise RuntimeError(said)
    return float(found.group(1))


def figures(server: engines.Server, sizes: Sizes, only: set[str]) -> Iterator[Figure]:
    numbers = iter(range(100))

    def both(name: str, unit: str, module: str, *words: object) -> Iterator[Figure]:
        for url in ("", server.create_database(f"bench{next(numbers)}")):
            found = measure(module, url, *words)
            yield Figure(
                name,
                found["engine"],
                found["rate"],
                unit,
                found["peak_mb"],
                found.get("shares", {}),
                found.get("cpu_rate", 0.0),
            )

    if "lives" in only:
        yield from both("(a) one at a time", "lives/s", "lives", "--count", sizes.single, "--size", 1)
        yield from both("(b) sets of 1,000", "lives/s", "lives", "--count", sizes.sets, "--size", 1000)
    if "pgbench" in only:
        rate = pgbench(server, sizes.seconds)
        yield Figure("(c) pgbench, minimal writes", "postgresql", rate, "lives/s", None, {})
    if "import" in only:
        yield from both("(d) import orders", "rows/s", "importing", "--rows", sizes.rows)
    if "verify" in only:
        yield from both("(e) verify", "rows/s", "verifying", "--lives", sizes.verified)
    if "settle" in only:
        yield from both("(f) settle, one set", "returns/s", "settling", "--count", sizes.settled)


def show(found: list[Figure], write: Callable[[str], None] = print) -> None:
    limit = next((figure.rate for figure in found if figure.name.startswith("(c)")), None)
    write(f"| {'what':<28} | {'engine':<10} | {'rate':>16} | {'of (c)':>7} | {'peak MB':>7} |")
    write(f"|{'-' * 30}|{'-' * 12}|{'-' * 17}:|{'-' * 8}:|{'-' * 8}:|")
    for figure in found:
        share = f"{figure.rate / limit:.2f}" if limit and figure.unit == "lives/s" else ""
        rate = f"{figure.rate:,.1f} {figure.unit}"
        peak = f"{figure.peak_mb:.0f}" if figure.peak_mb is not None else ""
        write(f"| {figure.name:<28} | {figure.engine:<10} | {rate:>16} | {share:>7} | {peak:>7} |")
    for figure in found:
        if figure.shares:
            steps = ", ".join(f"{name} {share:.0%}" for name, share in figure.shares.items())
            busy = f"{figure.cpu_rate:,.1f} lives per second of our own processor time"
            write(f"{figure.name}, {figure.engine}: {busy}; {steps}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes, about two minutes")
    parser.add_argument("--only", default=",".join(PARTS), help="some of " + ", ".join(PARTS))
    arguments = parser.parse_args()
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores")
    found = []
    with engines.serving(durable=True) as server:
        print(server.version, flush=True)
        for figure in figures(server, QUICK if arguments.quick else FULL, set(arguments.only.split(","))):
            print(f"  {figure.name}, {figure.engine}: {figure.rate:,.1f} {figure.unit}", file=sys.stderr, flush=True)
            found.append(figure)
    show(found)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
