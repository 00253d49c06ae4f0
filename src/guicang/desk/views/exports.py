"""The lists of the desk as files: what the page's filters ask for, every row of it, as CSV or XLSX."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guicang.accounting import queries as books
from guicang.audit.operations import exported
from guicang.desk import files
from guicang.desk.files import Column
from guicang.desk.gate import actor_of, page
from guicang.desk.sheets import (
    ACCOUNT,
    BALANCE,
    CASH_MOVES,
    DECISIONS,
    EXCHANGES,
    JOURNAL,
    ORDERS,
    REFUNDS,
    RETURNS,
    SHIFTS,
    STOCK,
    Balance,
    Booked,
    answered,
)
from guicang.desk.views.books import asked as books_asked
from guicang.desk.views.decisions import asked as decisions_asked
from guicang.desk.views.drawers import VIEW as VIEW_DRAWERS
from guicang.desk.views.drawers import asked as drawers_asked
from guicang.desk.views.exchanges import asked as exchanges_asked
from guicang.desk.views.orders import asked as orders_asked
from guicang.desk.views.refunds import asked as refunds_asked
from guicang.desk.views.returns import filters_of
from guicang.insights import accounts, answers, drawers, journal, orders, stock
from guicang.insights import decisions as report
from guicang.insights import exchanges as swapped
from guicang.insights import refunds as money
from guicang.insights import worklist as work
from guicang.kernel.clock import utcnow
from guicang.kernel.commands import begin
from guicang.kernel.ids import NIL
from guicang.policy.queries.fields import title
from guicang.returns.operations.refunding import PERMISSION as PAY
from guicang.returns.steps.collect import PERMISSION as COLLECT

#: Rows that one file holds: what a spreadsheet still opens without pain.
MOST = 100_000
#: Rows that are read, and leave, at a time.
CHUNK = 1_000
FORMATS = ("csv", "xlsx")
Pages = Iterator[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list to be written. `home`: the page it comes from; `count`: rows, counted up to one more than `MOST`."""

    name: str
    home: str
    columns: Sequence[Column]
    count: int
    pages: Callable[[], Pages]
    company_id: UUID = NIL


@require_GET
@page("returns.view")
def returns(request: HttpRequest, form: str) -> HttpResponseBase:
    scope, filters, now = actor_of(request).scope, replace(filters_of(request), after=None), utcnow()

    fields = answers.columns(scope)
    cells: dict[UUID, dict[UUID, str]] = {}

    def pages() -> Pages:
        for rows in listed():
            cells.clear()
            cells.update(answers.cells([row.id for row in rows], fields))
            yield rows

    def listed() -> Pages:
        return _follow(
            lambda after: work.listed(scope, replace(filters, after=after), now, CHUNK), lambda rows: rows[-1].id
        )

    counted = work.count(scope, filters, now, MOST + 1)
    columns = [*RETURNS, *(Column(title(one), answered(one.id, cells)) for one in fields)]
    return _answer(request, form, Sheet("returns", "desk:worklist", columns, counted, pages, scope.company_id))


@require_GET
@page("sales.view")
def sales(request: HttpRequest, form: str) -> HttpResponseBase:
    scope, filters = actor_of(request).scope, replace(orders_asked(request), after=None)

    def pages() -> Pages:
        return _follow(
            lambda after: orders.search(scope, replace(filters, after=after), CHUNK), lambda rows: rows[-1].id
        )

    counted = orders.count(scope, filters, MOST + 1)
    return _answer(request, form, Sheet("orders", "desk:orders", ORDERS, counted, pages, scope.company_id))


