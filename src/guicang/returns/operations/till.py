"""What settlements pay in cash, through the drawer of whoever settles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refusal
from guicang.payments.models import Refund
from guicang.payments.operations.cash import Cash, Moved
from guicang.payments.rules import Way
from guicang.payments.rules.drawers import CashKind, is_cash
from guicang.returns.operations.crediting import Settling
from guicang.returns.operations.payouts import Payout

#: What a buyer pays with at a counter.
CASH = "cash"


def plan(cash: Cash, settled: Sequence[Settling]) -> list[Refusal]:
    """Why cash of these settlements cannot move; else it is planned, and they say which drawer.

    Where the program settles and the company keeps its cash in drawers, nobody stands at one: what is to be paid in
    cash is due until somebody at a counter pays it. 4 statements where any cash moves, none else.
    """
    found: list[Refusal] = []
    for each, payout in _in_cash(settled):
        if not cash.goes_through(each.header.company_id):
            continue
        if not cash.by_person:
            payout.way = Way.BY_HAND if payout.amount_minor > 0 else payout.way
            continue
        refused = cash.move(each.header.company_id, each.header.currency, -payout.amount_minor)
        if not refused:
            payout.till_id = cash.till_id
        found += refused
    if found:
        undo(cash, settled)
    return found[:1]


def takes(cash: Cash, way: str, company_id: UUID) -> bool:
    """Whether what a buyer pays by this way is put into the drawer of who takes it; at most 1 statement."""
    return way == CASH and cash.by_person and cash.goes_through(company_id)


def undo(cash: Cash, settled: Iterable[Settling]) -> None:
    """These settlements do not happen."""
    for _, payout in _in_cash(settled):
        if payout.till_id != NIL:
            cash.undo(-payout.amount_minor)
            payout.till_id = NIL


def _in_cash(settled: Iterable[Settling]) -> list[tuple[Settling, Payout]]:
    return [
        (each, payout)
        for each in settled
        for payout in each.payouts
        if is_cash(payout.method, payout.kind) and payout.way == Way.AT_ONCE
    ]


class AtCounter:
    """Refunds that are marked as paid in cash, through the drawer of who marks them; one for a command's chunks."""

    def __init__(self) -> None:
        self._cash: dict[UUID, Cash] = {}
        self._through: set[UUID] = set()

    def plan(self, row: Refund, context: Context, method: str | None = None) -> list[Refusal]:
        """Why it cannot be paid in cash here; nothing where it goes another way. As `plan`; `method`: a new one."""
        cash = self._cash.setdefault(context.id, Cash(context))
        if (
            not is_cash(row.method if method is None else method, row.kind)
            or not cash.by_person
            or not cash.goes_through(row.company_id)
        ):
            return []
        refused = cash.move(row.company_id, row.currency, -row.amount_minor)
        if not refused:
            self._through.add(row.id)
        return refused

    def till_of(self, row: Refund) -> UUID:
        return next((cash.till_id for cash in self._cash.values()), NIL) if row.id in self._through else NIL

    def write(self, context: Context, rows: Sequence[Refund]) -> None:
        moved = [
            Moved(CashKind.REFUND, -row.amount_minor, row.posted, row.id, row.return_id)
            for row in rows
            if row.id in self._through
        ]
        if moved:
            self._cash[context.id].write(moved)
