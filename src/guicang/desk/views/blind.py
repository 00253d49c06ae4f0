"""A return without an order: whose goods they are, what they are, and what they would pay before it is entered."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guicang.desk.gate import actor_of, page
from guicang.desk.saying import say
from guicang.desk.typed import number, uuids
from guicang.desk.views.wholesale import named, shops_of
from guicang.insights.orders import Checked, check
from guicang.kernel.actor import Actor
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.refusal import Refused
from guicang.org import queries as org
from guicang.policy import queries as policies
from guicang.returns import errors
from guicang.returns.steps.request import Request, Wanted, request_once

#: Lines of a form.
LINES = 4


@require_http_methods(["GET", "POST"])
@page("returns.request")
def blind(request: HttpRequest) -> HttpResponse:
    """`check`: what the rules say of it; else it is entered, once for `key`."""
    actor, given, checked = actor_of(request), request.POST, None
    if request.method == "POST":
        try:
            item = _asked(actor, given)
            if "check" not in given:
                outcome = request_once(item, key=given.get("key", ""), actor=actor, now=utcnow())
                if outcome.ok:
                    messages.success(request, _("The return is entered."))
                    return redirect("desk:return", outcome.id)
                say(request, outcome.refusals)
            checked = check(item, actor, utcnow())
        except Refused as refused:
            checked = Checked(list(refused.refusals))
    return _page(request, actor, given, checked)


def _page(request: HttpRequest, actor: Actor, given: QueryDict, checked: Checked | None) -> HttpResponse:
    shops = shops_of(actor.scope)
    named_shop = next((shop for shop in shops if str(shop.id) == given.get("shop")), shops[0] if shops else None)
    companies = {shop.company_id for shop in shops}
    stores = [one for one in org.warehouses().values() if actor.scope.holds(one.company_id, NIL, one.id)]
    codes, units = given.getlist("sku"), given.getlist("units")
    typed = [(codes[at] if at < len(codes) else "", units[at] if at < len(units) else "") for at in range(LINES)]
    context = {
        "shops": shops,
        "warehouses": [one for one in stores if one.archived_at is None],
        "reasons": {one.code: one for key in companies for one in policies.reasons([key])[key].values()}.values(),
        "lines": typed,
        "given": given,
        "checked": checked,
        "currency": named_shop.currency if named_shop else "",
        "key": given.get("key") or new_id(),
    }
    status = 409 if request.method == "POST" and (checked is None or checked.refusals) else 200
    return render(request, "desk/blind.html", context, status=status)


def _asked(actor: Actor, given: QueryDict) -> Request:
    """Raises Refused: NoSuchCustomer, NoSuchArticle, BadQuantity, Nothing."""
    lines, shop, customer_id = [], None, NIL
    for code, text in zip(given.getlist("sku"), given.getlist("units"), strict=False):
        if not code.strip():
            continue
        shop, customer_id, sku_id = named(actor.scope, given, code)
        lines.append(Wanted(sku_id=sku_id, quantity=number(text), reason=given.get("reason", "")))
    if shop is None:
        raise Refused([errors.Nothing()])
    return Request(
        shop.id,
        customer_id,
        lines,
        currency=shop.currency,
        entered_by=given.get("entered_by", "") or "phone",
        warehouse_id=next(iter(uuids([given.get("warehouse", "")])), NIL),
    )
