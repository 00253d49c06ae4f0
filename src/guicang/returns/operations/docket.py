"""A set of returns under lock: load, change in memory, store what changed.

Every step loads its returns here after the sales rows it needs were locked (the fixed order puts
those first), changes the rows of a `Case`, and stores the docket once: labels are computed, changed
rows written, the trail recorded, notices queued.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import transaction

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import outbox, setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context, begin
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.kernel.money import from_minor
from guicang.kernel.refusal import Outcome, Refused, raise_first
from guicang.notifications import operations as notifications
from guicang.returns import errors, lifecycle
from guicang.returns.deadlines import Kind, Timer
from guicang.returns.models import Clock, Return, ReturnLine
from guicang.returns.operations import clocks, events, owning, quotas

HEADER_COLUMNS = (
    "decision",
    "decided_by",
    "ending",
    "stage",
    "state",
    "under_way",
    "leaks",
    "due_at",
    "escalated_to",
    "department",
    "owner_id",
    "rma_code",
    "warehouse_id",
    "appeals",
    "decided_at",
    "expires_at",
    "received_at",
    "inspected_at",
    "settled_at",
    "ended_at",
    "changed_at",
    "refund_minor",
    "risk_review",
    "risk_seen",
    "refund_state",
    "quota_minor",
)
LINE_COLUMNS = (
    "requested",
    "authorised",
    "expected",
    "received",
    "lost",
    "short_closed",
    "accepted",
    "rejected",
    "disposed",
    "settled",
    "sent",
    "claimed",
    "reception",
    "acceptance",
    "money",
    "held",
    "hold_decision",
    "lot",
    "refund_minor",
    "share_minor",
    "fees",
    "unlike",
)
#: What steps read of a return besides; the rest is for pages and follow-ups (`whole`).
READ = (
    *("id", "command_id", "company_id", "shop_id", "customer_id", "number", "currency", "type", "linked_id"),
    *("requested_at", "origin", "withdrawal", "risk_points"),
    *HEADER_COLUMNS,
    *("refund_to", "credit_consented", "gift", "quota_id", "quota_asked_minor"),
)
#: Recorded in the trail when they change; the rest are labels and times that follow from these.
AUDITED = (
    *("decision", "ending", "stage", "state", "rma_code", "expires_at", "refund_minor"),
    *("refund_state", "warehouse_id", "escalated_to", "owner_id"),
)

#: The reason in the trail where time decided.
BY_CLOCK = "by_clock"

_header_values = attrgetter(*HEADER_COLUMNS)
_values = attrgetter(*LINE_COLUMNS)

T = TypeVar("T")


@dataclass(slots=True)
class Case:
    """A return and its lines while a step works on it."""

    header: Return
    lines: list[ReturnLine]
    was: dict[str, Any] = field(default_factory=dict)
    lines_were: dict[UUID, tuple[Any, ...]] = field(default_factory=dict)
    touched: bool = False
    reason: str = ""
    occurred_at: datetime | None = None
    notice: str = ""
    #: What the notice says besides number, code and amount.
    tells: dict[str, str] = field(default_factory=dict)
    #: Facts for the trail that no column of the return holds: a parcel, a decision.
    notes: dict[str, Any] = field(default_factory=dict)
    #: The clocks that run, what ran before the command, and the clock that gives the command.
    clocks: list[Clock] = field(default_factory=list)
    ran: frozenset[Kind] = frozenset()
    by: Clock | None = None
    #: Clocks that the step sets or stops by itself: those of a platform, of a stage of an approval.
    timers: list[Timer] = field(default_factory=list)
    stopped: set[Kind] = field(default_factory=set)

    def line(self, line_id: UUID) -> ReturnLine | None:
        return next((line for line in self.lines if line.id == line_id), None)

    def add_line(self, **columns: Any) -> ReturnLine:
        line = ReturnLine(
            parent=self.header, position=max((each.position for each in self.lines), default=0) + 1, **columns
        )
        self.lines.append(line)
        return line


def permit(actor: Actor, command: str) -> None:
    """Raises Refused(NotPermitted) where this kind of actor, or this one, may not give the command at all."""
    row = lifecycle.COMMANDS[command]
    if actor.kind not in row.who or (actor.kind == "staff" and not any(map(actor.may, row.enough))):
        raise Refused([errors.NotPermitted(permission=row.permission)])


def in_chunks(
    items: Sequence[T],
    act: Callable[[Sequence[T], Context], list[Outcome]],
    command: str,
    *,
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Run a step over its items, a thousand a transaction, with one outcome for each in their order.

    `all_or_nothing` takes at most one chunk and raises Refused with all findings, writing nothing.
    """
    permit(actor, command)
    return run(items, act, command, actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing)


