"""The first page: the four lists that cost money, and what waits for whoever reads it."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guicang.desk.days import tonight
from guicang.desk.gate import actor_of, page, user_of
from guicang.insights import home as first_page
from guicang.insights import owners, worklist
from guicang.integrations.webhooks import queries as webhooks
from guicang.kernel.clock import utcnow
from guicang.notifications.facts import TO_STAFF
from guicang.returns.operations.approvals import DECIDES
from guicang.staff import rules as roles
from guicang.staff.operations import mute_notices
from guicang.ui.kept import kept_form

#: Which queues a role is asked to empty; the rest sees all of them.
MINE = {
    "agent": ("review", "info"),
    "approver": ("review",),
    "warehouse": ("awaited", "bay"),
    "finance": ("due", "settled"),
}
#: Returns named on the first page.
SHOWN = 8


@require_GET
@page("")
def home(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    scope, may = actor.scope, actor.may(webhooks.PERMISSION)
    mine = MINE.get(user_of(request).role, tuple(worklist.QUEUES))
    context = {
        "queues": first_page.waiting_for(actor, mine, utcnow()),
        "rows": first_page.oldest(scope, [queue for queue in mine if queue != "settled"], SHOWN),
        "owned": owners.counts(worklist.scoped(scope), actor),
        "due": first_page.due(scope, utcnow(), tonight()),
        "leaks": first_page.leaks(scope),
        "reviews": first_page.reviews(scope, utcnow()) if actor.may("policy.manage") else [],
        "troubled": webhooks.troubled(actor) if may else [],
    }
    return render(request, "desk/home.html", context)


@require_GET
@page("")
def me(request: HttpRequest) -> HttpResponse:
    """Who I am here: role, permissions, password, second factor, sessions."""
    role = roles.ROLES[user_of(request).role]
    may = sorted(role.permissions)
    context = {"role": role, "permissions": may, "decides": DECIDES in may, "notices": TO_STAFF}
    return render(request, "desk/me.html", context)


@require_POST
@page("")
def my_notices(request: HttpRequest) -> HttpResponse:
    """Which notices I want by e-mail."""
    wanted = set(request.POST.getlist("notice"))
    with transaction.atomic():
        mute_notices(user_of(request).id, [code for code in TO_STAFF if code not in wanted])
    messages.success(request, _("Saved."))
    return redirect("desk:me")


@require_GET
@page("")
def resume(request: HttpRequest, key: str) -> HttpResponse:
    """A form that outlived its session, to be sent now."""
    form = kept_form(key)
    if form is None:
        raise Http404
    return render(request, "desk/resume.html", {"form": form})
