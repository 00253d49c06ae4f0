"""The journal as the desk shows it: entries of a company, newest first, and its trial balance."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from guicang.accounting import queries as books
from guicang.accounting.models import Entry, EntryLine
from guicang.kernel.actor import Scope
from guicang.org import queries as org

PAGE = 30


def companies(scope: Scope) -> list[org.CompanyInfo]:
    """Those in use first, by code; 1 statement."""
    found = [company for company in org.companies().values() if scope.company_id.int in (0, company.id.int)]
    return sorted(found, key=lambda company: (company.archived_at is not None, company.code))


def entries(
    company_id: UUID,
    *,
    since: date | None = None,
    until: date | None = None,
    after: UUID | None = None,
    size: int = PAGE,
) -> tuple[list[books.EntryView], bool]:
    """A page of entries with their lines, newest first, and whether there are more. At most 5 statements."""
    rows = _asked(company_id, since, until)
    last = Entry.objects.filter(id=after).values_list("book_date", "id").first() if after else None
    if last:
        rows = rows.filter(book_date__lte=last[0]).exclude(book_date=last[0], id__gte=last[1])
    ids = list(rows.order_by("-book_date", "-id").values_list("id", flat=True)[: size + 1])
    views = {view.id: view for view in books.entries(ids[:size])}
    return [views[key] for key in ids[:size]], len(ids) > size


def count(company_id: UUID, since: date | None, until: date | None, most: int) -> int:
    """How many lines of entries there are, counted up to `most`; 1 statement."""
    return (
        EntryLine.objects.filter(entry_id__in=_asked(company_id, since, until).values("id")).order_by()[:most].count()
    )


def _asked(company_id: UUID, since: date | None, until: date | None) -> QuerySet[Entry]:
    rows = Entry.objects.filter(company_id=company_id)
    rows = rows.filter(book_date__gte=since) if since else rows
    return rows.filter(book_date__lte=until) if until else rows
