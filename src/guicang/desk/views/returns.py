"""The worklist, and a return with everything on it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guicang.desk.days import tonight
from guicang.desk.gate import actor_of, page
from guicang.desk.views import answers
from guicang.insights import approvals, casefile, owners
from guicang.insights import dossier as dossiers
from guicang.insights import worklist as work
from guicang.insights.became import BECAME
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import NIL, new_id
from guicang.org import queries as org
from guicang.payments.rules import RefundTo
from guicang.returns import departments, lifecycle
from guicang.returns.deadlines import Kind
from guicang.returns.operations import watching
from guicang.returns.rules import CONDITIONS
from guicang.returns.steps.assign import ASSIGN
from guicang.returns.steps.collect import WAYS
from guicang.returns.steps.give_payee import ENTER
from guicang.returns.steps.undo_exchange import COMMANDS as UNDOING
from guicang.ui.masters import FAULTS

FILTERS = (
    "q",
    "state",
    "shop",
    "type",
    "since",
    "until",
    "queue",
    "overdue",
    "due",
    "clock",
    "escalated",
    "risky",
    "risk_review",
    "list",
    "department",
    "owner",
    "became",
)


@require_GET
@page("returns.view")
def worklist(request: HttpRequest) -> HttpResponse:
    actor, filters = actor_of(request), filters_of(request)
    found = work.worklist(actor, filters, utcnow())
    if filters.text and len(found.rows) == 1 and not found.more and _exact(found.rows[0], filters.text):
        return redirect("desk:return", found.rows[0].id)
    shops = [
        shop for shop in org.shops().values() if actor.scope.holds(shop.company_id, shop.id, actor.scope.warehouse_id)
    ]
    context = {
        "page": found,
        "filters": filters,
        "shops": shops,
        "states": list(lifecycle.State),
        "types": list(lifecycle.Type),
        "queues": [*(["mine"] if found.counts["mine"] or actor.may(approvals.ALONE) else []), *work.QUEUES],
        "queue": request.GET.get("queue", ""),
        "leak": filters.leak,
        "departments": list(departments.Department),
        "owner": request.GET.get("owner", ""),
        "may_assign": actor.may(ASSIGN),
        "colleagues": owners.colleagues(actor, actor.scope),
        "quick": quick_days(request),
        "active": any(request.GET.get(name) for name in FILTERS),
    }
    return render(request, "desk/worklist.html", context)


def quick_days(request: HttpRequest) -> list[dict[str, Any]]:
    """Today and this week as filters, in the reader's zone; `here` where the page shows just that."""
    today = timezone.localtime(utcnow()).date()
    monday, given = today - timedelta(days=today.weekday()), (request.GET.get("since"), request.GET.get("until"))
    spans = ((_("Today"), today), (_("This week"), monday))
    return [
        {"label": label, "since": since, "until": today, "here": given == (since.isoformat(), today.isoformat())}
        for label, since in spans
    ]


def _exact(row: work.Row, text: str) -> bool:
    """A scanned or pasted number opens its return at once."""
    typed = text.strip().upper()
    return typed == row.number.upper() or typed.replace("-", "").replace(" ", "") == row.rma_code


def filters_of(request: HttpRequest) -> work.Filters:
    """Filters live in the address; what is not understood there is left out."""
    given = request.GET
    states = [state for state in given.getlist("state") if state in set(lifecycle.State)]
    return work.Filters(
        states=states or work.QUEUES.get(given.get("queue", ""), ()),
        shop_id=_uuid(given.get("shop", "")),
        type=given.get("type", "") if given.get("type", "") in set(lifecycle.Type) else "",
        text=given.get("q", "")[:80],
        since=_day(given.get("since", "")),
        until=_day(given.get("until", ""), days=1),
        overdue=given.get("overdue") == "1",
        due_before=tonight() if given.get("due") == "today" else None,
        clock=given.get("clock", "") if given.get("clock") in set(Kind) else "",
        escalated=given.get("escalated") == "1",
        mine=actor_of(request) if given.get("queue") == "mine" else None,
        department=given.get("department", "") if given.get("department") in set(departments.Department) else "",
        owner_id={"me": actor_of(request).id, "nobody": NIL}.get(given.get("owner", "")),
        risky=given.get("risky") == "1",
        risk_review=given.get("risk_review") == "1",
        became=given.get("became", "") if given.get("became") in BECAME else "",
        leak=given.get("list", "") if given.get("list") in work.FOUR else "",
        sort=given.get("sort", "") if given.get("sort") in work.SORTS else "new",
        after=_uuid(given.get("after", "")),
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str, days: int = 0) -> datetime | None:
    """Midnight of a day in the reader's zone, `days` later."""
    try:
        found = parse_date(text)
    except ValueError:
        return None
    if found is None:
        return None
    return timezone.make_aware(datetime.combine(found, time()) + timedelta(days=days))


@require_GET
@page("returns.view")
def sheet(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = dossiers.dossier(pk, actor_of(request), utcnow())
    if found is None:
        raise Http404
    context = {
        "d": found,
        "asked": answers.inputs(found),
        "may_account": actor_of(request).may(ENTER),
        "may_pack": actor_of(request).may(casefile.PERMISSION),
        "may_list": actor_of(request).may(watching.LIST),
        "form": request.GET.get("do", ""),
        "given": {},
        "dispositions": list(lifecycle.Disposition),
        "refund_to": list(RefundTo),
        "faults": list(FAULTS.items()),
        "may_undo_exchange": all(actor_of(request).may(lifecycle.COMMANDS[name].permission) for name in UNDOING),
        "pay_ways": WAYS,
        "conditions": [one.code for one in CONDITIONS],
        "form_key": new_id().hex,
    }
    return render(request, "desk/return.html", context)
