"""Shifts of cash drawers as staff read them: the list, one with its movements, what it comes to by kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import F, QuerySet

from guicang.kernel.actor import Scope
from guicang.kernel.ids import NIL
from guicang.org import queries as org
from guicang.payments.models import CashMove, Shift
from guicang.payments.queries import drawers as known
from guicang.payments.rules.drawers import WAITING, CashKind
from guicang.returns.models import Return
from guicang.staff import queries as staff

PAGE = 50


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty: all shifts, the newest first. `differs`: only those whose last count was not what there should be."""

    drawer_id: UUID | None = None
    state: str = ""
    since: datetime | None = None
    until: datetime | None = None
    differs: bool = False
    after: UUID | None = None


class ShiftRow(NamedTuple):
    """`expected_minor`: what there should have been at the last count."""

    id: UUID
    number: int
    drawer_id: UUID
    drawer: str
    shop: str
    currency: str
    person_id: UUID
    person: str
    state: str
    opened_at: datetime
    closed_at: datetime | None
    float_minor: int
    expected_minor: int
    counted_minor: int
    decided_by: str
    balance_minor: int

    @property
    def difference_minor(self) -> int:
        """Of the last count; of a shift that goes on, of the one it began with."""
        return self.counted_minor - self.expected_minor

    @property
    def waits(self) -> bool:
        return self.state in WAITING

    @property
    def counted(self) -> bool:
        """Whether it was counted at its end."""
        return self.state in ("counted", "closed")


class MoveRow(NamedTuple):
    number: int
    at: datetime
    kind: str
    reason: str
    amount_minor: int
    balance_minor: int
    return_id: UUID
    return_number: str
    by: str
    currency: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """`sums`: (kind, how many, amount) of what moved; `before_minor`: what lay there before the first movement."""

    shift: ShiftRow
    moves: list[MoveRow]
    sums: list[tuple[str, int, int]]
    before_minor: int

    @property
    def should_be_minor(self) -> int:
        """What there should be by the movements, without what a count found more or less."""
        return self.before_minor + sum(amount for kind, _, amount in self.sums if kind != CashKind.DIFFERENCE)


def listed(scope: Scope, filters: Filters, size: int = PAGE) -> tuple[list[ShiftRow], bool]:
    """A page, and whether there are more; at most 4 statements."""
    rows = _asked(scope, filters)
    place = Shift.objects.filter(id=filters.after).values_list("opened_at", "id").first() if filters.after else None
    if place:
        rows = rows.filter(opened_at__lte=place[0]).exclude(opened_at=place[0], id__gte=place[1])
    found = list(rows.select_related("till").order_by("-opened_at", "-id")[: size + 1])
    return _dress(found[:size]), len(found) > size


def count(scope: Scope, filters: Filters, most: int) -> int:
    """How many fit, counted up to `most`; 1 statement."""
    return _asked(scope, filters).order_by()[:most].count()


def sheet(scope: Scope, shift_id: UUID) -> Sheet | None:
    """At most 6 statements."""
    row = _scoped(scope).filter(id=shift_id).select_related("till").first()
    if row is None:
        return None
    moves = list(CashMove.objects.filter(shift_id=shift_id).order_by("number"))
    people = staff.names([move.actor_id for move in moves])
    wanted = sorted({move.return_id for move in moves} - {NIL})
    numbers = dict(Return.objects.filter(id__among=wanted).values_list("id", "number"))
    shown = [
        MoveRow(
            move.number,
            move.occurred_at,
            move.kind,
            move.reason,
            move.amount_minor,
            move.balance_minor,
            move.return_id,
            numbers.get(move.return_id, ""),
            people.get(move.actor_id, ""),
            row.till.currency,
        )
        for move in moves
    ]
    before = moves[0].balance_minor - moves[0].amount_minor if moves else row.till.balance_minor
    return Sheet(_dress([row])[0], shown, sums(shown), before)


def sums(moves: Iterable[MoveRow]) -> list[tuple[str, int, int]]:
    """By kind, in the order of the kinds."""
    several = list(moves)
    found = []
    for kind in CashKind:
        amounts = [move.amount_minor for move in several if move.kind == kind]
        if amounts:
            found.append((str(kind), len(amounts), sum(amounts)))
    return found


def mine(person_id: UUID) -> ShiftRow | None:
    """The shift that somebody has; at most 4 statements."""
    row = known.running(person_id)
    return _dress([row])[0] if row else None


class AtCounter(NamedTuple):
    """Where cash of a company goes through a drawer: the reader's own open shift there, None where he has none."""

    shift: ShiftRow | None


def at_counter(company_id: UUID, person_id: UUID) -> AtCounter | None:
    """None where the company keeps no cash in drawers: 1 statement then, else at most 5."""
    if not known.using([company_id]):
        return None
    found = mine(person_id)
    return AtCounter(found if found and found.state == "open" else None)


class Place(NamedTuple):
    """A drawer; `taken`: somebody has a shift there."""

    id: UUID
    name: str
    shop: str
    currency: str
    archived_at: datetime | None
    taken: bool

    @property
    def free(self) -> bool:
        return self.archived_at is None and not self.taken


def places(scope: Scope) -> list[Place]:
    """Every drawer, those out of use too; 2 statements."""
    found = org.drawers(scope, archived=True)
    running = Shift.objects.filter(till_id__among=[one.id for one in found]).exclude(state="closed")
    taken = set(running.values_list("till_id", flat=True))
    return [Place(one.id, one.name, one.shop, one.currency, one.archived_at, one.id in taken) for one in found]


def _scoped(scope: Scope) -> QuerySet[Shift]:
    return Shift.objects.filter(**scope.exact_filters(company_id="company_id", shop_id="shop_id"))


def _asked(scope: Scope, filters: Filters) -> QuerySet[Shift]:
    rows = _scoped(scope)
    if filters.drawer_id:
        rows = rows.filter(till_id=filters.drawer_id)
    if filters.state:
        rows = rows.filter(state=filters.state)
    if filters.since:
        rows = rows.filter(opened_at__gte=filters.since)
    if filters.until:
        rows = rows.filter(opened_at__lt=filters.until)
    if filters.differs:
        rows = rows.exclude(state="open").exclude(counted_minor=F("expected_minor"))
    return rows


def _dress(rows: Sequence[Shift]) -> list[ShiftRow]:
    where = {one.id: one for one in org.drawers(Scope(), archived=True)}
    people = staff.names([key for row in rows for key in (row.person_id, row.decided_by) if key != NIL])
    return [
        ShiftRow(
            row.id,
            row.number,
            row.till_id,
            where[row.till_id].name,
            where[row.till_id].shop,
            row.till.currency,
            row.person_id,
            people.get(row.person_id, ""),
            row.state,
            row.opened_at,
            row.closed_at,
            row.float_minor,
            row.expected_minor,
            row.counted_minor,
            people.get(row.decided_by, ""),
            row.till.balance_minor,
        )
        for row in rows
    ]
