"""Months of a company's books: which day a posting counts for, closing and opening again.

All months up to the last closed one are closed. What happened in them but is posted now counts
for the first day of the first open month.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from guicang.accounting import errors
from guicang.accounting.models import Period
from guicang.audit.operations import AuditEntry, record
from guicang.kernel.clock import local_date
from guicang.kernel.commands import Context
from guicang.kernel.compiled import compiled
from guicang.kernel.ids import derived_id
from guicang.kernel.refusal import Refusal, Refused
from guicang.org.models import Company, Ownership

PERMISSION = "accounting.close_period"


@dataclass(frozen=True, slots=True)
class Book:
    """A company's books as long as the transaction lasts. `closed_through` is year * 12 + month - 1, or -1."""

    company_id: UUID
    currency: str
    zone: str
    mirrored: bool
    closed_through: int

    def day(self, instant: datetime) -> date:
        """The book date of `instant`: its day in the company's zone, moved to the first open month."""
        day = local_date(instant, self.zone)
        if day.year * 12 + day.month - 1 > self.closed_through:
            return day
        year, month = divmod(self.closed_through + 1, 12)
        return date(year, month + 1, 1)


_shared_companies = compiled(
    lambda ids: Company.objects.filter(id__among=ids).order_by("id").values_list("id", "currency", "zone", "books"),
    share=True,
)
_closed_months = compiled(
    lambda ids: Period.objects.filter(company_id__among=ids, closed_at__isnull=False).values_list(
        "company_id", "year", "month"
    )
)


def lock_books(company_ids: Iterable[UUID]) -> dict[UUID, Book]:
    """Books that nobody can close until the transaction ends; posters do not wait for one another. 2 statements.

    The lock is a share lock on the company's row, taken in primary key order. A lock on the period's row
    would not do: a month that has none yet could be closed between the look and the posting.
    """
    wanted = sorted(set(company_ids))
    rows = _shared_companies(wanted)
    closed: dict[UUID, int] = {}
    for company_id, year, month in _closed_months(wanted):
        closed[company_id] = max(closed.get(company_id, -1), year * 12 + month - 1)
    return {
        company_id: Book(company_id, currency, zone, books == Ownership.MIRRORED, closed.get(company_id, -1))
        for company_id, currency, zone, books in rows
    }


def book_dates(company_ids: Sequence[UUID], instants: Sequence[datetime]) -> list[date]:
    """The book date of each (company, instant) pair, for rows written in this transaction. 2 statements, share lock."""
    books = lock_books(company_ids)
    return [books[company_id].day(instant) for company_id, instant in zip(company_ids, instants, strict=True)]


def close_period(context: Context, company_id: UUID, year: int, month: int) -> None:
    """Close a month and with it all before it. Waits for postings under way; about 10 statements.

    Raises Refused: NotPermitted, PeriodNotBegun, PeriodAlreadyClosed.
    """
    company = _lock_to_change(context, company_id)
    refusals: list[Refusal] = []
    if date(year, month, 1) > local_date(context.now, company.zone):
        refusals.append(errors.PeriodNotBegun(year=year, month=month))
    last = _last_closed(company_id)
    if last is not None and (last.year, last.month) >= (year, month):
        refusals.append(errors.PeriodAlreadyClosed(year=year, month=month))
    if refusals:
        raise Refused(refusals)
    period_id = derived_id("period", company_id, year, month)
    values = {"company_id": company_id, "year": year, "month": month, "closed_at": context.now}
    Period.objects.update_or_create(id=period_id, defaults=values)
    _record(context, company_id, period_id, "close", f"{year}-{month:02d}")


def open_period(context: Context, company_id: UUID, year: int, month: int) -> None:
    """Open the month closed last. Raises Refused: NotPermitted, PeriodNotLastClosed."""
    _lock_to_change(context, company_id)
    last = _last_closed(company_id)
    if last is None or (last.year, last.month) != (year, month):
        raise Refused([errors.PeriodNotLastClosed(year=year, month=month)])
    last.closed_at = None
    last.save(update_fields=["closed_at"])
    _record(context, company_id, last.id, "open", f"{year}-{month:02d}")


def _lock_to_change(context: Context, company_id: UUID) -> Company:
    if not context.actor.may(PERMISSION):
        raise Refused([errors.NotPermitted(permission=PERMISSION)])
    return Company.objects.select_for_update(no_key=True).get(id=company_id)


def _last_closed(company_id: UUID) -> Period | None:
    return Period.objects.filter(company_id=company_id, closed_at__isnull=False).order_by("-year", "-month").first()


def _record(context: Context, company_id: UUID, period_id: UUID, action: str, period: str) -> None:
    before, after = {"closed": action == "open"}, {"closed": action == "close", "period": period}
    record(context, [AuditEntry(company_id, "period", period_id, action, before, after)])
