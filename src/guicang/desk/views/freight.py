"""What the way back costs: each company's table of rates, typed here or sent as a file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from guicang.desk import freight_form
from guicang.desk.gate import actor_of, page
from guicang.desk.saying import done, say
from guicang.desk.typed import uuids
from guicang.insights.freight import Table, tables
from guicang.kernel.refusal import Refused
from guicang.logistics import errors
from guicang.logistics.operations import STATE, state_freight
from guicang.logistics.rules import Rate
from guicang.org.queries import KINDS, in_use, markets, warehouses

#: Empty rows below those that are there.
MORE = 3


@require_http_methods(["GET", "POST"])
@page(STATE)
def freight(request: HttpRequest) -> HttpResponse:
    """A form a company and currency; a file takes the place of the whole table."""
    given = request.POST
    found = tables(actor_of(request).scope)
    typed: Table | None = None
    if request.method == "POST":
        company_id = next(iter(uuids([given.get("company", "")])), None)
        typed = _wanted(found, company_id, given.get("currency", ""))
        try:
            rates = _said(request, typed.currency)
        except Refused as why:
            say(request, why.refusals)
        else:
            said = _("Saved. It counts for returns that are asked for from now on.")
            pk, currency = typed.company.id, typed.currency
            if done(request, "freight.state", lambda context: state_freight(context, pk, currency, rates), said):
                return redirect("desk:freight")
    context = {
        "kind": "freight",
        "kinds": KINDS,
        "tables": [(one, _rows(request, one, typed)) for one in found],
        "columns": freight_form.titles(),
        "markets": [one.code for one in markets().values()],
        "warehouses": [one.code for one in in_use(warehouses().values())],
    }
    return render(request, "desk/freight.html", context, status=409 if request.method == "POST" else 200)


def _wanted(found: list[Table], company_id: UUID | None, currency: str) -> Table:
    """Raises Http404 for a table of nobody, or of another's company."""
    for one in found:
        if (one.company.id, one.currency) == (company_id, currency):
            return one
    raise Http404


def _said(request: HttpRequest, currency: str) -> list[Rate]:
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile):
        return freight_form.of_form(request.POST, currency)
    if (sent.size or 0) > freight_form.MOST_BYTES:
        raise Refused([errors.TableFileWrong(columns=", ".join(freight_form.COLUMNS))])
    return freight_form.of_file(sent.read(), currency)


def _rows(request: HttpRequest, one: Table, typed: Table | None) -> list[dict[str, Any]]:
    """The rates, or what was typed and not taken, and room for more."""
    rows = freight_form.shown(one.rates, one.currency)
    if one is typed and any(name.startswith("first_price.") for name in request.POST):
        places = range(len([name for name in request.POST if name.startswith("first_price.")]))
        rows = [{name: request.POST.get(f"{name}.{n}", "") for name in freight_form.COLUMNS} for n in places]
        rows = [row for row in rows if any(row.values())]
    return [*rows, *({} for _place in range(MORE))]


@require_GET
@page(STATE)
def export(request: HttpRequest, pk: UUID, currency: str) -> StreamingHttpResponse:
    """The table as a file, to be changed and sent again."""
    one = _wanted(tables(actor_of(request).scope), pk, currency)
    answer = StreamingHttpResponse(freight_form.as_csv(one.rates, one.currency), content_type="text/csv; charset=utf-8")
    name = f"freight-{one.company.code}-{one.currency}.csv"
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer
