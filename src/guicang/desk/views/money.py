"""Money without goods for an order: price protection, goodwill, compensation, freight."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guicang.desk import forms
from guicang.desk.gate import actor_of, page
from guicang.desk.saying import say
from guicang.desk.typed import uuids
from guicang.insights import orders as found_orders
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Outcome, Refused
from guicang.returns import errors
from guicang.returns.lifecycle import Type
from guicang.returns.operations.money_only import MoneyKind
from guicang.returns.steps.request import Request, Wanted, request_once
from guicang.sales.queries import OrderHead
from guicang.ui import fields
from guicang.ui.amounts import typed_minor


@require_http_methods(["GET", "POST"])
@page("returns.request")
def money(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for money alone; `kind` of it, and by line an `amount` or, for price protection, today's `price`.

    A link may bring what it suggests: nothing is asked for before the form is sent.
    """
    actor, now = actor_of(request), utcnow()
    found = found_orders.sheet(pk, actor.scope, now)
    order = found_orders.head(pk, actor.scope)
    if found is None or order is None:
        raise Http404
    if request.method == "POST":
        try:
            outcome = request_once(asked(order, request.POST), key=request.POST.get("key", ""), actor=actor, now=now)
        except Refused as refused:
            outcome = Outcome(0, None, list(refused.refusals))
        if outcome.ok and outcome.id:
            forms.show_pictures(outcome.id, request.FILES.getlist("picture"), "", actor, now)
            messages.success(request, _("It is entered and waits for somebody to grant it."))
            return redirect("desk:return", outcome.id)
        say(request, outcome.refusals)
    given = request.POST or request.GET
    context = {
        "s": found,
        "key": new_id(),
        "kinds": [one for one in MoneyKind if one != MoneyKind.KEPT],
        "given": given,
        "asked": [("", fields.inputs(found.fields, fields.of_line(fields.typed(request.POST), "")))],
        "lines": [(line, given.get(f"amount.{line.id}", "")) for line in found.lines],
    }
    return render(request, "desk/money.html", context, status=409 if request.method == "POST" else 200)


def asked(order: OrderHead, given: QueryDict) -> Request:
    """Raises Refused where what was typed is no amount."""
    kind = given.get("kind", "")
    matched = kind == MoneyKind.PRICE_MATCH
    lines = []
    for name, text in given.items():
        head, _dot, key = name.partition(".")
        if head != "amount" or not str(text).strip() or not (ids := uuids([key])):
            continue
        amount = typed_minor(str(text), order.currency)
        if amount is None:
            raise Refused([errors.BadAmount(amount_minor=str(text)[:20])])
        wanted = Wanted(ids[0], 0, given.get("reason", ""), Type.MONEY_ONLY, money_kind=kind)
        lines.append(replace(wanted, price_minor=amount) if matched else replace(wanted, recorded_minor=amount))
    return Request(
        order.shop_id,
        order.customer_id,
        lines,
        currency=order.currency,
        entered_by="phone",
        override=given.get("override", ""),
        answers=fields.of_line(fields.typed(given), ""),
    )
