"""Payment files: transfers that are submitted to the bank together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from guicang.accounting import operations as accounting
from guicang.kernel import numbers, setwrites
from guicang.kernel.actor import Scope
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.numbers import Form
from guicang.payments.facts import Details
from guicang.payments.models import PayoutBatch, PayoutItem, Refund
from guicang.payments.queries import payees
from guicang.payments.rules import State

DOCUMENT = "payout"
#: P20260001: how files are numbered within a company and year.
NUMBERED = Form("P", 4)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a payment file. `open`: the bank has not answered; only then the account is there, else it is empty.

    `reference`: number of the file and place in it, short enough for any bank and on its statement again.
    """

    refund_id: UUID
    return_id: UUID
    company_id: UUID
    amount_minor: int
    currency: str
    open: bool
    state: str
    reference: str
    details: Details = field(repr=False)


def submit(context: Context, rows: Sequence[Refund]) -> None:
    """Write the files of locked refunds that may go, and say so of these. About 8 statements a company and currency."""
    groups: dict[tuple[UUID, str], list[Refund]] = {}
    for row in rows:
        groups.setdefault((row.company_id, row.currency), []).append(row)
    if not groups:
        return
    keys = list(groups)
    days = accounting.book_dates([company_id for company_id, _ in keys], [context.now] * len(keys))
    made, items = [], []
    for (company_id, currency), day in zip(keys, days, strict=True):
        several, batch_id = groups[company_id, currency], new_id()
        stamps = {"occurred_at": context.now, "book_date": day, **context.stamps}
        year = (company_id, DOCUMENT, day.year)
        made.append(
            {
                "id": batch_id,
                "company_id": company_id,
                "number": numbers.take({year: 1}, NUMBERED)[year].texts()[0],
                "currency": currency,
                "count": len(several),
                "amount_minor": sum(row.amount_minor for row in several),
                "made_by": context.actor.id,
                **stamps,
            }
        )
        for row in several:
            row.state, row.batch_id = str(State.SUBMITTED), batch_id
            item = {"refund_id": row.id, "payee_id": row.payee_id, "amount_minor": row.amount_minor}
            items.append({"id": new_id(), "batch_id": batch_id, **item, **stamps})
    setwrites.insert(PayoutBatch, made)
    setwrites.insert(PayoutItem, items)
    changed = [{"id": row.id, "state": row.state, "batch_id": row.batch_id} for row in rows]
    setwrites.update(Refund, changed, assign=["state", "batch_id"])


def lines(batch_id: UUID, scope: Scope) -> list[Line]:
    """Of a file that the scope holds, in the order of its refunds; at most 5 statements."""
    batch = PayoutBatch.objects.filter(id=batch_id).first()
    if batch is None or not scope.holds(batch.company_id, NIL, NIL):
        return []
    items = list(PayoutItem.objects.filter(batch_id=batch_id).order_by("id"))
    rows = {row.id: row for row in setwrites.fetch(Refund, [item.refund_id for item in items])}
    if not all(scope.holds(row.company_id, row.shop_id, NIL) for row in rows.values()):
        return []
    opened = payees.details(payees.of(item.payee_id for item in items))
    found = []
    for place, item in enumerate(items, 1):
        row = rows[item.refund_id]
        is_open = row.batch_id == batch_id and row.state == State.SUBMITTED
        nothing = Details("", "", "")
        found.append(
            Line(
                row.id,
                row.return_id,
                row.company_id,
                item.amount_minor,
                batch.currency,
                is_open,
                row.state,
                f"{batch.number}-{place}",
                opened.get(item.payee_id, nothing) if is_open else nothing,
            )
        )
    return found
