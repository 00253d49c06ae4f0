"""Clocks of returns start and stop where steps store them: in the same transaction, under the lock of the return."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.compiled import compiled
from guicang.kernel.ids import new_id
from guicang.kernel.models import Origin
from guicang.org import queries as org
from guicang.returns import deadlines
from guicang.returns.deadlines import GIVEN, UNDECIDED, Kind, Moment, Timer
from guicang.returns.lifecycle import GOODS_AWAITED
from guicang.returns.models import Clock, Return

if TYPE_CHECKING:
    from guicang.returns.operations.docket import Case

#: What a stopped or acting clock changes.
STORED = ("acted_at", "done_at", "outcome")
_COLUMNS = (
    *("id", "parent_id", "kind", "side", "set_at", "due_at", "warn_at", "then", "escalate_to", "warned_at"),
    *("acted_at", "command_id"),
)
_open_rows = compiled(lambda ids: Clock.objects.filter(parent_id__among=ids, outcome="").values_list(*_COLUMNS))


def open_of(return_ids: Iterable[UUID]) -> dict[UUID, list[Clock]]:
    """The clocks that run for returns; 1 statement per 1,000. To change them the caller holds the returns' locks."""
    found: dict[UUID, list[Clock]] = {}
    for batch in setwrites.chunks(sorted(set(return_ids))):
        for row in _open_rows(batch):
            clock = Clock(**dict(zip(_COLUMNS, row, strict=True)))
            found.setdefault(clock.parent_id, []).append(clock)
    return found


class DueClock(NamedTuple):
    id: UUID
    return_id: UUID
    kind: str
    then: str
    due_at: datetime


def due_clocks(now: datetime, limit: int = setwrites.CHUNK) -> list[DueClock]:
    """Clocks that ran out and have something to do, the longest due first; 1 statement.

    A refund by itself waits while somebody has to look at the risk.
    """
    rows = Clock.objects.filter(due_at__lte=now, outcome="", acted_at=None).exclude(then="nothing")
    rows = rows.exclude(then="refund", parent__risk_review=True)
    columns = ("id", "parent_id", "kind", "then", "due_at")
    return [DueClock(*row) for row in rows.order_by("due_at", "id").values_list(*columns)[:limit]]


def clocks_to_warn(now: datetime, limit: int = setwrites.CHUNK) -> list[tuple[UUID, UUID]]:
    """(clock, return) of those whose side is to be warned: not yet due, not yet warned; 1 statement."""
    rows = Clock.objects.filter(warn_at__lte=now, warn_at__isnull=False, outcome="", warned_at=None, due_at__gt=now)
    return list(rows.order_by("warn_at", "id").values_list("id", "parent_id")[:limit])


def of_now(case: Case) -> frozenset[Kind]:
    """What somebody has to do by some time, or the policy does by itself, as the return is."""
    return deadlines.running(case.header, case.lines) | deadlines.ahead(case.header, case.lines)


