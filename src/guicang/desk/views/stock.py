"""Stock levels and the moves behind them."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from guicang.desk.gate import actor_of, page
from guicang.desk.typed import uuids
from guicang.insights import stock


@require_GET
@page("inventory.view")
def levels(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "")[:80]
    after = next(iter(uuids([request.GET.get("after", "")])), None)
    rows, more = stock.levels(actor_of(request).scope, text, after)
    return render(request, "desk/stock.html", {"rows": rows, "after": more, "text": text})


@require_GET
@page("inventory.view")
def moves(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = stock.moves(pk, actor_of(request).scope)
    if found is None:
        raise Http404
    sku, rows, values = found
    return render(request, "desk/moves.html", {"sku": sku, "rows": rows, "values": values})
