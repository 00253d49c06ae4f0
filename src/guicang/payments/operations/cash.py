"""Cash that a command moves: it goes through the open shift of whoever gives the command, or not at all.

Only where the company keeps its cash in drawers, and only what happens now: imported history moved no drawer. The
drawer is locked with the first amount, after returns and refunds and before store credit and books.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from guicang.accounting import operations as accounting
from guicang.kernel import setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.models import Origin
from guicang.kernel.money import from_minor
from guicang.kernel.refusal import Refusal
from guicang.payments import errors
from guicang.payments.models import CashMove, Shift, Till
from guicang.payments.queries import drawers
from guicang.payments.rules.drawers import CashKind, ShiftState


@dataclass(frozen=True, slots=True)
class Moved:
    """Cash that moved: into the drawer where it is more than nought."""

    kind: CashKind
    amount_minor: int
    booked: bool
    source_id: UUID = NIL
    return_id: UUID = NIL
    reason: str = ""


@dataclass(slots=True)
class Drawer:
    """A locked shift with its till. `planned_minor`: what the command has moved so far and not written."""

    shift: Shift
    till: Till
    planned_minor: int = 0

    @property
    def left_minor(self) -> int:
        return self.till.balance_minor + self.planned_minor


@dataclass(slots=True)
class Cash:
    """What a command does to the drawer of its actor; nothing is read before cash moves."""

    context: Context
    drawer: Drawer | None = None
    _looked: bool = False
    _using: dict[UUID, bool] = field(default_factory=dict)

    def goes_through(self, company_id: UUID) -> bool:
        """Whether the company's cash lies in drawers; 1 statement, once a company."""
        if self.context.origin != Origin.LIVE:
            return False
        if company_id not in self._using:
            self._using[company_id] = company_id in drawers.using([company_id])
        return self._using[company_id]

    @property
    def by_person(self) -> bool:
        return self.context.actor.kind == "staff"

    def move(self, company_id: UUID, currency: str, amount_minor: int) -> list[Refusal]:
        """Plan to put an amount in (or take it out, below nought); why not. Ask `goes_through` before. 2 statements."""
        drawer = self.hold()
        if drawer is None or drawer.shift.state != ShiftState.OPEN:
            return [errors.NoShift()]
        if (drawer.till.company_id, drawer.till.currency) != (company_id, currency):
            return [errors.OtherDrawer(currency=currency)]
        if amount_minor < 0 and drawer.left_minor + amount_minor < 0:
            left, wanted = (str(from_minor(minor, currency)) for minor in (drawer.left_minor, -amount_minor))
            return [errors.DrawerShort(left=left, wanted=wanted)]
        drawer.planned_minor += amount_minor
        return []

    def undo(self, amount_minor: int) -> None:
        """What was planned does not happen."""
        if self.drawer is not None:
            self.drawer.planned_minor -= amount_minor

    def hold(self) -> Drawer | None:
        """The actor's running shift and its till, locked; None where he has none. 2 statements, once."""
        if not self._looked:
            self._looked = True
            found = drawers.running(self.context.actor.id)
            self.drawer = lock(found.till_id, found.id) if found else None
        return self.drawer

    @property
    def till_id(self) -> UUID:
        """Of the drawer that amounts were planned for; NIL where none were."""
        return self.drawer.till.id if self.drawer is not None else NIL

    def write(self, moved: Sequence[Moved]) -> None:
        """Write what was planned. 4 statements, none for nothing."""
        if moved and self.drawer is not None:
            write(self.context, self.drawer, moved)


def lock(till_id: UUID, shift_id: UUID) -> Drawer | None:
    """A till, then its shift; None where that was closed meanwhile. 2 statements."""
    till = Till.objects.select_for_update().get(id=till_id)
    shift = Shift.objects.select_for_update(of=("self",)).filter(id=shift_id).exclude(state=ShiftState.CLOSED).first()
    return Drawer(shift, till) if shift is not None else None


def hold_of(actor: Actor) -> None:
    """Lock the drawer of whoever has a shift, for who locks stock before cash moves; 1 statement, 3 with a shift."""
    if actor.kind == "staff" and (found := drawers.running(actor.id)):
        lock(found.till_id, found.id)


def write(context: Context, drawer: Drawer, moved: Sequence[Moved]) -> None:
    """Append movements of a locked drawer and move its balance. 4 statements."""
    (day,) = accounting.book_dates([drawer.till.company_id], [context.now])
    rows: list[dict[str, Any]] = []
    till = drawer.till
    for each in moved:
        till.balance_minor, till.moves = till.balance_minor + each.amount_minor, till.moves + 1
        rows.append(
            {
                "id": new_id(),
                "shift_id": drawer.shift.id,
                "till_id": till.id,
                "company_id": till.company_id,
                "number": till.moves,
                "kind": str(each.kind),
                "amount_minor": each.amount_minor,
                "balance_minor": till.balance_minor,
                "reason": each.reason,
                "source_id": each.source_id,
                "return_id": each.return_id,
                "actor_id": context.actor.id,
                "booked": each.booked,
                "occurred_at": context.now,
                "book_date": day,
                **context.stamps,
            }
        )
    drawer.planned_minor = 0
    setwrites.insert(CashMove, rows)
    till.save(update_fields=["balance_minor", "moves"])
