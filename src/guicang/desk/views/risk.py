"""Risk: what counts and how much, and the customers who are on a list."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods

from guicang.desk.gate import actor_of, page
from guicang.desk.saying import done
from guicang.desk.typed import uuids
from guicang.insights import risk as insight
from guicang.insights.journal import companies
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import NIL
from guicang.org.queries import in_use
from guicang.returns.operations import watching
from guicang.returns.risk import FEATURES, Rules, Weight

#: A number with more digits is a slip of the finger.
_DIGITS = 5


@require_http_methods(["GET", "POST"])
@page(watching.LIST)
def risk(request: HttpRequest) -> HttpResponse:
    """Rules of each company and the lists; `act`: rules, list or end."""
    given, actor, now = request.POST, actor_of(request), utcnow()
    if request.method == "POST" and _act(request, given):
        return redirect("desk:risk")
    context = {
        "stated": [insight.stated(company) for company in in_use(companies(actor.scope))],
        "listings": insight.listings(actor.scope, now),
        "kinds": watching.KINDS,
        "may_state": actor.may(watching.STATE),
        "number": given.get("number", request.GET.get("number", "")),
        "given": given,
        "until": timezone.localtime(now).date() + timedelta(days=90),
    }
    return render(request, "desk/risk.html", context, status=409 if request.method == "POST" else 200)


def _act(request: HttpRequest, given: QueryDict) -> bool:
    if given.get("act") == "rules":
        company_id = next(iter(uuids([given.get("company", "")])), NIL)
        rules = _rules(given)
        return done(request, "risk.rules", lambda context: watching.state_rules(context, company_id, rules))
    if given.get("act") == "end":
        listing_id = next(iter(uuids([given.get("listing", "")])), NIL)
        return done(request, "risk.list", lambda context: watching.end_listing(context, listing_id))
    number, kind, reason = (given.get(name, "").strip() for name in ("number", "kind", "reason"))
    until = _end_of(given.get("until", ""))
    return done(request, "risk.list", lambda context: watching.list_customer(context, number, kind, reason, until))


def _rules(given: QueryDict) -> Rules:
    def weight(code: str) -> Weight:
        return Weight(*(_number(given.get(f"{name}.{code}", "")) for name in Weight._fields))

    return Rules(
        on=bool(given.get("on")),
        threshold=_number(given.get("threshold", "")),
        days=_number(given.get("days", "")),
        claims=tuple(given.getlist("claims")),
        weights={code: weight(code) for code in FEATURES},
    )


def _number(text: str) -> int:
    """A whole number; -1, which no rule may say, for anything else."""
    typed = text.strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= _DIGITS else -1


def _end_of(text: str) -> Any:
    """The end of a day in the reader's zone; a moment long past where it is none."""
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    zone = timezone.get_current_timezone()
    return timezone.make_aware(datetime.combine(day, time()), zone) + timedelta(days=1) if day else _LONG_AGO


_LONG_AGO = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
