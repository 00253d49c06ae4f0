"""Why goods come back, as customers may say it: a company's own list, kept in order, with the history of each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from guicang.desk.gate import actor_of, page
from guicang.desk.saying import done
from guicang.desk.typed import uuids
from guicang.insights import settings as kept
from guicang.insights.journal import companies
from guicang.kernel.ids import NIL
from guicang.org.queries import KINDS, in_use
from guicang.policy import operations as policy
from guicang.policy import queries as policies
from guicang.policy.facts import FAULTS


@require_http_methods(["GET", "POST"])
@page("org.manage")
def several(request: HttpRequest) -> HttpResponse:
    """The list of each company, and the form for a new reason; `act` up or down moves one."""
    given = request.POST
    if request.method == "POST" and _act(request, given):
        return redirect("desk:reasons")
    mine = in_use(companies(actor_of(request).scope))
    known = policies.reasons(company.id for company in mine)
    context = {
        "kind": "reasons",
        "kinds": KINDS,
        "lists": [(company, list(known[company.id].values())) for company in mine],
        "faults": FAULTS,
        "given": given if "act" not in given else {},
    }
    return render(request, "desk/reasons.html", context, status=409 if request.method == "POST" else 200)


def _act(request: HttpRequest, given: QueryDict) -> bool:
    company_id = next(iter(uuids([given.get("company", "")])), NIL)
    if given.get("act") in ("up", "down"):
        reason_id, up = next(iter(uuids([given.get("reason", "")])), NIL), given["act"] == "up"
        return done(
            request, "settings.reason", lambda context: policy.move_reason(context, company_id, reason_id, up=up)
        )
    code, facts = given.get("code", "").strip(), _facts(given)
    return done(request, "settings.reason", lambda context: policy.add_reason(context, company_id, code, facts))


@require_http_methods(["GET", "POST"])
@page("org.manage")
def one(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One reason: what it says and means, archiving, history."""
    found = kept.reason_sheet(pk, actor_of(request).scope)
    if found is None:
        raise Http404
    given = request.POST
    if request.method == "POST" and _change(request, found.company.id, pk):
        return redirect("desk:reason", pk)
    said = _facts(given) if "zh" in given else found.reason._asdict()
    context = {"kind": "reasons", "kinds": KINDS, "s": found, "said": said, "faults": FAULTS}
    return render(request, "desk/reason.html", context, status=409 if request.method == "POST" else 200)


def _change(request: HttpRequest, company_id: UUID, pk: UUID) -> bool:
    given = request.POST
    if given.get("act") in ("archive", "restore"):
        archived = given["act"] == "archive"
        return done(
            request, "settings.reason", lambda context: policy.archive_reason(context, company_id, pk, archived)
        )
    facts = _facts(given)
    return done(request, "settings.reason", lambda context: policy.change_reason(context, company_id, pk, facts))


def _facts(given: QueryDict) -> dict[str, Any]:
    texts = {name: given.get(name, "").strip() for name in ("zh", "en", "fault")}
    return {**texts, **{name: bool(given.get(name)) for name in ("asks_evidence", "before_shipment")}}
