"""A customer's account: open items, credits, set-offs; and setting a credit off against what is owed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guicang.desk.gate import actor_of, page
from guicang.desk.saying import say
from guicang.desk.typed import uuids
from guicang.insights.accounts import Statement, statement
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.money import from_minor
from guicang.kernel.refusal import Refused
from guicang.trade import errors
from guicang.trade.steps.set_off import PERMISSION, SettingOff, set_off
from guicang.ui.amounts import typed_minor


@require_http_methods(["GET", "POST"])
@page("accounting.view")
def account(request: HttpRequest, pk: UUID) -> HttpResponse:
    """`from`: the order whose credit it is; `to`: the order it pays, empty: oldest first; `amount`, empty: all."""
    actor = actor_of(request)
    found = statement(pk, actor.scope, utcnow())
    if found is None:
        raise Http404
    if request.method == "POST" and _set_off(request, found):
        return redirect("desk:account", pk)
    context = {"s": found, "key": new_id(), "may_set_off": actor.may(PERMISSION), "given": request.POST}
    return render(request, "desk/account.html", context, status=409 if request.method == "POST" else 200)


def _set_off(request: HttpRequest, found: Statement) -> bool:
    given, actor = request.POST, actor_of(request)
    giver = next((one for one in found.credits if [one.order_id] == uuids([given.get("from", "")])), None)
    typed = given.get("amount", "").strip()
    amount = typed_minor(typed, giver.currency) if giver and typed else None
    try:
        if giver is None:
            raise Refused([errors.NoCredit()])
        if typed and amount is None:
            raise Refused([errors.SetOffTooMuch(amount_minor=typed[:20], most_minor=-giver.open_minor)])
        item = SettingOff(giver.order_id, next(iter(uuids([given.get("to", "")])), NIL), amount)
        done = set_off(item, key=given.get("key", ""), actor=actor, now=utcnow())
    except Refused as refused:
        say(request, refused.refusals)
        return False
    messages.success(request, _("Set off: %(amount)s") % {"amount": from_minor(done, giver.currency)})
    return True
