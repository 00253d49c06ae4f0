"""A policy tried before it is published: over past returns by the worker, and at once on a few orders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guicang.desk import files
from guicang.desk.files import Column
from guicang.desk.gate import actor_of, page
from guicang.desk.saying import say
from guicang.desk.views.policy import address, carried_out, choices_of, company_of
from guicang.insights import policies as vocabulary
from guicang.insights import trials
from guicang.kernel.clock import utcnow
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.money import from_minor
from guicang.org import queries as org
from guicang.policy import errors, operations
from guicang.policy import queries as policies
from guicang.policy.queries import files as shipped
from guicang.policy.queries import words
from guicang.policy.queries.reviews import months_of
from guicang.policy.rules import Statement
from guicang.returns.operations.trying import Question

#: Days that a run looks back where nobody says otherwise.
USUAL_DAYS = 365
DRAFT, FROZEN = "draft", "frozen"


def _company(request: HttpRequest, given: str = "") -> org.MasterInfo:
    """The company; figures of all of it are for those alone who see all of it."""
    scope = actor_of(request).scope
    if scope.shop_id != NIL or scope.warehouse_id != NIL:
        raise Http404
    return company_of(request, given)


class Tried(NamedTuple):
    name: str
    statement: Statement


def _tried(company: org.MasterInfo, source: str) -> Tried | None:
    """What is chosen: the draft, a template, or a version by its number."""
    if source == DRAFT:
        draft = policies.draft(company.id)
        return Tried(draft.name, draft.statement) if draft else None
    if source in shipped.presets():
        preset = shipped.presets()[source]
        chinese = (get_language() or "zh").startswith("zh")
        return Tried(preset.zh if chinese else preset.en, preset.statement)
    found = next((one for one in policies.versions(company.id, utcnow()) if str(one.number) == source), None)
    return Tried(_("version %(number)s: %(name)s") % _facts(found), found.statement) if found else None


def _facts(version: policies.Version) -> dict[str, Any]:
    return {"number": version.number, "name": version.name}


def _baseline(company: org.MasterInfo, chosen: str) -> tuple[UUID, str]:
    """(version, its name) that it is compared with; (NIL, '') for the one that each order is frozen to."""
    found = next((one for one in policies.versions(company.id, utcnow()) if str(one.number) == chosen), None)
    return (found.id, _("version %(number)s: %(name)s") % _facts(found)) if found else (NIL, "")


@require_GET
@page("policy.view")
def runs(request: HttpRequest) -> HttpResponse:
    """What was tried so far, and the form of the next trial."""
    company = _company(request)
    now = utcnow().astimezone(ZoneInfo(company.facts["zone"])).date()
    context = {
        "company": company,
        "runs": trials.runs(company.id),
        "draft": policies.draft(company.id),
        "versions": policies.versions(company.id, utcnow()),
        "presets": shipped.presets().values(),
        "may_change": actor_of(request).may("policy.manage"),
        "chosen": request.GET.get("source", ""),
        "against": request.GET.get("baseline", ""),
        "months": months_of(company.id),
        "since": (now - timedelta(days=USUAL_DAYS)).isoformat(),
        "until": now.isoformat(),
    }
    return render(request, "desk/policy_tries.html", context)


@require_POST
@page("policy.manage")
def start(request: HttpRequest) -> HttpResponse:
    """Queue a run over past returns."""
    company = _company(request, request.POST.get("company", ""))
    tried, span = _tried(company, request.POST.get("source", "")), _span(request, company.facts["zone"])
    if tried is None or span is None:
        say(request, [errors.DraftMissing() if tried is None else errors.SpanBad()])
        return redirect(address("policy_tries", company))
    baseline_id, baseline_name = _baseline(company, request.POST.get("baseline", FROZEN))
    amounts = bool(request.POST.get("amounts"))
    trial = operations.Trial(tried.name, tried.statement, *span, baseline_id, baseline_name, amounts)
    made: list[UUID] = []

    def act(context: Context) -> None:
        made.append(operations.start_simulation(context, company.id, trial))
        if _in_force(company) == request.POST.get("source", ""):
            operations.looked(company.id, context.now)

    if not carried_out(request, "policy.simulate", act):
        return redirect(address("policy_tries", company))
    return redirect(f"{reverse('desk:policy_try', args=made)}?company={company.code}")


def _in_force(company: org.MasterInfo) -> str:
    """The number of the version in force."""
    return next((str(one.number) for one in policies.versions(company.id, utcnow()) if one.state == "in_force"), "")


@require_POST
@page("policy.manage")
def review(request: HttpRequest) -> HttpResponse:
    """Every how many months the first page asks for a look at what the policy does."""
    company = _company(request, request.POST.get("company", ""))
    typed = request.POST.get("months", "").strip()
    months = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else -1  # noqa: PLR2004
    carried_out(request, "policy.review", lambda context: operations.set_review(context, company.id, months))
    return redirect(address("policy_tries", company))


def _span(request: HttpRequest, zone: str) -> tuple[datetime, datetime] | None:
    """From the first day until the end of the last one, in the company's zone."""
    try:
        days = [datetime.fromisoformat(request.POST.get(name, "")).date() for name in ("since", "until")]
        first, last = (datetime.combine(day, time.min, ZoneInfo(zone)) for day in days)
        return first, last + timedelta(days=1)
    except (ValueError, OverflowError):
        return None


