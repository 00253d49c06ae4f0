"""The books, read, and the proofs."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import AfterValidator

from guicang.accounting import queries as books
from guicang.api import errors
from guicang.api.bearer import actor_of
from guicang.api.paging import Page, Paging, cursor, place_id
from guicang.api.parsing import Given, in_years, show
from guicang.api.service import operation
from guicang.api.shapes.books import Balance, Entry
from guicang.api.shapes.masters import Proof, Proofs
from guicang.insights import journal as journals
from guicang.kernel.refusal import Refused
from guicang.proofs import queries as proofs

router = Router()
Day = Annotated[date, AfterValidator(in_years)]


class Period(Given):
    """`company` may be left out where the token sees one alone; days are inclusive, in the company's zone."""

    company: UUID | None = None
    since: Day | None = None
    until: Day | None = None


class JournalFilters(Period, Paging):
    pass


@operation(router, "GET", "/journal", permission="accounting.view", answer=Page[Entry], tags="books")
def list_journal(request: HttpRequest, filters: Query[JournalFilters]) -> Page[Entry]:
    """Entries of a company with their lines, newest first. At most 6 statements."""
    company = company_of(request, filters.company)
    name = f"journal.{company.hex}"
    after = place_id(name, filters.cursor)
    rows, more = journals.entries(company, since=filters.since, until=filters.until, after=after, size=filters.limit)
    return Page[Entry](items=[show(Entry, row) for row in rows], next=cursor(name, rows[-1].id) if more else None)


@operation(router, "GET", "/balances", permission="accounting.view", answer=list[Balance], tags="books")
def list_balances(request: HttpRequest, period: Query[Period]) -> list[Balance]:
    """The trial balance of a company, every account by code. 3 statements."""
    rows = books.trial_balance(company_of(request, period.company), until=period.until, since=period.since)
    return [show(Balance, row) for row in rows]


def company_of(request: HttpRequest, wanted: UUID | None) -> UUID:
    """1 statement. Raises Refused: NotThere, CompanyNeeded."""
    seen = [company.id for company in journals.companies(actor_of(request).scope)]
    if wanted is None and len(seen) > 1:
        raise Refused([errors.CompanyNeeded()])
    chosen = wanted or (seen[0] if seen else None)
    if chosen is None or chosen not in seen:
        raise Refused([errors.NotThere()])
    return chosen


@operation(router, "GET", "/proofs", permission="proofs.run", answer=Proofs, tags="books")
def run_proofs(request: HttpRequest) -> Proofs:
    """Prove from the rows alone, in one snapshot, that goods and money add up. Reads whole tables: seconds, or more."""
    found = proofs.run()
    return Proofs(ok=all(proof.ok for proof in found), proofs=[show(Proof, proof) for proof in found])
