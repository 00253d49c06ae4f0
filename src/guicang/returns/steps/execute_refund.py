"""Carry a refund out through the execution port: one key for all tries, asked about before it is sent again.

Three short acts: note in a transaction that it is sent, call the provider outside any, note what it said in another.
Whatever dies in between, the next try asks the provider first (HARD-CASES 8).
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from guicang.kernel import clock
from guicang.kernel.actor import Actor
from guicang.kernel.commands import begin
from guicang.kernel.outbox import Envelope, GiveUp, TryLater, backoff
from guicang.payments import operations as payments
from guicang.payments import queries
from guicang.payments.models import Refund
from guicang.payments.ports import Answer, Intent, OutcomeUnknown, RefundGateway
from guicang.payments.rules import State
from guicang.returns.operations import refunding

#: Tries of one message; then a person looks.
MOST_TRIES = 8
#: The provider paid another amount than was asked for.
DIFFERS = "amount_differs"


def execute(envelope: Envelope) -> None:
    """The outbox's handler; a repeat finds nothing left to do. Raises TryLater, GiveUp."""
    refund_id = UUID(envelope.body["refund_id"])
    begun = _begin(refund_id, envelope)
    if begun is None:
        return
    intent, tried_before = begun
    gateway: RefundGateway = import_string(settings.REFUND_GATEWAY)()
    try:
        answer = gateway.query(intent) if tried_before else gateway.submit(intent)
        if answer.outcome == "unknown":
            answer = gateway.submit(intent)
    except OutcomeUnknown as error:
        _later(refund_id, envelope, error)
        return
    if answer.outcome == "pending":
        _later(refund_id, envelope, None)
    _note(refund_id, intent, answer)


def _begin(refund_id: UUID, envelope: Envelope) -> tuple[Intent, bool] | None:
    """Mark it as submitted; None where there is nothing to send any more. About 14 statements."""
    with transaction.atomic():
        context = begin("returns.refund_submitted", actor=Actor.system(), now=clock.utcnow(), items=1)
        desk = refunding.lock([refund_id])
        row = desk.rows.get(refund_id)
        if row is None or not row.executable or row.state not in (State.DUE, State.SUBMITTED):
            return None
        tried_before, was = row.attempts > 0, row.state
        payments.submit(context, row, context.now + backoff(envelope.lease.attempt))
        if was != State.SUBMITTED:
            refunding.relabel(context, desk, [refund_id], "refund_submitted")
        return queries.intent(row), tried_before


def _later(refund_id: UUID, envelope: Envelope, error: OutcomeUnknown | None) -> None:
    """Raises TryLater, or GiveUp once it was tried often enough: then nobody tries it until a person says so."""
    if envelope.lease.attempt >= MOST_TRIES:
        payments.park(refund_id)
        raise GiveUp("outcome unknown") from error
    raise TryLater("outcome unknown" if error else "pending", backoff(envelope.lease.attempt)) from error


def _note(refund_id: UUID, intent: Intent, answer: Answer) -> None:
    """Write what the provider said, unless somebody wrote it before."""
    with transaction.atomic():
        name = "refund_paid" if answer.outcome == "paid" else "refund_failed"
        context = begin(f"returns.{name}", actor=Actor.system(), now=clock.utcnow(), items=1)
        desk = refunding.lock([refund_id])
        row: Refund = desk.rows[refund_id]
        if row.state != State.SUBMITTED:
            return
        if answer.outcome == "paid" and answer.amount_minor != intent.amount_minor:
            payments.park(refund_id, DIFFERS)
            return
        if answer.outcome == "paid":
            books = refunding.cash_book([(row, context.now)])
            payments.pay(context, [payments.Paid(row, context.now, answer.reference, books.get(row.id))])
        else:
            payments.fail(context, [(row, answer.code or "refused")])
        refunding.relabel(context, desk, [refund_id], name)
