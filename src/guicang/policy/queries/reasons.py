"""Reading the reasons that forms offer."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from guicang.kernel.compiled import compiled
from guicang.policy.facts import ReasonInfo
from guicang.policy.models import ReturnReason

_reasons = compiled(
    lambda ids: (
        ReturnReason.objects.filter(company_id__among=ids)
        .order_by("position", "id")
        .values_list("company_id", *ReasonInfo._fields)
    )
)


def reasons(company_ids: Iterable[UUID]) -> dict[UUID, dict[str, ReasonInfo]]:
    """{company: {code: reason}} in their order, the archived ones too: a return keeps its words. 1 statement."""
    found: dict[UUID, dict[str, ReasonInfo]] = {company_id: {} for company_id in company_ids}
    for company_id, *row in _reasons(found):
        reason = ReasonInfo(*row)
        found[company_id][reason.code] = reason
    return found


def reason(reason_id: UUID) -> tuple[UUID, ReasonInfo] | None:
    """A reason with its company; 1 statement."""
    row = ReturnReason.objects.filter(id=reason_id).values_list("company_id", *ReasonInfo._fields).first()
    return (row[0], ReasonInfo(*row[1:])) if row else None


def reasons_of(company_id: UUID) -> dict[str, ReasonInfo]:
    """As `reasons` for one company. 1 statement."""
    return reasons([company_id])[company_id]
