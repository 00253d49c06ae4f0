"""Talking about money before it moves: what is asked for, what the policy gives, what somebody proposes."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from guicang.desk.gate import actor_of, page, refused
from guicang.desk.money_form import correction_of, settlement_of
from guicang.desk.saying import say
from guicang.insights import dossier as dossiers
from guicang.insights.proposal import propose
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Refused
from guicang.payments.rules import RefundTo
from guicang.returns import lifecycle
from guicang.returns.steps.correct import COMMANDS, Tried, correct, try_correction


@require_POST
@page(lifecycle.COMMANDS["settle"].permission)
def proposal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a settlement would pay as the form proposes it, beside what was asked for and what the policy gives.

    Writes nothing. The page alone, or the part of it that the script of the return's page puts in place.
    """
    actor, now = actor_of(request), utcnow()
    found = dossiers.dossier(pk, actor, now)
    if found is None:
        raise Http404
    refusals, proposed = [], None
    try:
        proposed = propose(found, settlement_of(pk, request.POST), actor, now)
    except Refused as why:
        refusals = list(why.refusals)
    context = {"d": found, "p": proposed, "refusals": refusals, "given": request.POST, "refund_to": list(RefundTo)}
    return render(request, "desk/proposal.html", context)


@require_http_methods(["GET", "POST"])
@page(lifecycle.COMMANDS["reverse_settlement"].permission)
def correction(request: HttpRequest, pk: UUID, settlement: UUID) -> HttpResponse:
    """A wrong settlement taken back and settled again: first looked at, then done, both in one act."""
    actor, now = actor_of(request), utcnow()
    missing = next((name for name in COMMANDS if not actor.may(lifecycle.COMMANDS[name].permission)), None)
    if missing:
        return refused(request, lifecycle.COMMANDS[missing].permission)
    found = dossiers.dossier(pk, actor, now)
    wrong = next((one for one in found.settlements if one.id == settlement), None) if found else None
    if found is None or wrong is None:
        raise Http404
    tried = None
    if request.method == "POST":
        try:
            item = correction_of(pk, settlement, request.POST)
        except Refused as why:
            tried = Tried(why.refusals)
        else:
            if "check" in request.POST:
                tried = try_correction(item, actor, now)
            else:
                outcome = correct(item, key=request.POST.get("key", "") or new_id().hex, actor=actor, now=now)
                if outcome.ok:
                    messages.success(request, _("Corrected: taken back and settled again."))
                    return redirect("desk:return", pk)
                say(request, outcome.refusals)
    units = dossiers.units_of(settlement)
    context = {
        "d": found,
        "wrong": wrong,
        "lines": [(line, units[line.row.id]) for line in found.lines if line.row.id in units],
        "tried": tried,
        "given": request.POST,
        "key": new_id().hex,
    }
    return render(request, "desk/correct.html", context, status=409 if request.method == "POST" and not tried else 200)
