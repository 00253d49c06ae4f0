"""Exchanges and what is still to be collected for them: the list, and reminding several customers at once."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from guicang.desk.gate import actor_of, page
from guicang.desk.typed import uuids
from guicang.insights import exchanges as insight
from guicang.kernel.actor import Actor
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import NIL
from guicang.org import queries as org
from guicang.returns.steps.collect import PERMISSION
from guicang.returns.steps.remind import Reminding, remind
from guicang.ui.words import sentence


@require_http_methods(["GET", "POST"])
@page(PERMISSION)
def several(request: HttpRequest) -> HttpResponse:
    """What is open, the oldest first; a notice to the customers that are ticked (`pick`), each answered for itself."""
    actor, filters, now = actor_of(request), asked(request), utcnow()
    if request.method == "POST":
        _remind(request, actor)
        return redirect(f"{reverse('desk:exchanges')}?{request.GET.urlencode()}")
    rows, more = insight.listed(actor.scope, filters, now)
    context = {
        "rows": rows,
        "more": more,
        "filters": filters,
        "shown": insight.SHOWN,
        "days": insight.OVERDUE_DAYS,
        "shops": [shop for shop in org.shops().values() if actor.scope.holds(shop.company_id, shop.id, NIL)],
    }
    return render(request, "desk/exchanges.html", context)


def asked(request: HttpRequest) -> insight.Filters:
    """What is not understood in the address is left out."""
    given = request.GET
    show = next((one for one in insight.SHOWN if one == given.get("show")), insight.SHOWN[0])
    shop, after = (next(iter(uuids([given.get(name, "")])), None) for name in ("shop", "after"))
    return insight.Filters(show, shop, given.get("q", "")[:80], after)


def _remind(request: HttpRequest, actor: Actor) -> None:
    ids = uuids(request.POST.getlist("pick"))
    if not ids:
        messages.error(request, _("Tick the exchanges whose customers are to be reminded."))
        return
    outcomes = remind(remindings=[Reminding(key) for key in ids], actor=actor, now=utcnow())
    if done := sum(outcome.ok for outcome in outcomes):
        text = ngettext("%(n)s customer is reminded.", "%(n)s customers are reminded.", done)
        messages.success(request, text % {"n": done})
    refused = [(key, outcome) for key, outcome in zip(ids, outcomes, strict=True) if outcome.refusals]
    names = insight.named(key for key, _outcome in refused)
    for key, outcome in refused:
        for refusal in outcome.refusals:
            messages.error(request, f"{names.get(key, '')} {sentence(refusal)}".strip())