@require_GET
@page("inventory.view")
def levels(request: HttpRequest, form: str) -> HttpResponseBase:
    scope, text = actor_of(request).scope, request.GET.get("q", "")[:80]

    def pages() -> Pages:
        # A page of SKUs may have nothing that lies somewhere, and is not the end for that.
        rows, after = stock.levels(scope, text, None, CHUNK)
        yield rows
        while after:
            rows, after = stock.levels(scope, text, after, CHUNK)
            yield rows

    counted = stock.count(scope, text, MOST + 1)
    return _answer(request, form, Sheet("stock", "desk:stock", STOCK, counted, pages, scope.company_id))


@require_GET
@page("accounting.view")
def entries(request: HttpRequest, form: str) -> HttpResponseBase:
    """The journal, a row a line of an entry."""
    _companies, company, since, until = books_asked(request)
    if company is None:
        raise Http404

    def read(after: UUID | None) -> tuple[list[books.EntryView], bool]:
        return journal.entries(company.id, since=since, until=until, after=after, size=CHUNK)

    def pages() -> Pages:
        for views in _follow(read, lambda rows: rows[-1].id):
            yield [Booked(entry, line, company.currency) for entry in views for line in entry.lines]

    counted = journal.count(company.id, since, until, MOST + 1)
    return _answer(request, form, Sheet("journal", "desk:journal", JOURNAL, counted, pages, company.id))


@require_GET
@page(PAY)
def refunds(request: HttpRequest, form: str) -> HttpResponseBase:
    scope, filters, now = actor_of(request).scope, replace(refunds_asked(request), after=None), utcnow()

    def pages() -> Pages:
        return _follow(
            lambda after: money.listed(scope, replace(filters, after=after), now, CHUNK), lambda rows: rows[-1].id
        )

    counted = money.count(scope, filters, now, MOST + 1)
    return _answer(request, form, Sheet("refunds", "desk:refunds", REFUNDS, counted, pages, scope.company_id))


@require_GET
@page(COLLECT)
def exchanges(request: HttpRequest, form: str) -> HttpResponseBase:
    scope, filters, now = actor_of(request).scope, replace(exchanges_asked(request), after=None), utcnow()

    def pages() -> Pages:
        return _follow(
            lambda after: swapped.listed(scope, replace(filters, after=after), now, CHUNK), lambda rows: rows[-1].id
        )

    counted = swapped.count(scope, filters, now, MOST + 1)
    return _answer(request, form, Sheet("exchanges", "desk:exchanges", EXCHANGES, counted, pages, scope.company_id))


@require_GET
@page("accounting.view")
def balance(request: HttpRequest, form: str) -> HttpResponseBase:
    _companies, company, since, until = books_asked(request)
    if company is None:
        raise Http404
    found = books.trial_balance(company.id, until=until, since=since)
    rows = [Balance(row, company.currency) for row in found if row.moved]
    return _answer(
        request, form, Sheet("trial-balance", "desk:journal", BALANCE, len(rows), lambda: iter([rows]), company.id)
    )


@require_GET
@page("insights.view")
def decided(request: HttpRequest, part: str, form: str) -> HttpResponseBase:
    """A part of the report on decisions: a row a shop, a stage of a flow, or an exception to the policy."""
    if part not in DECISIONS:
        raise Http404
    scope, asked = actor_of(request).scope, decisions_asked(request).asked

    def read(after: UUID | None) -> tuple[list[report.Exemption], bool]:
        found = report.exceptions(scope, asked, CHUNK + 1, after)
        return found[:CHUNK], len(found) > CHUNK

    def pages() -> Pages:
        return _follow(read, lambda found: found[-1].id) if part == "exceptions" else iter([rows])

    rows: list[Any] = []
    if part == "shops":
        rows = report.shops(scope, asked)
    elif part == "stages":
        rows = report.stages(scope, asked, utcnow())
    count = report.exceptions_count(scope, asked, MOST + 1) if part == "exceptions" else len(rows)
    columns = DECISIONS[part]
    return _answer(request, form, Sheet(f"decisions-{part}", "desk:decisions", columns, count, pages, scope.company_id))


