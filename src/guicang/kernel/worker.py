"""The worker: claim, handle, finish; queue what the clock demands. Many may run at once, anywhere."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import FrameType
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.utils.module_loading import import_string

from guicang.kernel import clock, outbox, schedules
from guicang.kernel.ids import new_id

log = logging.getLogger("guicang.worker")

#: Messages a claim.
BATCH = 20
#: Of a lane of its own, one: what is slow must not wait in the hands of another.
LANE_BATCH = 1
#: An idle worker looks again after 20 ms, then twice as long each time, up to a second.
IDLE_SECONDS, IDLE_CAP_SECONDS = 0.02, 1.0
SCHEDULE_SECONDS = 5.0
#: A handler that does not return for so many leases (half an hour) is given up, and a fresh loop takes its place:
#: one gateway that never answers must not stop all notices.
HUNG_LEASES = 30
WATCH_SECONDS = 0.1

Handler = Callable[[outbox.Envelope], None]


class UnknownTopic(outbox.HandlerError):
    """No handler in settings.OUTBOX_HANDLERS. Retried: the next release of the program may know it."""


def handler_for(topic: str, version: int) -> Handler:
    path = settings.OUTBOX_HANDLERS.get((topic, version))
    if path is None:
        raise UnknownTopic(f"no handler for {topic} version {version}")
    found: Handler = import_string(path)
    return found


def handle(envelope: outbox.Envelope) -> str:
    """Run the handler and settle the message; answers "done", "retry", "dead" or "lost".

    The handler runs outside any transaction. Everything it raises is kept with the message and
    retried; only what ends the process (KeyboardInterrupt, SystemExit) goes through.
    """
    try:
        if envelope.lease.attempt > outbox.MAX_ATTEMPTS:
            raise outbox.GiveUp(f"its worker died {outbox.MAX_ATTEMPTS} times")
        if envelope.lease.short():
            # It waited behind others of its batch: a lease that ends in mid-handling gives it to a second worker.
            outbox.extend(envelope)
        handler_for(envelope.topic, envelope.version)(envelope)
        return "done" if outbox.finish(envelope, now=clock.utcnow()) else "lost"
    except outbox.LeaseLost:
        return "lost"
    except Exception as error:
        return "done" if envelope.lease.finished else outbox.fail(envelope, error, now=clock.utcnow())


def worker_name() -> str:
    """Unique to this run of this thread, so that a lease never seems to be ours by a reused process id."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{new_id().hex[-8:]}"


@dataclass
class Worker:
    """One claiming loop with a database connection of its own; `stop` ends it after the message in hand."""

    name: str = field(default_factory=worker_name)
    batch: int = BATCH
    #: Which messages it takes (settings.OUTBOX_LANES); the usual lane also looks at the clock.
    lane: str = ""
    lease_seconds: float = outbox.LEASE_SECONDS
    stop: threading.Event = field(default_factory=threading.Event)
    handled: int = 0
    #: What it handles at this moment, since when by the monotonic clock, and what ended its loop.
    in_hand: tuple[outbox.Envelope, float] | None = None
    fault: BaseException | None = None
    #: When it looks for abandoned messages next, which takes the longer the more messages wait.
    next_search: float = 0.0

    def work(self, now: datetime | None = None) -> int:
        """Claim one batch and handle it; answers how many were claimed. `now` decides what is due."""
        envelopes = self._claim(now or outbox.database_now())
        for place, envelope in enumerate(envelopes):
            if self.stop.is_set():
                outbox.release(envelopes[place:])
                break
            self._handle(envelope)
        return len(envelopes)

    def _claim(self, now: datetime) -> list[outbox.Envelope]:
        search = time.monotonic() >= self.next_search
        if search:
            if abandoned := outbox.claim_abandoned(self.name, self.lease_seconds, now=now, lane=self.lane):
                return abandoned
            self.next_search = time.monotonic() + self.lease_seconds / 10
        fresh = outbox.claim_fresh(self.name, self.batch, self.lease_seconds, now=now, lane=self.lane)
        if fresh or search:
            return fresh
        return outbox.claim_abandoned(self.name, self.lease_seconds, now=now, lane=self.lane)

    def drain(self, now: datetime | None = None) -> int:
        """Handle until nothing is due; answers how many messages were handled."""
        before = self.handled
        while not self.stop.is_set() and outbox.due(now or clock.utcnow(), self.lane) and self.work(now):
            continue
        return self.handled - before

    def run(self) -> None:
        """`loop` as the body of a thread: what ends it early is kept in `fault`."""
        try:
            self.loop()
        except BaseException as fault:
            self.fault = fault
        finally:
            connection.close()

    def loop(self) -> None:
        """Handle what comes until `stop` is set; outlives a database that goes away for a while."""
        pause, next_look = IDLE_SECONDS, 0.0
        while not self.stop.is_set():
            try:
                now = outbox.database_now()
                if not self.lane and time.monotonic() >= next_look:
                    schedules.queue_due(now)
                    next_look = time.monotonic() + SCHEDULE_SECONDS
                worked = outbox.due(now, self.lane) and self.work(now)
            except DatabaseError as error:
                _say(level=logging.ERROR, event="database", worker=self.name, error=type(error).__name__)
                connection.close()
                worked, pause = False, IDLE_CAP_SECONDS
            if worked:
                pause = IDLE_SECONDS
            else:
                self.stop.wait(pause)
                pause = min(IDLE_CAP_SECONDS, pause * 2)

    def _handle(self, envelope: outbox.Envelope) -> None:
        started = time.perf_counter()
        self.in_hand = envelope, time.monotonic()
        try:
            result = handle(envelope)
        finally:
            self.in_hand = None
        self.handled += 1
        _say(
            level=logging.INFO if result in ("done", "later") else logging.WARNING,
            event=result,
            id=str(envelope.id),
            topic=envelope.topic,
            version=envelope.version,
            attempt=envelope.lease.attempt,
            ms=round((time.perf_counter() - started) * 1000, 1),
            worker=self.name,
        )


