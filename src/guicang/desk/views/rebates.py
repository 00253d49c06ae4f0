"""Rebates on turnover: agreed with customers, granted once the period is over, taken back as returns lower it."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guicang.desk.gate import actor_of, page
from guicang.desk.saying import done, say
from guicang.desk.typed import basis_points, uuids
from guicang.desk.views.wholesale import VIEW, customer_named, day_of, limit, shops_of
from guicang.insights.rebates import agreements
from guicang.kernel.clock import utcnow
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refused
from guicang.returns import errors
from guicang.returns.rebates import Tier
from guicang.returns.steps import rebate
from guicang.returns.steps.rebate import Agreeing, Reckoning, reckon_rebates

#: Rows for tiers in the form.
ROWS = 3


@require_http_methods(["GET", "POST"])
@page(VIEW)
def rebates(request: HttpRequest) -> HttpResponse:
    """`act`: agree, or reckon the `rebate`."""
    actor, given = actor_of(request), request.POST
    act = _reckon if given.get("act") == "reckon" else _agree
    if request.method == "POST" and act(request, given):
        return redirect("desk:rebates")
    after = next(iter(uuids([request.GET.get("after", "")])), None)
    rows, more = agreements(actor.scope, utcnow(), after)
    froms, percents = given.getlist("from"), given.getlist("percent")
    context = {
        "rows": rows,
        "more": more,
        "shops": shops_of(actor.scope),
        "given": given,
        "tiers": [
            (froms[at] if at < len(froms) else "", percents[at] if at < len(percents) else "") for at in range(ROWS)
        ],
        "may": actor.may(rebate.GRANT),
    }
    return render(request, "desk/rebates.html", context, status=409 if request.method == "POST" else 200)


def _reckon(request: HttpRequest, given: QueryDict) -> bool:
    key = next(iter(uuids([given.get("rebate", "")])), NIL)
    try:
        (outcome,) = reckon_rebates(reckonings=[Reckoning(key)], actor=actor_of(request), now=utcnow())
    except Refused as refused:
        say(request, refused.refusals)
        return False
    if not outcome.ok:
        say(request, outcome.refusals)
        return False
    change = outcome.data["change_minor"]
    messages.success(
        request,
        _("The rebate is granted.") if change > 0 else _("Taken back.") if change else _("Nothing has changed."),
    )
    return True


def _agree(request: HttpRequest, given: QueryDict) -> bool:
    def act(context: Context) -> UUID:
        shop, customer_id = customer_named(context.actor.scope, given)
        since, until = day_of(given.get("since", "")), day_of(given.get("until", ""))
        if since is None or until is None:
            raise Refused([errors.BadChoice(column="since", value=given.get("since", "")[:20])])
        pairs = zip(given.getlist("from"), given.getlist("percent"), strict=False)
        tiers = tuple(Tier(limit(start, shop.currency), basis_points(bp)) for start, bp in pairs if bp.strip())
        tax = Decimal(max(0, basis_points(given.get("tax", "")))) / 10_000
        return rebate.agree(context, Agreeing(customer_id, since, until, tiers, tax))

    return done(request, "rebates.agree", act)
