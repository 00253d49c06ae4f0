"""The counter of a shop: a whole return in one act, and the receipt that the customer takes home."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from guicang.desk import forms
from guicang.desk.gate import actor_of, page, refused
from guicang.desk.instead import OTHERS
from guicang.desk.saying import say
from guicang.desk.views.orders import asked_fields
from guicang.insights import dossier as dossiers
from guicang.insights import drawers
from guicang.insights import orders as found_orders
from guicang.inventory.queries import grades_of
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import new_id
from guicang.org import queries as org
from guicang.returns import lifecycle
from guicang.returns.steps.collect import WAYS
from guicang.returns.steps.counter import COMMANDS


@require_http_methods(["GET", "POST"])
@page("returns.request")
def counter(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take goods of an order back: units, reason and disposition a line, one button, one receipt."""
    actor = actor_of(request)
    missing = next((name for name in COMMANDS if not actor.may(lifecycle.COMMANDS[name].permission)), None)
    if missing:
        return refused(request, lifecycle.COMMANDS[missing].permission)
    checked = None
    if "check" in request.POST:
        checked = forms.checked_for(pk, request.POST, actor, utcnow(), forms.at_counter)
    elif request.method == "POST":
        outcome = forms.take_back_for(pk, request.POST, actor, utcnow())
        if outcome is None:
            raise Http404
        if outcome.ok:
            messages.success(request, _("Done. Print the receipt for the customer."))
            return redirect("desk:receipt", outcome.id)
        say(request, outcome.refusals)
    found = found_orders.sheet(pk, actor.scope, utcnow())
    if found is None:
        raise Http404
    status = 409 if request.method == "POST" and checked is None else 200
    return render(request, "desk/counter.html", {**_form(request, found), "checked": checked}, status=status)


def _form(request: HttpRequest, found: found_orders.Sheet) -> dict[str, Any]:
    """The order's lines that can come back, with what was typed already."""
    given, scope = request.POST, actor_of(request).scope
    company = found.order.company_id
    mine = [
        one
        for one in org.warehouses().values()
        if one.company_id == company and scope.warehouse_id.int in (0, one.id.int) and one.archived_at is None
    ]
    # The house's own first: in another one's warehouse a shop rarely lays its goods.
    warehouses = sorted(mine, key=lambda one: (one.goods != "owned", one.code))
    rows = [
        {
            "line": line,
            **{
                name: given.get(f"{name}.{line.id}", "")
                for name in ("units", "reason", "disposition", "grade", "serial")
            },
        }
        for line in found.lines
        if line.free
    ]
    return {
        "s": found,
        "rows": rows,
        "given": given,
        "asked": asked_fields(found, [line for line in found.lines if line.free], given),
        "warehouses": warehouses,
        "others": range(OTHERS),
        "pays_by": WAYS,
        "till": drawers.at_counter(company, actor_of(request).id),
        "dispositions": [one for one in lifecycle.Disposition if one != lifecycle.Disposition.SEND_BACK],
        "grades": sorted(grades_of([company]).get(company, ())),
        # A corrected form is the same form: it keeps its key, of which nothing was done yet.
        "key": given.get("key", "") or new_id().hex,
    }


@require_GET
@page("returns.view")
def receipt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the customer takes home: what came back, what was paid, by which way."""
    found = dossiers.dossier(pk, actor_of(request), utcnow())
    if found is None or not found.settlements:
        raise Http404
    return render(request, "desk/receipt.html", {"d": found, "ways": dossiers.ways_back(found)})
