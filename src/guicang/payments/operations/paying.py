"""What becomes of intents that are not paid at once: paid, failed, tried again, turned to another method."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.accounting import operations as accounting
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.payments.models import Refund
from guicang.payments.operations import payees
from guicang.payments.operations.credit import PARTY
from guicang.payments.operations.recording import queue_execution
from guicang.payments.rules import WRONG_ACCOUNT, State
from guicang.payments.rules.drawers import PARTY as DRAWER

Leg = accounting.Leg


@dataclass(frozen=True, slots=True)
class Paid:
    """A locked refund that was paid at `at`; `cash_book_minor`: what left in the currency of the books, at the day's
    rate, where that differs from what was owed."""

    row: Refund
    at: datetime
    reference: str = ""
    cash_book_minor: int | None = None
    #: The store credit account that it went to.
    account_id: UUID = NIL
    #: The cash drawer of ours that it came out of.
    till_id: UUID = NIL


def lock_refunds(refund_ids: Iterable[UUID]) -> dict[UUID, Refund]:
    """Locked in primary key order, after the returns they belong to; 1 statement per 1,000."""
    return {row.id: row for row in setwrites.fetch(Refund, set(refund_ids), lock=True)}


def role_of(row: Refund) -> str:
    """The role of the account that the money leaves."""
    return accounting.role_of_tender(row.method or row.kind)


def pay(context: Context, paid: Sequence[Paid]) -> None:
    """Mark as paid and book it: from refunds to pay to the account of the tender. Those of `accounting.post` and 1."""
    accounting.post(context, [_posting(each) for each in paid if each.row.posted])
    for each in paid:
        row = each.row
        if not payees.wanted(row):
            row.payee, row.payee_id, row.payee_by = payees.NOBODY
        row.state, row.reference = str(State.PAID), each.reference or row.reference
        row.paid_by, row.paid_at, row.next_attempt_at, row.failure = context.actor.id, each.at, None, ""
    _store([each.row for each in paid])


def fail(context: Context, failed: Sequence[tuple[Refund, str]]) -> None:
    """Mark as failed, each for its reason (a code): the money stays owed, and the books as they are; 1 statement.

    Where the account was wrong, another one is asked for; 1 more.
    """
    for row, reason in failed:
        row.state, row.failure, row.next_attempt_at = str(State.FAILED), reason, None
    payees.drop([row for row, reason in failed if reason in WRONG_ACCOUNT])
    _store([row for row, _ in failed])


def again(context: Context, rows: Sequence[Refund]) -> None:
    """Store refunds that are due again, perhaps by another method and way, which the caller has set; 2 statements."""
    for row in rows:
        row.state, row.failure, row.next_attempt_at, row.batch_id = str(State.DUE), "", None, NIL
    payees.settle(rows)
    _store(rows)
    queue_execution(context, (row.id for row in rows if row.executable))


def submit(context: Context, row: Refund, next_attempt_at: datetime) -> None:
    """Note that it is sent now, for the how many-th time, and when it is tried again if nothing is heard."""
    row.state, row.attempts, row.next_attempt_at = str(State.SUBMITTED), row.attempts + 1, next_attempt_at
    _store([row])


def park(refund_id: UUID, failure: str = "") -> None:
    """Nobody tries it any more, and nobody knows what became of it: a person has to look. 1 statement."""
    parked = Refund.objects.filter(id=refund_id, state=State.SUBMITTED)
    parked.update(next_attempt_at=None, failure=failure)


def execute_again(context: Context, rows: Sequence[Refund]) -> None:
    """Take parked refunds up again as they are: with the same key, asked about before they are sent; 2 statements."""
    for row in rows:
        row.next_attempt_at, row.failure = context.now, ""
    _store(rows)
    queue_execution(context, (row.id for row in rows))


_CHANGING = (
    *("state", "method", "way", "consented", "reference", "paid_by", "paid_at"),
    *("failure", "attempts", "next_attempt_at", "payee", "payee_id", "payee_by", "batch_id"),
)


def _store(rows: Sequence[Refund]) -> None:
    changed: list[dict[str, Any]] = [{"id": row.id, **{name: getattr(row, name) for name in _CHANGING}} for row in rows]
    setwrites.update(Refund, changed, assign=_CHANGING)


def _posting(paid: Paid) -> accounting.Posting:
    row, amount, owed = paid.row, paid.row.amount_minor, paid.row.book_minor
    left = owed if paid.cash_book_minor is None else paid.cash_book_minor
    legs = [
        Leg("refunds_payable", amount, owed, order_id=row.order_id, shop_id=row.shop_id),
        Leg(role_of(row), -amount, -left, *_party(paid), row.order_id, row.shop_id),
    ]
    if left != owed:
        legs.append(Leg("fx_difference", 0, left - owed))
    return accounting.Posting(
        company_id=row.company_id,
        event="refund_paid",
        source_kind="refund",
        source_id=row.id,
        occurred_at=paid.at,
        currency=row.currency,
        legs=legs,
    )


def _party(paid: Paid) -> tuple[str, UUID]:
    if paid.till_id != NIL:
        return DRAWER, paid.till_id
    return (PARTY, paid.account_id) if paid.account_id != NIL else ("", NIL)
