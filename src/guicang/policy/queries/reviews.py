"""Which policies want to be looked at again."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from guicang.kernel.ids import NIL
from guicang.policy.models import PolicyReview
from guicang.policy.queries import versions


class Due(NamedTuple):
    """`number`: the version in force; `before`: the one before it, 0 where there is none."""

    company_id: UUID
    since: datetime
    number: int
    before: int


def months_of(company_id: UUID) -> int:
    """Every how many months; 0: never. 1 statement."""
    return PolicyReview.objects.filter(company_id=company_id).values_list("months", flat=True).first() or 0


def reviews_due(company_id: UUID, now: datetime) -> list[Due]:
    """Of a company, or of all of them (NIL): where the time is over since anybody looked, or since a newer version
    began. 1 statement, and 1 for each that may be due.
    """
    rows = PolicyReview.objects.all() if company_id == NIL else PolicyReview.objects.filter(company_id=company_id)
    found = []
    for company, months, looked_at in rows.values_list("company_id", "months", "looked_at"):
        if months_later(looked_at, months) > now:
            continue
        begun = [one for one in versions(company, now) if one.state != "scheduled"]
        since = max([looked_at, *(one.effective_from for one in begun[:1])])
        if begun and months_later(since, months) <= now:
            found.append(Due(company, since, begun[0].number, begun[1].number if begun[1:] else 0))
    return found


def months_later(instant: datetime, months: int) -> datetime:
    """The same day so many months later, or the last one of a shorter month."""
    year, month = divmod(instant.year * 12 + instant.month - 1 + months, 12)
    return instant.replace(year=year, month=month + 1, day=min(instant.day, monthrange(year, month + 1)[1]))
