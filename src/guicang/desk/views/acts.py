"""What staff do to returns: one address a command, one step a command, and what became of it in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from guicang.desk import forms, instead
from guicang.desk.gate import actor_of, page, refused
from guicang.desk.saying import label, say
from guicang.desk.typed import uuids
from guicang.desk.views import orders
from guicang.insights.changes import who_was_faster
from guicang.kernel.actor import Actor
from guicang.kernel.clock import utcnow
from guicang.kernel.refusal import Outcome, Refused
from guicang.returns import lifecycle
from guicang.returns.operations import notes
from guicang.returns.steps.collect import PERMISSION
from guicang.returns.steps.deadline import SET
from guicang.returns.steps.undo_exchange import COMMANDS as UNDOING

BATCHED = ("authorise", "receive", "close")


@require_POST
@page("returns.view")
def act(request: HttpRequest, pk: UUID, command: str) -> HttpResponse:
    """Give one command to one return, then show it again."""
    if command not in forms.STEPS:
        raise Http404
    row = lifecycle.COMMANDS[command]
    if not any(map(actor_of(request).may, row.enough)):
        return refused(request, row.permission)
    outcomes = _carry_out(request, command, [pk], request.POST)
    if any(refusal.code == "return_not_found" for outcome in outcomes for refusal in outcome.refusals):
        raise Http404
    if all(outcome.ok for outcome in outcomes):
        messages.success(request, _agreed(outcomes) or _("Done: %(command)s") % {"command": label(row)})
        shown = forms.show_pictures(pk, request.FILES.getlist("picture"), "", actor_of(request), utcnow())
        say(request, (refusal for outcome in shown for refusal in outcome.refusals))
    else:
        _tell(request, pk, outcomes)
    return redirect("desk:return", pk)


@require_POST
@page("returns.view")
def batch(request: HttpRequest) -> HttpResponse:
    """Give one command to the ticked returns; each is answered for itself."""
    command, ids = request.POST.get("command", ""), uuids(request.POST.getlist("pick"))
    if command not in BATCHED or not ids:
        messages.error(request, _("Tick returns and choose what to do with them."))
        return _back(request)
    row = lifecycle.COMMANDS[command]
    if not any(map(actor_of(request).may, row.enough)):
        return refused(request, row.permission)
    outcomes = _carry_out(request, command, ids, QueryDict())
    passed_on = sum(outcome.ok and bool(outcome.data.get("stage")) for outcome in outcomes)
    if passed_on:
        text = ngettext(
            "%(n)s return waits for others to agree too.", "%(n)s returns wait for others to agree too.", passed_on
        )
        messages.info(request, text % {"n": passed_on})
    done = sum(outcome.ok for outcome in outcomes) - passed_on
    if done:
        text = _("%(command)s: %(n)s returns done.")
        messages.success(request, text % {"command": label(lifecycle.COMMANDS[command]), "n": done})
    for pk, outcome in zip(ids, outcomes, strict=True):
        if not outcome.ok:
            _tell(request, pk, [outcome], name=True)
    return _back(request)


@require_POST
@page("returns.request")
def request_return(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Enter a return for a customer of this order (phone, mail, counter)."""
    actor = actor_of(request)
    if "check" in request.POST:
        checked = forms.checked_for(pk, request.POST, actor, utcnow())
        if checked is None:
            raise Http404
        return orders.show(request, pk, checked)
    outcome = forms.request_for(pk, request.POST, actor, utcnow())
    if outcome is None:
        raise Http404
    if not outcome.ok:
        say(request, outcome.refusals)
        return orders.show(request, pk, forms.checked_for(pk, request.POST, actor, utcnow()), status=409)
    if request.POST.get("resolution") in forms.NEVER_DELIVERED:
        messages.success(request, _("The parcel is entered: the warehouse can receive it as soon as it comes."))
        return redirect("desk:return", outcome.id)
    if outcome.data.get("granted"):
        messages.success(request, _("The return is entered, and the policy has granted it."))
        return redirect("desk:return", outcome.id)
    messages.success(request, _("The return is entered and waits for review."))
    return redirect("desk:return", outcome.id)


