"""A second person has compared an account that was typed or changed: money may go there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Outcome, Refusal, Refused
from guicang.payments import errors
from guicang.payments import operations as payments
from guicang.payments.models import Payee, Refund
from guicang.payments.operations import payees
from guicang.payments.queries import payees as known
from guicang.payments.rules.payees import PayeeState
from guicang.returns.errors import NotPermitted
from guicang.returns.operations import docket
from guicang.returns.operations.docket import Case
from guicang.returns.operations.refunding import PERMISSION


@dataclass(frozen=True, slots=True)
class Confirming:
    """`payee_id`: the details that were looked at, so that nobody confirms others than he saw."""

    payee_id: UUID


def confirm_payees(*, payees: Sequence[Confirming], actor: Actor, now: datetime) -> list[Outcome]:
    """Confirm details in sets. About 12 statements a thousand; locks returns, refunds, audit heads.

    Refused each: NoSuchRefund, PayeeConfirmed (also where others were given since), PayeeTyped, PayeeGone.
    """
    if not actor.may(PERMISSION) or actor.kind == "customer":
        raise Refused([NotPermitted(permission=PERMISSION)])
    return docket.run(payees, _confirm, "confirm_payee", actor=actor, now=now)


def _confirm(chunk: Sequence[Confirming], context: Context) -> list[Outcome]:
    cases = docket.load(row.return_id for row in known.of(item.payee_id for item in chunk).values())
    refunds: dict[UUID, list[Refund]] = {}
    for refund in payments.lock_refunds_of_returns(cases):
        refunds.setdefault(refund.payee_id, []).append(refund)
    rows = known.of(item.payee_id for item in chunk)
    there = known.details(rows)
    outcomes: list[Outcome] = []
    done: dict[UUID, Payee] = {}
    for index, item in enumerate(chunk):
        row = rows.get(item.payee_id)
        case = cases.get(row.return_id) if row else None
        refusals = _refusals(row, case, refunds.get(item.payee_id, ()), context.actor)
        if not refusals and item.payee_id not in there:
            refusals.append(errors.PayeeGone())
        outcomes.append(docket.outcome(index, case, refusals))
        if row is not None and not refusals:
            done[row.id] = row
    free = payees.confirm(context, list(done.values()), refunds)
    payments.queue_execution(context, free)
    record(context, [_entry(row) for row in done.values()])
    return outcomes


def _refusals(row: Payee | None, case: Case | None, refunds: Sequence[Refund], actor: Actor) -> list[Refusal]:
    if row is None or case is None or docket.hidden(case, actor):
        return [errors.NoSuchRefund()]
    waits = any(refund.payee == PayeeState.UNCONFIRMED for refund in refunds)
    if not waits or row.dropped or row.confirmed_by != NIL:
        return [errors.PayeeConfirmed()]
    return [errors.PayeeTyped()] if actor.id in {row.typed_by, NIL} else []


def _entry(row: Payee) -> AuditEntry:
    return AuditEntry(row.company_id, "return", row.return_id, "confirm_payee", {}, {"number": row.number})
