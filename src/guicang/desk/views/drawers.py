"""Cash drawers: the shifts, one's own begun, moved and counted, a difference agreed to, the report to print."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guicang.desk.gate import actor_of, page
from guicang.desk.saying import done
from guicang.desk.typed import uuids
from guicang.insights import drawers as insight
from guicang.insights.journal import companies
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.money import from_minor
from guicang.org import queries as org
from guicang.payments.operations import shifts
from guicang.payments.queries import drawers as payments
from guicang.payments.rules.drawers import REASONS, ShiftState
from guicang.ui.amounts import typed_minor

VIEW = "payments.view_drawers"
#: What no amount is: refused with the bounds that one has.
NOTHING = -1


@require_http_methods(["GET", "POST"])
@page(VIEW)
def several(request: HttpRequest) -> HttpResponse:
    """The shifts; whoever has none may begin one here."""
    actor, given = actor_of(request), request.POST
    if request.method == "POST" and (made := _begin(request)):
        return redirect("desk:shift", made)
    filters = asked(request)
    rows, more = insight.listed(actor.scope, filters)
    context = {
        "rows": rows,
        "more": more,
        "filters": filters,
        "states": list(ShiftState),
        "places": insight.places(actor.scope),
        "mine": insight.mine(actor.id),
        "may_use": actor.may(shifts.USE),
        "may_keep": actor.may(shifts.KEEP),
        "given": given,
    }
    return render(request, "desk/drawers.html", context, status=409 if request.method == "POST" else 200)


def asked(request: HttpRequest) -> insight.Filters:
    """What is not understood in the address is left out."""
    given = request.GET
    state = given.get("state", "")
    return insight.Filters(
        next(iter(uuids([given.get("drawer", "")])), None),
        state if state in set(ShiftState) else "",
        _day(given.get("since", "")),
        _day(given.get("until", ""), 1),
        given.get("differs") == "1",
        next(iter(uuids([given.get("after", "")])), None),
    )


def _day(text: str, days: int = 0) -> datetime | None:
    """The first instant of a day, or of that many days later; None for what is no day."""
    try:
        found = parse_date(text)
        return timezone.make_aware(datetime.combine(found, time()) + timedelta(days=days)) if found else None
    except (ValueError, OverflowError):
        return None


def _begin(request: HttpRequest) -> UUID | None:
    """The shift that was begun, None where it was refused."""
    given, made = request.POST, list[UUID]()
    drawer_id = next(iter(uuids([given.get("drawer", "")])), NIL)
    place = next((one for one in insight.places(actor_of(request).scope) if one.id == drawer_id), None)
    counted = amount(given, "counted", place.currency) if place else 0

    def act(context: Context) -> None:
        made.append(shifts.open_shift(context, drawer_id, counted))

    return made[0] if done(request, "payments.drawer", act, _("The shift has begun.")) else None


def amount(given: QueryDict, name: str, currency: str) -> int:
    """An amount as it was typed, nought too; `NOTHING` for what is none."""
    text = given.get(name, "").strip()
    if text and not text.strip("0.").strip():
        return 0
    found = typed_minor(text, currency)
    return NOTHING if found is None else found


@require_http_methods(["GET", "POST"])
@page(VIEW)
def one(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A shift with its movements. `act`: move cash, count it, or agree to what differs."""
    actor = actor_of(request)
    found = insight.sheet(actor.scope, pk)
    if found is None:
        raise Http404
    if request.method == "POST" and _act(request, found.shift):
        return redirect("desk:shift", pk)
    shift = found.shift
    context = {
        "s": found,
        "mine": shift.person_id == actor.id and actor.may(shifts.USE),
        "may_agree": actor.may(shifts.CHECK) and shift.person_id != actor.id,
        "reasons": list(REASONS),
        "given": request.POST,
    }
    return render(request, "desk/shift.html", context, status=409 if request.method == "POST" else 200)


def _act(request: HttpRequest, shift: insight.ShiftRow) -> bool:
    given, act = request.POST, request.POST.get("act", "")
    minor = amount(given, "amount", shift.currency)
    reason = given.get("reason", "")
    if act == "move":
        return done(request, "payments.drawer", lambda c: shifts.move_cash(c, shift.id, reason, minor))
    if act == "count":
        return done(request, "payments.drawer", lambda c: shifts.count_shift(c, shift.id, minor))
    return done(request, "payments.drawer", lambda c: shifts.agree(c, shift.id))


@require_GET
@page(VIEW)
def report(request: HttpRequest, pk: UUID) -> HttpResponse:
    """To print: an X report while the shift runs, a Z report once it is closed."""
    found = insight.sheet(actor_of(request).scope, pk)
    if found is None:
        raise Http404
    return render(request, "desk/shift_report.html", {"s": found})


@require_POST
@page(shifts.KEEP)
def rules(request: HttpRequest) -> HttpResponse:
    """Up to which difference a company wants no second person."""
    given = request.POST
    company_id = next(iter(uuids([given.get("company", "")])), NIL)
    mine = {company.id: company for company in companies(actor_of(request).scope)}
    if company_id not in mine:
        raise Http404
    limit = amount(given, "limit", mine[company_id].currency)
    done(request, "settings.drawers", lambda context: shifts.state_limit(context, company_id, limit))
    return redirect("desk:settings", "drawer")


def limits(request: HttpRequest) -> list[tuple[org.CompanyInfo, str]]:
    """Companies with what they say, as one types it, for the settings."""
    mine = org.in_use(companies(actor_of(request).scope))
    said = payments.limits(company.id for company in mine)
    return [(company, str(from_minor(said[company.id], company.currency))) for company in mine]