@require_POST
@page(notes.WRITE)
def note(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write something down for colleagues."""
    outcome = forms.write_note(pk, request.POST, actor_of(request), utcnow())
    if any(refusal.code == "return_not_found" for refusal in outcome.refusals):
        raise Http404
    say(request, outcome.refusals)
    return redirect(f"{reverse('desk:return', args=[pk])}{'#history' if outcome.ok else ''}")


@require_POST
@page(PERMISSION)
def collect(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down that the buyer paid what his exchange left open."""
    outcome = instead.collected_for(pk, request.POST, actor_of(request), utcnow())
    if any(refusal.code == "return_not_found" for refusal in outcome.refusals):
        raise Http404
    say(request, outcome.refusals)
    return redirect(f"{reverse('desk:return', args=[pk])}{'#exchange' if outcome.ok else ''}")


@require_POST
@page(lifecycle.COMMANDS["exchange"].permission)
def undo_exchange(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take an exchange back whose new goods are still here; shows the return that cancels them."""
    missing = next((name for name in UNDOING if not actor_of(request).may(lifecycle.COMMANDS[name].permission)), None)
    if missing:
        return refused(request, lifecycle.COMMANDS[missing].permission)
    outcome = instead.undone_for(pk, request.POST, actor_of(request), utcnow())
    if any(refusal.code == "return_not_found" for refusal in outcome.refusals):
        raise Http404
    if not outcome.ok:
        say(request, outcome.refusals)
        return redirect(f"{reverse('desk:return', args=[pk])}#exchange")
    messages.success(request, _("The exchange is undone: the new goods are free again, and what paid them goes back."))
    return redirect("desk:return", outcome.data["made"])


@require_POST
@page(SET)
def deadline(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down when the platform acts by itself."""
    outcome = forms.set_deadline(pk, request.POST, actor_of(request), utcnow())
    if any(refusal.code == "return_not_found" for refusal in outcome.refusals):
        raise Http404
    say(request, outcome.refusals)
    return redirect(f"{reverse('desk:return', args=[pk])}{'#deadline' if outcome.ok else ''}")


def _agreed(outcomes: Sequence[Outcome]) -> str:
    """What a word at one stage of an approval led to; '' where it was the last one, or there are no stages."""
    stage = outcomes[0].data.get("stage")
    return _("Noted. Stage %(stage)s of the approval is open now.") % {"stage": stage} if stage else ""


def _carry_out(request: HttpRequest, command: str, ids: Sequence[UUID], given: QueryDict) -> list[Outcome]:
    step: Callable[[Sequence[UUID], QueryDict, Actor, Any], list[Outcome]] = forms.STEPS[command]
    try:
        return step(ids, given, actor_of(request), utcnow())
    except Refused as refused:
        return [Outcome(index, None, list(refused.refusals)) for index in range(len(ids))]


def _tell(request: HttpRequest, pk: UUID, outcomes: Sequence[Outcome], name: bool = False) -> None:
    refusals = [refusal for outcome in outcomes for refusal in outcome.refusals]
    faster = who_was_faster(pk, actor_of(request)) if any(r.code == "wrong_state" for r in refusals) else None
    if faster:
        text = _("%(who)s was faster: %(command)s, %(at)s. Look at the return as it is now.")
        messages.warning(request, text % {**faster, "command": label(lifecycle.COMMANDS[faster["command"]])})
        return
    say(request, refusals)


def _back(request: HttpRequest) -> HttpResponse:
    """To the list with its filters; only to a query of our own, never to another site."""
    kept, home = request.POST.get("filters", ""), reverse("desk:worklist")
    return redirect(f"{home}?{kept}" if kept else home)
