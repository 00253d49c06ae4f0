"""Who decides for me while I am away, and for whom I do."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guicang.desk.gate import actor_of, page, user_of
from guicang.desk.saying import done
from guicang.desk.typed import uuids
from guicang.insights.policies import approvers
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import NIL
from guicang.staff import operations, queries


@require_http_methods(["GET", "POST"])
@page("returns.approve")
def delegations(request: HttpRequest) -> HttpResponse:
    """Whoever may decide names a colleague who may too, for some days; `act` end takes it back."""
    given, user, now = request.POST, user_of(request), utcnow()
    if request.method == "POST" and _act(request, given):
        return redirect("desk:delegations")
    known = queries.delegations(user.id, now)
    context = {
        "mine": [one for one in known if one.from_id == user.id],
        "others": [one for one in known if one.to_id == user.id],
        "colleagues": [one for one in approvers(actor_of(request).scope.company_id) if one.id != user.id],
        "given": given,
        "today": queries.today(now),
    }
    return render(request, "desk/delegations.html", context, status=409 if request.method == "POST" else 200)


def _act(request: HttpRequest, given: QueryDict) -> bool:
    user = user_of(request)
    if given.get("act") == "end":
        key = next(iter(uuids([given.get("delegation", "")])), NIL)
        told = _("It is ended. From now on you alone decide.")
        return done(request, "staff.delegations", lambda context: operations.end_delegation(context, user, key), told)
    to_id = next(iter(uuids([given.get("to", "")])), NIL)
    first, last = _day(given.get("first", "")), _day(given.get("last", ""))
    return done(request, "staff.delegations", lambda context: operations.delegate(context, user, to_id, first, last))


def _day(typed: str) -> date | None:
    try:
        return parse_date(typed)
    except ValueError:
        return None