def run(
    items: Sequence[T],
    act: Callable[[Sequence[T], Context], list[Outcome]],
    command: str,
    *,
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """As `in_chunks`, for acts that are no commands of the life: who may do it was asked before."""
    if all_or_nothing and len(items) > setwrites.CHUNK:
        raise ValueError(f"all or nothing is one chunk of at most {setwrites.CHUNK}")
    outcomes: list[Outcome] = []
    for chunk in setwrites.chunks(items):
        with transaction.atomic():
            context = begin(f"returns.{command}", actor=actor, now=now, items=len(chunk), origin=origin)
            done = act(chunk, context)
            if all_or_nothing:
                raise_first(done)
        outcomes.extend(done)
    for index, outcome in enumerate(outcomes):
        outcome.index = index
    return outcomes


def load(return_ids: Iterable[UUID], *, whole: bool = False, lock: bool = True) -> dict[UUID, Case]:
    """Returns and their lines, locked in primary key order, with the clocks that run; 3 statements per 1,000.

    `whole`: every column. `lock` False only reads: for a preview, which writes nothing and needs no clocks.
    """
    wanted = set(return_ids) - {NIL}
    only = () if whole else READ
    cases = {row.id: Case(row, []) for row in setwrites.fetch(Return, wanted, lock=lock, only=only)}
    for line in setwrites.fetch(ReturnLine, wanted, lock=lock, key="parent_id"):
        cases[line.parent_id].lines.append(line)
    for key, several in (clocks.open_of(cases) if lock else {}).items():
        cases[key].clocks = several
    for case in cases.values():
        case.lines.sort(key=lambda line: line.position)
        remember(case)
    return cases


def remember(case: Case) -> None:
    case.was = dict(zip(HEADER_COLUMNS, _header_values(case.header), strict=True))
    case.lines_were = {line.id: _values(line) for line in case.lines}
    case.ran, case.by, case.timers, case.stopped = clocks.of_now(case), None, [], set()


def check(case: Case | None, command: str, actor: Actor, clock_id: UUID = NIL) -> list[Any]:
    """Refusals that every command shares: unknown, somebody else's, the clock stopped, not in this state.

    `clock_id`: the clock that gives the command. Looked at here, under the return's lock, so that it acts once.
    """
    if case is None or hidden(case, actor):
        return [errors.NotFound()]
    if clock_id != NIL:
        case.by = clocks.find(case.clocks, clock_id)
        if case.by is None:
            return [errors.ClockStopped()]
    if command in lifecycle.COMMANDS and lifecycle.blocked(command, case.header.state):
        return [errors.WrongState(state=case.header.state, command=command)]
    return []


def hidden(case: Case, actor: Actor) -> bool:
    """True where the return lies outside what the actor may see: to him there is none."""
    header = case.header
    return not actor.sees(header.company_id, header.shop_id, header.warehouse_id, header.customer_id)


def store(context: Context, cases: Collection[Case], command: str) -> None:
    """Compute labels, set clocks, write what changed, record the trail, queue notices. Locks the audit heads last.

    Statements: up to 3 for n <= 1,000 returns and their lines, up to 4 for clocks, those of the trail, 1 for notices,
    1 to ask whether somebody listens, 1 more where somebody does, 3 where quotas move.
    """
    changed = [case for case in cases if case.touched]
    headers, lines, added, trail, notices, told = [], [], [], [], [], []
    keeper = clocks.Keeper(context, command)
    for case in changed:
        relabel(case, context.now)
    quotas.follow(changed, context)
    keeper.set(changed)
    owning.enter(changed, context)
    for case in changed:
        headers.append({"id": case.header.id, **dict(zip(HEADER_COLUMNS, _header_values(case.header), strict=True))})
        for line in case.lines:
            before = case.lines_were.get(line.id)
            if before is None:
                added.append(line_row(line))
            elif before != _values(line):
                lines.append({"id": line.id, **dict(zip(LINE_COLUMNS, _values(line), strict=True))})
        if case.by is not None:
            case.reason, case.notes = case.reason or BY_CLOCK, case.notes | clocks.told(case.by, context)
        trail.append(_trail(case, command))
        told.append(_change(case, context))
        if case.notice and context.origin == Origin.LIVE:
            # Once a command: a second question about the same return is a notice of its own.
            notice = _notice(case)
            notices.append(replace(notice, dedupe_key=f"{notice.dedupe_key}:{context.id.hex}"))
        case.touched = False
        remember(case)
    setwrites.update(Return, headers, assign=HEADER_COLUMNS)
    setwrites.update(ReturnLine, lines, assign=LINE_COLUMNS)
    setwrites.insert(ReturnLine, added)
    keeper.write()
    outbox.queue(context, notices)
    events.queue(context, command, told)
    record(context, trail)


def relabel(case: Case, now: datetime) -> None:
    """Store what `lifecycle` says of the quantities."""
    header = case.header
    for line in case.lines:
        labels = lifecycle.axes(line, header.refund_state)
        line.reception, line.acceptance, line.money = labels.reception, labels.acceptance, labels.money
    header.state = str(lifecycle.state(header, case.lines))
    header.leaks = int(lifecycle.leaks(header, case.lines))
    header.changed_at = now


def header_row(header: Return) -> dict[str, Any]:
    return {column.attname: getattr(header, column.attname) for column in Return._meta.concrete_fields}


def line_row(line: ReturnLine) -> dict[str, Any]:
    return {column.attname: getattr(line, column.attname) for column in ReturnLine._meta.concrete_fields}


def _trail(case: Case, command: str) -> AuditEntry:
    header, was = case.header, case.was
    after: dict[str, Any] = {name: getattr(header, name) for name in AUDITED if getattr(header, name) != was[name]}
    before: dict[str, Any] = {name: was[name] for name in after}
    for line in case.lines:
        old, new = case.lines_were.get(line.id, (0,) * len(LINE_COLUMNS)), _values(line)
        if old != new:
            moved = [(name, a, b) for name, a, b in zip(LINE_COLUMNS, old, new, strict=True) if a != b]
            before[f"line{line.position}"] = {name: a for name, a, _ in moved}
            after[f"line{line.position}"] = {name: b for name, _, b in moved}
    after |= case.notes
    return AuditEntry(header.company_id, "return", header.id, command, before, after, case.reason, case.occurred_at)


def _change(case: Case, context: Context) -> events.Change:
    header, was = case.header, case.was
    return events.Change(
        header.id,
        header.company_id,
        header.shop_id,
        header.number,
        header.currency,
        # A follow-up that this command opened was in no state before.
        "" if header.command_id == context.id else was["state"],
        header.state,
        was["refund_minor"],
        header.refund_minor,
        case.occurred_at or context.now,
    )


#: What whoever was given it is told instead: nothing of what was paid for it.
OF_GIFTS = {"return_refunded": "gift_credited", "return_exchanged": "gift_exchanged"}


def _notice(case: Case) -> outbox.Message:
    header = case.header
    data = {
        "number": header.number,
        "code": header.rma_code,
        "currency": header.currency,
        "amount": str(from_minor(header.refund_minor, header.currency)),
        "link": settings.RETURN_PAGE.format(id=header.id),
        **case.tells,
    }
    hidden = {"link", "collect", "returned"} if header.gift else set()
    if header.gift and "amount" not in case.tells:
        hidden.add("amount")
    return notifications.message(
        OF_GIFTS.get(case.notice, case.notice) if header.gift else case.notice,
        owner_kind="customer",
        owner_id=header.customer_id,
        aggregate_id=header.id,
        data={name: text for name, text in data.items() if name not in hidden},
    )


def outcome(
    index: int, case: Case | None, refusals: Sequence[Any] = (), data: Mapping[str, Any] | None = None
) -> Outcome:
    return Outcome(index, case.header.id if case else None, list(refusals), data or {})
