"""The outbox: what waits, what failed and why, and what was given up revived or dropped."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from guicang.desk.gate import actor_of, page, refused
from guicang.desk.typed import uuids
from guicang.insights import outbox as reading
from guicang.integrations import demo
from guicang.kernel import dead_letters
from guicang.kernel.clock import utcnow
from guicang.kernel.outbox import database_now
from guicang.kernel.refusal import Refused
from guicang.ui.outside_words import TOPICS


@require_http_methods(["GET", "POST"])
@page("outbox.view")
def outbox(request: HttpRequest) -> HttpResponse:
    actor, given = actor_of(request), request.GET
    if request.method == "POST":
        return _decide(request)
    state, topic = given.get("state", ""), given.get("topic", "")
    found = reading.page(
        actor.scope,
        database_now(),
        state=state,
        topic=topic,
        after=next(iter(uuids([given.get("after", "")])), None),
        is_demo=bool(demo.logins()[0]),
    )
    context = {
        "page": found,
        "states": list(reading.STATES),
        "state": state,
        "topics": list(TOPICS),
        "topic": topic,
        "may": actor.may(dead_letters.PERMISSION),
    }
    return render(request, "desk/outbox.html", context)


def _decide(request: HttpRequest) -> HttpResponse:
    """Retry or drop the ticked ones; what is not in the reader's scope is passed over."""
    given, actor = request.POST, actor_of(request)
    if not actor.may(dead_letters.PERMISSION):
        return refused(request, dead_letters.PERMISSION)
    ids = reading.ids_in(actor.scope, uuids(given.getlist("pick")))
    try:
        if given.get("act") == "drop":
            count = dead_letters.decide("drop", ids, actor=actor, now=utcnow())
            text = ngettext("%(n)s message is dropped.", "%(n)s messages are dropped.", count)
        else:
            count = dead_letters.decide("retry", ids, actor=actor, now=utcnow())
            text = ngettext("%(n)s message is tried again.", "%(n)s messages are tried again.", count)
        messages.success(request, text % {"n": count})
    except Refused as told:
        messages.error(request, str(told.refusals[0]))
    kept = given.get("filters", "")
    return redirect(f"{reverse('desk:outbox')}?{kept}" if kept else "desk:outbox")
