"""Finding an order, and what of it can come back."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from guicang.desk.forms import NEVER_DELIVERED
from guicang.desk.gate import actor_of, page
from guicang.desk.instead import OTHERS
from guicang.desk.views.returns import filters_of
from guicang.insights import orders as found_orders
from guicang.insights import swaps
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import NIL, new_id
from guicang.org import queries as org
from guicang.payments.rules import RefundTo
from guicang.returns.rules import CONDITIONS
from guicang.returns.steps.counter import COMMANDS
from guicang.sales.queries import RETURN_LABELS
from guicang.ui import fields


@require_GET
@page("sales.view")
def search(request: HttpRequest) -> HttpResponse:
    actor, filters = actor_of(request), asked(request)
    rows, more = found_orders.search(actor.scope, filters)
    if filters.text and len(rows) == 1 and not more and rows[0].number == filters.text.strip():
        return redirect("desk:order", rows[0].id)
    shops = [shop for shop in org.shops().values() if actor.scope.holds(shop.company_id, shop.id, NIL)]
    context = {"rows": rows, "more": more, "filters": filters, "labels": RETURN_LABELS, "shops": shops}
    context["may_request"] = actor.may("returns.request")
    return render(request, "desk/orders.html", context)


def asked(request: HttpRequest) -> found_orders.Filters:
    """Filters live in the address; what is not understood there is left out."""
    given, label = filters_of(request), request.GET.get("label", "")
    return found_orders.Filters(
        given.text, given.since, given.until, label if label in RETURN_LABELS else "", given.shop_id, given.after
    )


@require_GET
@page("sales.view")
def sheet(request: HttpRequest, pk: UUID) -> HttpResponse:
    return show(request, pk)


def asked_fields(
    found: found_orders.Sheet, lines: Iterable[found_orders.Line], given: QueryDict
) -> list[tuple[str, list[fields.Input]]]:
    """The company's own fields that staff are asked: those of the return (''), then those of each line by its name."""
    typed = fields.typed(given)
    rows = [("", fields.inputs(found.fields, fields.of_line(typed, "")))]
    rows += [
        (line.name or line.code, fields.inputs(found.fields, fields.of_line(typed, line.id), str(line.id)))
        for line in lines
    ]
    return [(name, inputs) for name, inputs in rows if inputs]


def show(
    request: HttpRequest, pk: UUID, checked: found_orders.Checked | None = None, status: int = 200
) -> HttpResponse:
    """The order with its form as it was sent: what was typed is never lost."""
    actor = actor_of(request)
    found = found_orders.sheet(pk, actor.scope, utcnow())
    if found is None:
        raise Http404
    context = {
        "s": found,
        "key": new_id(),
        "may_request": actor.may("returns.request"),
        "may_account": actor.may("accounting.view"),
        "may_counter": all(actor.may(f"returns.{command}") for command in COMMANDS),
        "conditions": CONDITIONS,
        "never_delivered": NEVER_DELIVERED,
        "given": request.POST,
        "lines": [(line, request.POST.get(f"units.{line.id}", "")) for line in found.lines],
        "asked": asked_fields(found, [line for line in found.lines if line.free or line.unshipped], request.POST),
        "variants": swaps.variants_of(found.lines, found.order),
        "checked": checked,
        "others": range(OTHERS),
        "refund_to": (RefundTo.ORIGINAL, RefundTo.STORE_CREDIT),
    }
    return render(request, "desk/order.html", context, status=status)
