"""Put transfers that are due into a payment file for the bank: they are submitted together, under one number."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from guicang.audit.operations import AuditEntry, record
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context, begin
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Outcome, Refusal, Refused
from guicang.payments import errors
from guicang.payments.models import Refund
from guicang.payments.operations import batches, payees
from guicang.payments.operations.batches import Line
from guicang.payments.queries import payees as known
from guicang.payments.rules import State, Way
from guicang.returns.errors import NotPermitted
from guicang.returns.operations import refunding


@dataclass(frozen=True, slots=True)
class Sending:
    refund_id: UUID


def submit_batch(*, refunds: Sequence[Sending], actor: Actor, now: datetime) -> list[Outcome]:
    """Make payment files of refunds, one a company and currency and thousand; those refused stay as they are.

    About 30 statements a thousand. Whoever settled a refund, or typed its account, does not send it: as when it is
    marked paid (`pay_refund`), which follows once the bank has answered.
    """
    there = set(known.details(known.of(known.ids_of(item.refund_id for item in refunds))))

    def check(item: Sending, row: Refund, context: Context) -> list[Refusal]:
        return _refusals(row, context.actor, there)

    return refunding.act(refunds, "refund_batched", check, _write, actor=actor, now=now)


def _refusals(row: Refund, actor: Actor, there: Set[UUID]) -> list[Refusal]:
    """`there`: details that were not erased."""
    if row.way != Way.BY_HAND or row.state != State.DUE or not payees.wanted(row):
        return [errors.NotForAFile()]
    refusals = payees.usable(row, actor.id)
    if not refusals and row.payee_id not in there:
        refusals.append(errors.PayeeGone())
    if actor.id in {row.settled_by, NIL}:
        refusals.append(errors.SecondPerson())
    return refusals


def _write(context: Context, done: Sequence[tuple[Sending, Refund]]) -> None:
    batches.submit(context, [row for _, row in done])


def read_batch(*, batch_id: UUID, actor: Actor, now: datetime) -> list[Line]:
    """The rows of a payment file with whole accounts, while the bank has not answered for all of them.

    About 14 statements. Each account is written down as seen. Raises Refused: NotPermitted, NoSuchBatch, BatchOver.
    """
    if not actor.may(refunding.PERMISSION) or actor.kind == "customer":
        raise Refused([NotPermitted(permission=refunding.PERMISSION)])
    with transaction.atomic():
        context = begin("returns.read_batch", actor=actor, now=now, items=1)
        lines = batches.lines(batch_id, actor.scope)
        if not lines:
            raise Refused([errors.NoSuchBatch()])
        if not any(line.open for line in lines):
            raise Refused([errors.BatchOver()])
        record(context, [_seen(line, batch_id) for line in lines])
    return lines


def _seen(line: Line, batch_id: UUID) -> AuditEntry:
    seen = {"batch": str(batch_id), "refund": str(line.refund_id)}
    return AuditEntry(line.company_id, "return", line.return_id, "see_payee", {}, seen)
