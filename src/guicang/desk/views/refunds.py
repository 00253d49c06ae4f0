"""Refunds that somebody has to pay: the list, and what is done with several of them at once."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guicang.desk.gate import actor_of, page
from guicang.desk.typed import uuids
from guicang.insights import refunds as insight
from guicang.kernel.actor import Actor
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Outcome
from guicang.org import queries as org
from guicang.payments.rules import Failed, RefundTo, State, Way
from guicang.payments.rules.payees import PayeeState
from guicang.returns.operations.refunding import PERMISSION
from guicang.returns.steps.fail_refund import Failure, fail_refunds
from guicang.returns.steps.pay_refund import Payment, pay_refunds
from guicang.returns.steps.redirect_refund import Redirection, redirect_refunds
from guicang.returns.steps.submit_batch import Sending, submit_batch
from guicang.ui.words import sentence

ACTS = ("pay", "fail", "again", "file")


@require_http_methods(["GET", "POST"])
@page(PERMISSION)
def several(request: HttpRequest) -> HttpResponse:
    """`act` on what is ticked (`pick`): each answered for itself; `reference.<id>` of one goes before `reference`."""
    actor, filters, now = actor_of(request), asked(request), utcnow()
    if request.method == "POST":
        _act(request, actor)
        if made := _made(request, actor):
            return redirect("desk:payout", made)
        return redirect(f"{reverse('desk:refunds')}?{request.GET.urlencode()}")
    rows, more = insight.listed(actor.scope, filters, now)
    context = {
        "rows": rows,
        "more": more,
        "filters": filters,
        "now": now,
        "states": list(State),
        "ways": list(Way),
        "to": list(RefundTo),
        "failures": list(Failed),
        "payees": [one for one in PayeeState if one],
        "shops": [shop for shop in org.shops().values() if actor.scope.holds(shop.company_id, shop.id, NIL)],
    }
    return render(request, "desk/refunds.html", context)


def asked(request: HttpRequest) -> insight.Filters:
    """What is not understood in the address is left out."""
    given = request.GET
    state, way = given.get("state", ""), given.get("way", "")
    return insight.Filters(
        state if state in set(State) else "",
        way if way in set(Way) else "",
        next(iter(uuids([given.get("shop", "")])), None),
        given.get("overdue") == "1",
        given.get("payee", "") if given.get("payee", "") in set(PayeeState) else "",
        next(iter(uuids([given.get("after", "")])), None),
    )


def _act(request: HttpRequest, actor: Actor) -> None:
    given, ids = request.POST, uuids(request.POST.getlist("pick"))
    if given.get("act") not in ACTS or not ids:
        messages.error(request, _("Tick refunds and choose what to do with them."))
        return
    outcomes = _outcomes(given, ids, actor)
    if done := sum(outcome.ok for outcome in outcomes):
        messages.success(request, _("%(n)s refunds done.") % {"n": done})
    names = insight.named(ids, actor.scope)
    for key, outcome in zip(ids, outcomes, strict=True):
        for refusal in outcome.refusals:
            messages.error(request, f"{names.get(key, '')} {sentence(refusal)}".strip())


def _made(request: HttpRequest, actor: Actor) -> UUID | None:
    """The payment file that was just made; None where there is none, or one a currency."""
    if request.POST.get("act") != "file":
        return None
    picked = insight.picked(actor.scope, uuids(request.POST.getlist("pick")))
    found = {row.batch_id for row in picked if row.state == State.SUBMITTED} - {NIL}
    return found.pop() if len(found) == 1 else None


def _outcomes(given: QueryDict, ids: list[UUID], actor: Actor) -> list[Outcome]:
    now = utcnow()
    if given["act"] == "pay":
        common = given.get("reference", "")
        items = [Payment(key, given.get(f"reference.{key}", "").strip() or common) for key in ids]
        return pay_refunds(payments=items, actor=actor, now=now)
    if given["act"] == "file":
        return submit_batch(refunds=[Sending(key) for key in ids], actor=actor, now=now)
    if given["act"] == "fail":
        failures = [Failure(key, given.get("reason", "")) for key in ids]
        return fail_refunds(failures=failures, actor=actor, now=now)
    agreed = given.get("consented") == "1"
    again = [Redirection(key, given.get("to", ""), agreed) for key in ids]
    return redirect_refunds(redirections=again, actor=actor, now=now)
