"""How requests were decided, for those who answer for it: figures, times, and every exception to the policy."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from guicang.desk.gate import actor_of, page
from guicang.desk.typed import uuids
from guicang.insights import decisions as report
from guicang.kernel.clock import utcnow
from guicang.org import queries as org

#: Days shown where none are named.
DAYS = 30


class Wanted(NamedTuple):
    """Both days count. `cut`: more days were named than are read at once, so the first ones are left out."""

    asked: report.Asked
    since: date
    until: date
    cut: bool


def asked(request: HttpRequest) -> Wanted:
    """Days and shop of the address; what is not understood there is left out."""
    today = timezone.localtime(utcnow()).date()
    until = _day(request.GET.get("until", "")) or today
    since = _day(request.GET.get("since", "")) or until - timedelta(days=DAYS - 1)
    first = max(since, until - timedelta(days=report.MOST_DAYS - 1))
    shop = next(iter(uuids([request.GET.get("shop", "")])), None)
    return Wanted(
        report.Asked(_midnight(first), _midnight(until + timedelta(days=1)), shop), first, until, first > since
    )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _day(text: str) -> date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    # Midnight of the ends of the calendar is beyond what instants can say in some zone.
    return found if found and date.min.year < found.year < date.max.year else None


@require_GET
@page("insights.view")
def decisions(request: HttpRequest) -> HttpResponse:
    actor, wanted = actor_of(request), asked(request)
    shops = [one for one in org.shops().values() if actor.scope.holds(one.company_id, one.id, actor.scope.warehouse_id)]
    context = {
        "report": report.report(actor.scope, wanted.asked, utcnow()),
        "wanted": wanted,
        "shops": shops,
        "most_days": report.MOST_DAYS,
        "shown": report.PAGE,
    }
    return render(request, "desk/decisions.html", context)