def _result(request: HttpRequest, company: org.MasterInfo, pk: UUID) -> trials.Result:
    found = trials.result(company.id, pk, utcnow())
    if found is None:
        raise Http404
    return found


@require_GET
@page("policy.view")
def run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far it is, then what it found."""
    company = _company(request)
    context = {
        "company": company,
        "s": _result(request, company, pk),
        "outcomes": trials.OUTCOME_WORDS,
        "may_change": actor_of(request).may("policy.manage"),
        "may_open": actor_of(request).may("returns.view"),
    }
    return render(request, "desk/policy_try.html", context)


@require_POST
@page("policy.manage")
def act(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Cancel a run, or go on with one that was cancelled or failed."""
    company = _company(request, request.POST.get("company", ""))
    resume = request.POST.get("act") == "resume"
    deed = operations.resume_simulation if resume else operations.cancel_simulation
    carried_out(request, "policy.simulate", lambda context: deed(context, pk, company.id))
    return redirect(f"{reverse('desk:policy_try', args=[pk])}?company={company.code}")


#: A row of the file: where it belongs, what it says, before, after, and the unit.
_COLUMNS = (
    Column(gettext_lazy("Part"), lambda row: row[0]),
    Column(gettext_lazy("What"), lambda row: row[1]),
    Column(gettext_lazy("Before"), lambda row: row[2], "number"),
    Column(gettext_lazy("After"), lambda row: row[3], "number"),
    Column(gettext_lazy("Difference"), lambda row: row[3] - row[2], "number"),
    Column(gettext_lazy("Unit"), lambda row: row[4]),
)
Row = tuple[str, str, Any, Any, str]


@require_GET
@page("policy.view")
def export(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The figures of a run as CSV, the break-downs with them."""
    company = _company(request)
    found = _result(request, company, pk)
    answer = StreamingHttpResponse(
        files.csv_text(_COLUMNS, [list(_rows(found))]), content_type="text/csv; charset=utf-8"
    )
    name = f"policy-trial-{company.code}-{found.run.created_at:%Y%m%d-%H%M}.csv"
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer


def _rows(found: trials.Result) -> Iterator[Row]:
    for one in found.figures:
        sides = [from_minor(int(n), one.unit) if one.is_money else n for n in (one.before, one.after)]
        yield _("All"), one.label, sides[0], sides[1], one.unit
    for title, rows in found.breakdowns:
        for row in rows:
            for became, before, after in row.cells:
                yield title, f"{row.label}: {became}", before, after, ""


@require_GET
@page("policy.manage")
def check(request: HttpRequest) -> HttpResponse:
    """The draft on a few orders, at once: every line with its answer, every reason and the policy behind it."""
    company = _company(request)
    draft = policies.draft(company.id)
    if draft is None:
        say(request, [errors.DraftMissing()])
        return redirect(address("policy", company))
    given = request.GET
    typed = given.get("orders", "")[:2_000]
    numbers = [one for one in re.split(r"[\s,;，；、]+", typed) if one]
    question = Question(given.get("reason", "")[:40], given.get("condition", "")[:40], utcnow())
    orders, unknown = trials.quick(company.id, draft.statement, numbers, question)
    choices = choices_of(vocabulary.vocabulary(company.id))
    context = {
        "company": company,
        "draft": draft,
        "orders": orders,
        "unknown": words.listed(unknown),
        "typed": typed,
        "question": question,
        "reasons": choices["reasons"],
        "conditions": choices["conditions"],
        "most": trials.MOST_ORDERS,
    }
    return render(request, "desk/policy_check.html", context)
