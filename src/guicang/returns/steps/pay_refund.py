"""Say of refunds that are due that they were paid: by a second person where it is done by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Outcome, Refusal
from guicang.payments import errors
from guicang.payments import operations as payments
from guicang.payments.models import Refund
from guicang.payments.operations import payees
from guicang.payments.rules import Way
from guicang.returns.operations import inputs, refunding
from guicang.returns.operations.till import AtCounter


@dataclass(frozen=True, slots=True)
class Payment:
    refund_id: UUID
    reference: str
    occurred_at: datetime | None = None


def pay_refunds(
    *, payments: Sequence[Payment], actor: Actor, now: datetime, all_or_nothing: bool = False
) -> list[Outcome]:
    """Mark as paid and book it, in sets. About 22 statements a thousand; locks as `refunding.act`.

    What a payment provider has in hand is not for people to mark: its answer is waited for. A transfer goes where its
    details say, once a second person has seen those that were typed by hand, and never by who typed them.
    """
    at_counter = AtCounter()

    def check(item: Payment, row: Refund, context: Context) -> list[Refusal]:
        return _refusals(item, row, context) or at_counter.plan(row, context)

    def write(context: Context, done: Sequence[tuple[Payment, Refund]]) -> None:
        _write(context, done, at_counter)

    return refunding.act(payments, "refund_paid", check, write, actor=actor, now=now, all_or_nothing=all_or_nothing)


def _refusals(item: Payment, row: Refund, context: Context) -> list[Refusal]:
    refusals: list[Refusal] = inputs.too_long(Refund, {"reference": item.reference})
    if not item.reference.strip():
        refusals.append(errors.ReferenceMissing())
    if row.in_hand:
        refusals.append(errors.RefundUnderWay())
    if row.way == Way.BY_HAND and context.actor.id in {row.settled_by, NIL}:
        refusals.append(errors.SecondPerson())
    return refusals + payees.usable(row, context.actor.id)


def _write(context: Context, done: Sequence[tuple[Payment, Refund]], at_counter: AtCounter) -> None:
    times = [(row, item.occurred_at or context.now) for item, row in done]
    books = refunding.cash_book(times)
    paid = [
        payments.Paid(row, at, item.reference.strip(), books.get(row.id), till_id=at_counter.till_of(row))
        for (item, _), (row, at) in zip(done, times, strict=True)
    ]
    payments.pay(context, paid)
    at_counter.write(context, [row for _, row in done])