class Keeper:
    """The clocks of a set of returns that one command changed: `set` computes them, `write` stores them."""

    def __init__(self, context: Context, command: str) -> None:
        self.context, self.command = context, command
        self.changed: list[Clock] = []
        self.begun: list[dict[str, Any]] = []

    def set(self, cases: Sequence[Case]) -> None:
        """Start and stop, and label the headers; 2 statements where a clock starts whose time the policy says."""
        cases = [case for case in cases if case.header.origin == Origin.LIVE == self.context.origin]
        now_running = {case.header.id: of_now(case) for case in cases}
        starting = [case for case in cases if self._begun(case, now_running[case.header.id])]
        said = self._said(starting)
        for case in cases:
            run, at = now_running[case.header.id], case.occurred_at or self.context.now
            self._stop(case, run, at)
            timers = list(case.timers)
            if case.header.id in said:
                verdict, zone = said[case.header.id]
                moment = Moment(self.command, at, verdict, zone)
                begun = self._begun(case, run) - case.stopped
                made = (deadlines.timer(kind, case.header, case.lines, moment) for kind in sorted(begun))
                timers += [timer for timer in made if timer]
            self._start(case, timers, at)
            case.header.due_at, case.header.escalated_to = deadlines.labels(case.clocks)

    def _begun(self, case: Case, run: frozenset[Kind]) -> frozenset[Kind]:
        """What runs since this command: also the clock of a refund that waited for the last parcel (`refund_parts`)."""
        last = case.was["state"] in GOODS_AWAITED and case.header.state not in GOODS_AWAITED
        if last and Kind.REFUND in run and all(clock.kind != Kind.REFUND for clock in case.clocks):
            return run - case.ran | {Kind.REFUND}
        return run - case.ran

    def _said(self, cases: Sequence[Case]) -> dict[UUID, tuple[Mapping[str, Any], str]]:
        if not cases:
            return {}
        rows: list[tuple[UUID, Mapping[str, Any], UUID]] = []
        for batch in setwrites.chunks(case.header.id for case in cases):
            rows += Return.objects.filter(id__among=batch).values_list("id", "verdict", "market_id")
        markets = org.markets({market_id for _, _, market_id in rows})
        return {key: (verdict, markets[market_id].zone) for key, verdict, market_id in rows}

    def _stop(self, case: Case, run: frozenset[Kind], at: datetime) -> None:
        decided_now = case.was["decision"] in UNDECIDED and case.header.decision not in UNDECIDED
        given_again = {timer.kind for timer in case.timers}
        going_on = []
        for clock in case.clocks:
            kind = Kind(clock.kind)
            goes_on = deadlines.goes_on(kind, decided_now, case.header, case.lines) if kind in GIVEN else kind in run
            acts = case.by is not None and clock.id == case.by.id
            if acts:
                clock.acted_at = self.context.now
            if acts and self.command != "escalate":
                clock.outcome = "acted"
            elif kind in given_again:
                clock.outcome = "replaced"
            elif kind in case.stopped or not goes_on:
                clock.outcome = deadlines.outcome(kind, case.header, clock.due_at, at)
            if clock.outcome:
                clock.done_at = self.context.now if acts else at
            else:
                going_on.append(clock)
            if acts or clock.outcome:
                self.changed.append(clock)
        case.clocks = going_on

    def _start(self, case: Case, timers: Iterable[Timer], at: datetime) -> None:
        for timer in timers:
            row = row_of(case.header.id, timer, at, self.context)
            self.begun.append(row)
            case.clocks.append(Clock(**row))

    def write(self) -> None:
        """At most 2 statements a thousand."""
        rows = [{"id": clock.id, **{name: getattr(clock, name) for name in STORED}} for clock in self.changed]
        setwrites.update(Clock, rows, assign=STORED)
        setwrites.insert(Clock, self.begun)


def row_of(return_id: UUID, timer: Timer, at: datetime, context: Context) -> dict[str, Any]:
    return {
        "id": new_id(),
        "parent_id": return_id,
        "kind": str(timer.kind),
        "side": timer.side or str(deadlines.SIDES[timer.kind]),
        "set_at": at,
        "due_at": timer.due_at,
        "warn_at": timer.warn_at,
        "then": str(timer.then),
        "escalate_to": timer.escalate_to,
        "warned_at": None,
        "acted_at": None,
        "done_at": None,
        "command_id": context.id,
    }


def begin(
    headers: Sequence[dict[str, Any]], timers: Mapping[UUID, Sequence[Timer]], context: Context
) -> list[dict[str, Any]]:
    """The rows of what runs for new requests, and their headers' label. `timers`: those that came with the request.

    No statement; the caller inserts them behind the returns.
    """
    rows, blank = [], Return()
    for header in headers if context.origin == Origin.LIVE else ():
        moment = Moment("request", header["requested_at"], header["verdict"], "")
        review = deadlines.timer(Kind.REVIEW, blank, (), moment)
        made = [*([review] if review else []), *timers.get(header["id"], ())]
        header["due_at"] = min((timer.due_at for timer in made), default=None)
        rows += [row_of(header["id"], timer, header["requested_at"], context) for timer in made]
    return rows


def find(clocks: Iterable[Clock], clock_id: UUID) -> Clock | None:
    """The clock that is to act, as long as it still runs and has not acted."""
    return next((clock for clock in clocks if clock.id == clock_id and clock.acted_at is None), None)


def told(clock: Clock, context: Context) -> dict[str, Any]:
    """What the trail says of what a clock did: which, when it was due, when it really happened."""
    return {"clock": clock.kind, "clock_due_at": clock.due_at, "clock_acted_at": context.now}


def platform_clock(at: datetime, due_at: datetime | None, then: str) -> list[Timer]:
    """The clock of the platform that sold it, where a request names its deadline."""
    return [deadlines.given(Kind.PLATFORM, at, due_at, then)] if due_at else []
