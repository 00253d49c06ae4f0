"""Access tokens of programs: made, shown once, revoked."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from guicang.desk.gate import actor_of, page, user_of
from guicang.desk.typed import uuids
from guicang.kernel.clock import utcnow
from guicang.kernel.commands import begin
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.refusal import Refused
from guicang.staff import operations, queries

TERMS = (30, 90, 365)


@never_cache
@require_http_methods(["GET", "POST"])
@page("")
def tokens(request: HttpRequest) -> HttpResponse:
    """One's own tokens, everybody's for whoever manages staff. A new one is in the answer itself and nowhere else."""
    made = ""
    if request.method == "POST":
        try:
            made = _change(request)
        except Refused as refused:
            for refusal in refused.refusals:
                messages.error(request, str(refusal))
        if not made:
            return redirect("desk:tokens")
    actor = actor_of(request)
    context = {
        "tokens": queries.tokens(actor, utcnow()),
        "made": made,
        "permissions": sorted(actor.permissions),
        "terms": TERMS,
        "everybody": actor.may("staff.manage"),
        "key": new_id(),
    }
    return render(request, "desk/tokens.html", context)


def _change(request: HttpRequest) -> str:
    """The new token, '' where one was revoked. Raises Refused."""
    given, actor = request.POST, actor_of(request)
    with transaction.atomic():
        context = begin("staff.tokens", actor=actor, now=utcnow(), items=1)
        if given.get("act") == "make":
            days = given.get("days", "")
            return operations.issue_token(
                context,
                user_of(request),
                name=given.get("name", ""),
                days=int(days) if days in map(str, TERMS) else 0,
                permissions=_wanted(request),
                token_id=next(iter(uuids([given.get("key", "")])), None),
            )
        operations.revoke_token(context, next(iter(uuids([given.get("token", "")])), NIL))
    messages.success(request, _("The token is revoked. Programs that use it are refused from now on."))
    return ""


def _wanted(request: HttpRequest) -> list[str]:
    reach, granted = request.POST.get("reach", ""), actor_of(request).permissions
    if reach == "all":
        return sorted(granted)
    if reach == "look":
        return sorted(name for name in granted if name.endswith(".view"))
    return request.POST.getlist("permission")