@require_GET
@page("accounting.view")
def account(request: HttpRequest, pk: UUID, form: str) -> HttpResponseBase:
    """The statement of a customer's account: its open items."""
    found = accounts.statement(pk, actor_of(request).scope, utcnow())
    if found is None:
        raise Http404
    sheet = Sheet("account", "desk:orders", ACCOUNT, len(found.items), lambda: iter([found.items]))
    return _answer(request, form, sheet)


@require_GET
@page(VIEW_DRAWERS)
def shifts(request: HttpRequest, form: str) -> HttpResponseBase:
    scope, filters = actor_of(request).scope, replace(drawers_asked(request), after=None)

    def pages() -> Pages:
        return _follow(
            lambda after: drawers.listed(scope, replace(filters, after=after), CHUNK), lambda rows: rows[-1].id
        )

    counted = drawers.count(scope, filters, MOST + 1)
    return _answer(request, form, Sheet("shifts", "desk:drawers", SHIFTS, counted, pages, scope.company_id))


@require_GET
@page(VIEW_DRAWERS)
def shift(request: HttpRequest, pk: UUID, form: str) -> HttpResponseBase:
    """The movements of one shift."""
    found = drawers.sheet(actor_of(request).scope, pk)
    if found is None:
        raise Http404
    sheet = Sheet("shift", "desk:drawers", CASH_MOVES, len(found.moves), lambda: iter([found.moves]))
    return _answer(request, form, sheet)


def _follow(read: Callable[[UUID | None], tuple[list[Any], bool]], last: Callable[[list[Any]], UUID]) -> Pages:
    """Page after page, each found by the last row of the one before."""
    after: UUID | None = None
    more = True
    while more:
        rows, more = read(after)
        yield rows
        after = last(rows) if rows else None


def _answer(request: HttpRequest, form: str, sheet: Sheet) -> HttpResponseBase:
    """The file; or back to the page, where it would be too long."""
    if form not in FORMATS:
        raise Http404
    if sheet.count > MOST:
        text = _("More than %(most)s rows fit. Narrow the filters (days, shop, state) and export them in parts.")
        messages.error(request, text % {"most": f"{MOST:,}"})
        return redirect(f"{reverse(sheet.home)}?{request.GET.urlencode()}")
    actor = actor_of(request)
    with transaction.atomic():
        context = begin("desk.export", actor=actor, now=utcnow(), items=sheet.count)
        exported(context, sheet.company_id, table=sheet.name, form=form, rows=sheet.count, filters=_filters(request))
    name = f"guicang-{sheet.name}-{timezone.localtime():%Y%m%d-%H%M}.{form}"
    if form == "xlsx":
        return FileResponse(files.xlsx(sheet.name, sheet.columns, sheet.pages()), as_attachment=True, filename=name)
    text_type = "text/csv; charset=utf-8"
    answer = StreamingHttpResponse(_as_seen(files.csv_text(sheet.columns, sheet.pages())), content_type=text_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _as_seen(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces in the reader's language and zone: a stream is read after the request that knew them is over."""
    language, zone = get_language() or "zh-hans", timezone.get_current_timezone()
    return _pieces(pieces, language, zone)


def _pieces(pieces: Iterator[bytes], language: str, zone: tzinfo) -> Iterator[bytes]:
    while True:
        with translation.override(language), timezone.override(zone):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


def _filters(request: HttpRequest) -> dict[str, str]:
    """The filters for the trail. What was searched for may be a phone or a name: only that there was something."""
    given = {name: ",".join(request.GET.getlist(name))[:80] for name in sorted(request.GET) if request.GET[name]}
    known = (
        "state",
        "shop",
        "type",
        "since",
        "until",
        "queue",
        "overdue",
        "list",
        "label",
        "company",
        "sort",
        "became",
    )
    kept = {name: value for name, value in given.items() if name in known and value.isascii()}
    return {**kept, "text": "given"} if "q" in given else kept