def _say(*, level: int, **facts: Any) -> None:
    log.log(level, json.dumps({"at": clock.utcnow().isoformat(timespec="milliseconds"), **facts}))


def run(*, once: bool = False, concurrency: int = 1, lease_seconds: float = outbox.LEASE_SECONDS) -> int:
    """Work in this process until SIGTERM or SIGINT (`once`: until nothing is due); answers the messages handled.

    `concurrency` loops run as threads, and beside them those of settings.OUTBOX_LANE_WORKERS, so that what is slow
    holds up nothing else. A signal lets each finish the message in hand; what was
    claimed and not begun is released. Raises what ended a loop by itself: a fault outside any handler.
    """
    stop = threading.Event()
    _stop_on_signals(stop)
    schedules.ensure(settings.SCHEDULES, now=outbox.database_now())
    workers = [Worker(lease_seconds=lease_seconds, stop=stop) for _ in range(concurrency)]
    workers += [
        Worker(batch=LANE_BATCH, lane=lane, lease_seconds=lease_seconds, stop=stop)
        for lane, count in settings.OUTBOX_LANE_WORKERS.items()
        for _ in range(count)
    ]
    if once:
        schedules.queue_due(outbox.database_now())
        return _drain(workers)
    connection.close()
    Crew(workers, stop).wait()
    return sum(worker.handled for worker in workers)


def _drain(workers: Sequence[Worker]) -> int:
    """One worker of each lane, in turn, until nothing is due in any: a message of one lane may queue in another."""
    lanes = {worker.lane: worker for worker in workers}.values()
    while sum(worker.drain() for worker in lanes):
        continue
    return sum(worker.handled for worker in lanes)


class Crew:
    """The loops of a process, and who looks after them: keeps leases of long handlers, replaces a hung loop."""

    def __init__(self, workers: list[Worker], stop: threading.Event) -> None:
        self.workers, self.stop = workers, stop
        self._next_look: defaultdict[int, float] = defaultdict(float)
        self._running = {id(worker): self._start(worker) for worker in workers}

    def wait(self) -> None:
        """Until all have stopped; a loop that ends by itself stops the others, and its fault is raised."""
        while self._running:
            for worker in [each for each in self.workers if id(each) in self._running]:
                if not self._running[id(worker)].is_alive():
                    del self._running[id(worker)]
                    self.stop.set()
                elif in_hand := worker.in_hand:
                    self._look_after(worker, *in_hand)
            time.sleep(WATCH_SECONDS)
        connection.close()
        for worker in self.workers:
            if worker.fault:
                raise worker.fault

    def _look_after(self, worker: Worker, envelope: outbox.Envelope, since: float) -> None:
        hung = time.monotonic() - since > HUNG_LEASES * worker.lease_seconds
        short = envelope.lease.short() and not envelope.lease.finished
        if time.monotonic() < self._next_look[id(worker)] or not (hung or short):
            return
        self._next_look[id(worker)] = time.monotonic() + worker.lease_seconds / 10
        try:
            if hung:
                self._give_up(worker, envelope)
            else:
                outbox.keep(envelope)
        except (DatabaseError, outbox.LeaseLost):
            # We come again; what became of the message its handler's own end will tell.
            connection.close()

    def _give_up(self, worker: Worker, envelope: outbox.Envelope) -> None:
        """Leave the thread alone (none can be ended from outside), park the message, put another loop in place.

        What the handler reached outside is unknown, so that a person decides whether it is retried.
        """
        why = f"Hung: its handler did not return for {HUNG_LEASES * worker.lease_seconds:.0f} s"
        parked = outbox.park(envelope, why, now=outbox.database_now())
        del self._running[id(worker)]
        _say(level=logging.CRITICAL, event="hung", id=str(envelope.id), topic=envelope.topic, parked=parked)
        worker.stop = threading.Event()
        worker.stop.set()
        if not self.stop.is_set():
            fresh = Worker(batch=worker.batch, lane=worker.lane, lease_seconds=worker.lease_seconds, stop=self.stop)
            self.workers.append(fresh)
            self._running[id(fresh)] = self._start(fresh)

    @staticmethod
    def _start(worker: Worker) -> threading.Thread:
        # A daemon, so that a hung one does not keep the process from ending.
        thread = threading.Thread(target=worker.run, name=worker.name, daemon=True)
        thread.start()
        return thread


def _stop_on_signals(stop: threading.Event) -> None:
    def set_stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, set_stop)
        signal.signal(signal.SIGINT, set_stop)
