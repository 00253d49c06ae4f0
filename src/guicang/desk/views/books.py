"""The journal."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from guicang.accounting import queries as books
from guicang.desk.gate import actor_of, page
from guicang.desk.typed import uuids
from guicang.insights import journal as journals
from guicang.org.queries import CompanyInfo


@require_GET
@page("accounting.view")
def journal(request: HttpRequest) -> HttpResponse:
    """Entries and the trial balance of one company of the reader's scope."""
    given = request.GET
    companies, company, since, until = asked(request)
    context: dict[str, Any] = {
        "companies": companies,
        "company": company,
        "tab": "balance" if given.get("tab") == "balance" else "entries",
    }
    if company and context["tab"] == "balance":
        rows = books.trial_balance(company.id, until=until, since=since)
        context["balances"] = [row for row in rows if row.moved]
        context["since"] = since
        context["debit"] = sum(row.debit_minor for row in rows)
        context["credit"] = sum(row.credit_minor for row in rows)
    elif company:
        after = next(iter(uuids([given.get("after", "")])), None)
        context["entries"], context["more"] = journals.entries(company.id, since=since, until=until, after=after)
    return render(request, "desk/journal.html", context)


class Asked(NamedTuple):
    """`company`: the first of the scope where none is named, None where there is none."""

    companies: list[CompanyInfo]
    company: CompanyInfo | None
    since: date | None
    until: date | None


def asked(request: HttpRequest) -> Asked:
    """Whose books, and which days of them; 1 statement."""
    given = request.GET
    companies = journals.companies(actor_of(request).scope)
    wanted = next(iter(uuids([given.get("company", "")])), None)
    company = next((one for one in companies if one.id == wanted), companies[0] if companies else None)
    return Asked(companies, company, _day(given.get("since", "")), _day(given.get("until", "")))


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
