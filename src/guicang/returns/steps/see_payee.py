"""Look at a whole account: only by who may pay, only while there is something to pay, and written down each time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from guicang.audit.operations import AuditEntry, record
from guicang.kernel.actor import Actor
from guicang.kernel.commands import begin
from guicang.kernel.refusal import Refused
from guicang.payments import errors
from guicang.payments.facts import Details
from guicang.payments.queries import payees as known
from guicang.payments.rules import UNPAID
from guicang.returns.errors import NotPermitted
from guicang.returns.operations import docket, refunding


def see_payee(*, refund_id: UUID, actor: Actor, now: datetime) -> Details:
    """The account of an unpaid refund. About 14 statements; locks the return, the refund, the audit head.

    Raises Refused: NotPermitted, NoSuchRefund, RefundState, PayeeMissing, PayeeGone.
    """
    if not actor.may(refunding.PERMISSION) or actor.kind == "customer":
        raise Refused([NotPermitted(permission=refunding.PERMISSION)])
    with transaction.atomic():
        context = begin("returns.see_payee", actor=actor, now=now, items=1)
        desk = refunding.lock([refund_id])
        row, case = desk.rows.get(refund_id), desk.case(refund_id)
        if row is None or case is None or docket.hidden(case, actor):
            raise Refused([errors.NoSuchRefund()])
        if row.state not in UNPAID:
            raise Refused([errors.RefundState(state=row.state)])
        payees = known.of([row.payee_id])
        if not payees:
            raise Refused([errors.PayeeMissing()])
        found = known.details(payees).get(row.payee_id)
        if found is None:
            raise Refused([errors.PayeeGone()])
        seen = {"number": payees[row.payee_id].number, "refund": str(row.id)}
        record(context, [AuditEntry(row.company_id, "return", row.return_id, "see_payee", {}, seen)])
    return found
