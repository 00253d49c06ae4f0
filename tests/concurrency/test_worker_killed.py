"""Real worker processes: killed in mid-task, stopped, and many at once. Nothing lost, nothing done twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from guicang.kernel import clock, outbox
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import new_id
from guicang.kernel.models import Command, OutboxMessage

pytestmark = pytest.mark.django_db(transaction=True)

LEASE_SECONDS = 2
WAIT_SECONDS = 90.0
Start = Callable[..., subprocess.Popen[bytes]]


def database_url() -> str:
    """This test's own database, as another process is told of it."""
    connected = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite://{connected['NAME']}"
    return f"postgresql://{quote(connected['USER'])}@/{quote(connected['NAME'])}?host={connected['HOST']}"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running: list[subprocess.Popen[bytes]] = []

    def run(*words: str, settings: str = "tests.concurrency.worker_settings") -> subprocess.Popen[bytes]:
        # Without the keys that a command run in this process has put there: rows are sealed with those of its settings.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("GUICANG_")}
        environment = {**inherited, "GUICANG_HOME": str(tmp_path), "GUICANG_DATABASE_URL": database_url()}
        environment |= {"DJANGO_SETTINGS_MODULE": settings, "GUICANG_DEMO": "1"}
        command = [sys.executable, "-m", "guicang.cli.main", "worker", "--lease", str(LEASE_SECONDS), *words]
        log = (tmp_path / f"log-{len(running)}").open("wb")
        with log:
            running.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
        return running[-1]

    yield run
    for process in running:
        process.kill()
        process.wait()


def wait_for(reached: Callable[[], bool], what: object) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not reached():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def queue(topic: str, count: int = 1) -> None:
    context = Context(new_id(), Actor.system(), clock.utcnow())
    outbox.queue(context, [outbox.Message(topic, {"n": n}, str(n)) for n in range(count)])


def all_done() -> bool:
    return not OutboxMessage.objects.filter(done_at__isnull=True).exists()


def effects() -> Counter[str]:
    return Counter(Command.objects.values_list("name", flat=True))


def kill_at(marker: Path, process: subprocess.Popen[bytes]) -> None:
    wait_for(marker.exists, marker.name)
    process.kill()
    process.wait()


@pytest.mark.parametrize("place", ["killed_inside", "killed_after_commit", "killed_after_sending"])
def test_a_worker_killed_in_mid_task(place: str, start: Start, tmp_path: Path) -> None:
    queue(place)
    queue("effect", 30)
    kill_at(tmp_path / f"reached-{place}", start())
    done_before = OutboxMessage.objects.filter(topic=place, done_at__isnull=False).count()
    assert done_before == (1 if place == "killed_after_commit" else 0)
    start()
    wait_for(all_done, OutboxMessage.objects.filter(done_at__isnull=True).values_list("topic", "last_error"))
    sent = tmp_path / "gateway"
    if place == "killed_after_sending":
        # Delivered again, under the same id: what the id is for.
        lines = sent.read_text().split()
        assert (len(lines), len(set(lines))) == (2, 1)
    expected = {f"effect-{n}": 1 for n in range(30)}
    if place != "killed_after_sending":
        expected["effect-0"] += 1
    assert effects() == expected


def test_two_workers_do_each_message_once(start: Start) -> None:
    queue("effect", 300)
    start("--concurrency", "2")
    start()
    wait_for(all_done, "300 messages")
    assert effects() == {f"effect-{n}": 1 for n in range(300)}
    assert set(OutboxMessage.objects.values_list("attempts", flat=True)) == {1}


def test_a_worker_told_to_stop_finishes_what_it_has_in_hand(start: Start, tmp_path: Path) -> None:
    queue("slow", 5)
    process = start()
    wait_for((tmp_path / "reached-slow").exists, "slow")
    process.send_signal(signal.SIGTERM)
    assert process.wait(WAIT_SECONDS) == 0
    assert sum(effects().values()) == OutboxMessage.objects.filter(done_at__isnull=False).count() == 1
    assert set(OutboxMessage.objects.filter(done_at__isnull=True).values_list("attempts", "lease_until")) == {(0, None)}


def test_once_ends_when_nothing_is_due(start: Start) -> None:
    queue("effect", 25)
    assert start("--once").wait(WAIT_SECONDS) == 0
    assert all_done()
    assert start("--concurrency", "0").wait(WAIT_SECONDS) == 2
