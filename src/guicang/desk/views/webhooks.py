"""Webhooks: who is told what changed, and the log of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from guicang.desk.gate import actor_of, page
from guicang.desk.typed import uuids
from guicang.insights.journal import companies
from guicang.integrations.webhooks import queries, rules, steps
from guicang.kernel.actor import Actor
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refused
from guicang.org.queries import in_use

Act = Callable[[HttpRequest, UUID, QueryDict, Actor], str]


@require_http_methods(["GET", "POST"])
@page("webhooks.manage")
def webhooks(request: HttpRequest) -> HttpResponse:
    """All of them, and a new one."""
    actor = actor_of(request)
    offered = companies(actor.scope)
    if request.method == "POST" and (made := _add(request, actor)):
        return redirect("desk:webhook", made)
    context = {
        "endpoints": queries.endpoints(actor),
        "companies": in_use(offered),
        "names": {company.id: company.name for company in offered},
        "events": rules.EVENTS,
        "given": request.POST,
        "chosen": request.POST.getlist("event"),
    }
    return render(request, "desk/webhooks.html", context)


@require_http_methods(["GET", "POST"])
@page("webhooks.manage")
def webhook(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One of them with its log; each button is one step."""
    actor = actor_of(request)
    if request.method == "POST":
        return _act(request, pk, actor)
    given = request.GET
    after = next(iter(uuids([given.get("after", "")])), None)
    sheet = queries.sheet(actor, pk, utcnow(), state=given.get("state", ""), after=after)
    if sheet is None:
        raise Http404
    shown = request.session.get("webhook_secret", {})
    if shown.get("endpoint") == str(pk):
        del request.session["webhook_secret"]
    context = {
        "sheet": sheet,
        "endpoint": sheet.endpoint,
        "events": rules.EVENTS,
        "chosen": sheet.endpoint.events,
        "states": queries.STATES,
        "state": given.get("state", ""),
        "secret": shown.get("secret") if shown.get("endpoint") == str(pk) else None,
    }
    answer = render(request, "desk/webhook.html", context)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _add(request: HttpRequest, actor: Actor) -> UUID | None:
    given = request.POST
    wanted: dict[str, Any] = {
        "company_id": next(iter(uuids([given.get("company", "")])), NIL),
        "url": given.get("url", ""),
        "description": given.get("description", ""),
        "events": given.getlist("event"),
    }
    try:
        made, secret = steps.add(**wanted, actor=actor, now=utcnow())
    except Refused as refused:
        _say(request, refused)
        return None
    _show_once(request, made, secret)
    messages.success(request, _("The webhook is made. What changes from now on is told there."))
    return made


def _act(request: HttpRequest, pk: UUID, actor: Actor) -> HttpResponse:
    given = request.POST
    act = ACTS.get(given.get("act", ""))
    if act is None:
        raise Http404
    try:
        messages.success(request, act(request, pk, given, actor))
    except Refused as refused:
        if any(refusal.code == "webhook_not_found" for refusal in refused.refusals):
            raise Http404 from refused
        _say(request, refused)
    return redirect("desk:webhooks") if given.get("act") == "remove" else redirect("desk:webhook", pk)


def _change(request: HttpRequest, pk: UUID, given: QueryDict, actor: Actor) -> str:
    url, text, events = given.get("url", ""), given.get("description", ""), given.getlist("event")
    steps.change(endpoint_id=pk, url=url, description=text, events=events, actor=actor, now=utcnow())
    return _("Saved.")


def _switch_on(request: HttpRequest, pk: UUID, given: QueryDict, actor: Actor) -> str:
    steps.switch(endpoint_id=pk, on=True, actor=actor, now=utcnow())
    return _("The webhook is on.")


def _switch_off(request: HttpRequest, pk: UUID, given: QueryDict, actor: Actor) -> str:
    steps.switch(endpoint_id=pk, on=False, actor=actor, now=utcnow())
    return _("The webhook is off. What changes is held until you switch it on and send it again.")


def _rotate(request: HttpRequest, pk: UUID, given: QueryDict, actor: Actor) -> str:
    _show_once(request, pk, steps.rotate(endpoint_id=pk, actor=actor, now=utcnow()))
    return _("There is a new secret. The one before it signs beside it for 24 hours.")


def _ping(request: HttpRequest, pk: UUID, given: QueryDict, actor: Actor) -> str:
    steps.ping(endpoint_id=pk, actor=actor, now=utcnow())
    return _("A test is on its way. Load this page again to see what came of it.")


def _replay(request: HttpRequest, pk: UUID, given: QueryDict, actor: Actor) -> str:
    wanted = uuids(given.getlist("delivery")) or None
    sent = steps.replay(endpoint_id=pk, deliveries=wanted, actor=actor, now=utcnow())
    text = ngettext("%(n)s delivery is sent again.", "%(n)s deliveries are sent again.", sent)
    return text % {"n": sent}


def _remove(request: HttpRequest, pk: UUID, given: QueryDict, actor: Actor) -> str:
    steps.remove(endpoint_id=pk, actor=actor, now=utcnow())
    return _("The webhook is removed.")


ACTS: dict[str, Act] = {
    "change": _change,
    "on": _switch_on,
    "off": _switch_off,
    "rotate": _rotate,
    "ping": _ping,
    "replay": _replay,
    "remove": _remove,
}


def _show_once(request: HttpRequest, pk: UUID, secret: str) -> None:
    request.session["webhook_secret"] = {"endpoint": str(pk), "secret": secret}


def _say(request: HttpRequest, refused: Refused) -> None:
    for refusal in refused.refusals:
        messages.error(request, str(refusal))
