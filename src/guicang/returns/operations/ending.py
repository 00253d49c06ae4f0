"""What every end of a return has in common."""

from __future__ import annotations

from datetime import datetime

from guicang.kernel.refusal import Refusal
from guicang.returns import errors
from guicang.returns.deadlines import new_first
from guicang.returns.lifecycle import LineKind
from guicang.returns.operations.docket import Case
from guicang.trade import errors as trade
from guicang.trade.queries import replacements


def irrevocable(case: Case) -> list[Refusal]:
    """Why a return cannot be given up as if it had never been: units of the order were cancelled, money was paid."""
    refusals: list[Refusal] = []
    if units := sum(line.authorised for line in case.lines if line.kind == LineKind.UNSHIPPED):
        refusals.append(errors.AlreadyCancelled(units=units))
    if any(line.settled for line in case.lines):
        refusals.append(errors.MoneyPaid())
    if any(line.sent for line in case.lines):
        refusals.append(errors.GoodsSent())
    if new_first(case.lines) and replacements([case.header.id]):
        refusals.append(trade.SentAhead())
    return refusals


def end(case: Case, ending: str, at: datetime, reason: str) -> None:
    """Mark the end. The state is set at once, so that a second command for it in the same set is refused."""
    case.header.ending = case.header.state = ending
    case.header.ended_at, case.header.under_way = at, False
    case.touched, case.reason, case.occurred_at = True, reason, at
