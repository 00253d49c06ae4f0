"""Looking at a policy again: every so many months, counted from when somebody last did."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel.commands import Context
from guicang.kernel.refusal import Refused
from guicang.policy import errors
from guicang.policy.models import PolicyReview

MOST_MONTHS = 60


def set_review(context: Context, company_id: UUID, months: int) -> None:
    """Ask for a review every so many months from now on; 0: never. About 4 statements. Raises Refused(MonthsBad)."""
    if not 0 <= months <= MOST_MONTHS:
        raise Refused([errors.MonthsBad(most=MOST_MONTHS)])
    row = PolicyReview.objects.select_for_update().filter(company_id=company_id).first()
    before = row.months if row else 0
    if before == months:
        return
    if row and not months:
        row.delete()
    else:
        row = row or PolicyReview(company_id=company_id)
        row.months, row.looked_at = months, context.now
        row.save()
    record(
        context, [AuditEntry(company_id, "policy_review", company_id, "set", {"months": before}, {"months": months})]
    )


def looked(company_id: UUID, now: datetime) -> None:
    """Somebody looks at the version in force: the time begins anew. 1 statement."""
    PolicyReview.objects.filter(company_id=company_id).update(looked_at=now)
