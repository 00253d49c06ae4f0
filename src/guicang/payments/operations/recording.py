"""Intents to pay back, as settlements make them: paid at once, or due until somebody carries them out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.kernel import outbox, setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.payments.models import Refund
from guicang.payments.operations import payees
from guicang.payments.rules import Method, State, Way, state_of
from guicang.payments.rules.payees import PayeeState
from guicang.sales import operations as sales

TOPIC = "refund.execute"


@dataclass(frozen=True, slots=True)
class RefundShare:
    """What one tender gives back for one settlement; negative takes back what was paid or is set off.

    `posted`: the books hold it in refunds to pay as `book_minor`, in their currency, until it is paid.
    """

    company_id: UUID
    shop_id: UUID
    order_id: UUID
    tender_id: UUID
    settlement_id: UUID
    return_id: UUID
    amount_minor: int
    currency: str
    occurred_at: datetime
    kind: str
    method: str = ""
    promotional: bool = False
    way: str = Way.AT_ONCE
    consented: bool = False
    posted: bool = False
    book_minor: int = 0
    reference: str = ""


def record_refunds(context: Context, shares: Sequence[RefundShare]) -> list[UUID]:
    """Write the intents, whose ids are answered in their order, and raise the tenders' counters.

    2 statements per 1,000, 1 more where transfers wait.

    One intent per settlement and tender (one more each for what is set off, what pays goods in exchange and what is
    store credit): two equal refunds of one order are two.
    """
    rows: list[dict[str, Any]] = []
    totals: dict[UUID, int] = {}
    known = payees.known_for(share.return_id for share in shares if payees.wanted(share))
    for share in shares:
        totals[share.tender_id] = totals.get(share.tender_id, 0) + share.amount_minor
        key = f"{share.settlement_id.hex}:{share.tender_id.hex}"
        paid = state_of(share.way) == State.PAID
        rows.append(
            {
                "id": new_id(),
                **{name: getattr(share, name) for name in _SHARED},
                "intent_key": key + _SUFFIXES.get(share.method, ""),
                "state": str(state_of(share.way)),
                "settled_by": context.actor.id,
                "paid_by": context.actor.id if paid else NIL,
                "paid_at": share.occurred_at if paid else None,
                "failure": "",
                "attempts": 0,
                "next_attempt_at": None,
                "reverses_id": NIL,
                **(known[share.return_id] if payees.wanted(share) else payees.NOBODY)._asdict(),
                "batch_id": NIL,
                **context.stamps,
            }
        )
    setwrites.insert(Refund, rows)
    sales.refund_tenders(totals)
    ready = (PayeeState.NONE, PayeeState.READY)
    queue_execution(context, (row["id"] for row in rows if row["way"] == Way.PORT and row["payee"] in ready))
    return [row["id"] for row in rows]


def queue_execution(context: Context, refund_ids: Iterable[UUID]) -> None:
    """Have refunds carried out through the port, once for each command that asks for it; 1 statement per 1,000."""
    outbox.queue(
        context,
        [outbox.Message(TOPIC, {"refund_id": str(key)}, f"{key.hex}:{context.id.hex}", key) for key in refund_ids],
    )


_SHARED = RefundShare.__slots__
_SUFFIXES: dict[str, str] = {Method.CREDITED: ":off", Method.EXCHANGE: ":exchange", Method.STORE_CREDIT: ":credit"}


def lock_refunds_of(order_ids: Iterable[UUID]) -> list[Refund]:
    """The refunds of these orders, oldest first, locked in primary key order; 1 statement per 1,000 orders."""
    return sorted(setwrites.fetch(Refund, set(order_ids), lock=True, key="order_id"), key=lambda row: row.id)


def lock_refunds_of_returns(return_ids: Iterable[UUID]) -> list[Refund]:
    """The refunds of these returns, which are locked; 1 statement per 1,000."""
    return setwrites.fetch(Refund, set(return_ids), lock=True, key="return_id")


def set_off(context: Context, taken: Sequence[tuple[Refund, int, int]]) -> None:
    """Settle unpaid intents, or a part of them, against what a reversal takes back; 2 statements per 1,000.

    Of each (row, amount, book amount) set off. What is left of a part is an intent of its own with a key that was
    never sent: a key stands for one amount for good.
    """
    changed, added = [], []
    for row, amount, book in taken:
        left, left_book = row.amount_minor - amount, row.book_minor - book
        if left:
            rest = {column.attname: getattr(row, column.attname) for column in Refund._meta.concrete_fields}
            rest |= {"id": new_id(), "intent_key": f"{row.intent_key}:{context.id.hex[-12:]}", "amount_minor": left}
            rest |= {"book_minor": left_book, "state": str(State.DUE), "attempts": 0, "next_attempt_at": None}
            added.append(rest | {"failure": ""})
        changed.append(
            {
                "id": row.id,
                "amount_minor": amount,
                "book_minor": book,
                "method": str(Method.CREDITED),
                "way": str(Way.AT_ONCE),
                "state": str(State.PAID),
                "paid_by": context.actor.id,
                "paid_at": context.now,
                "next_attempt_at": None,
                **payees.NOBODY._asdict(),
            }
        )
    setwrites.update(Refund, changed, assign=tuple(name for name in (changed[0] if changed else {}) if name != "id"))
    setwrites.insert(Refund, added)
