"""Who has to agree to which returns: a company's approval flows in their order, each with its history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from guicang.desk import field_conditions, flow_form
from guicang.desk.gate import actor_of, page
from guicang.desk.saying import done
from guicang.desk.typed import uuids
from guicang.insights import policies as read
from guicang.insights import settings as kept
from guicang.insights.journal import companies
from guicang.kernel.ids import NIL
from guicang.org.queries import KINDS, CompanyInfo
from guicang.policy import operations as policy
from guicang.policy import queries as policies
from guicang.policy.queries.flow_words import condition_words, stage_words
from guicang.staff import rules as roles
from guicang.ui.masters import FAULTS


@dataclass(frozen=True, slots=True)
class Card:
    """A flow in words."""

    info: policies.FlowInfo
    conditions: list[str]
    stages: list[str]


@require_http_methods(["GET", "POST"])
@page("org.manage")
def several(request: HttpRequest) -> HttpResponse:
    """The flows of each company in the order in which they are asked; `act` up or down moves one."""
    given = request.POST
    if request.method == "POST":
        company_id, flow_id = (next(iter(uuids([given.get(name, "")])), NIL) for name in ("company", "flow"))
        up = given.get("act") == "up"
        done(request, "settings.approvals", lambda context: policy.move_flow(context, company_id, flow_id, up=up))
        return redirect("desk:approvals")
    mine = companies(actor_of(request).scope)
    known = policies.flows(company.id for company in mine)
    lists = []
    for company in mine:
        labels = {name: dict(each) for name, each in _choices(company).items()} if known[company.id] else {}
        cards = [_card(info, company.currency, labels) for info in known[company.id]]
        used = [card for card in cards if card.info.archived_at is None]
        lists.append((company, used, [card for card in cards if card.info.archived_at]))
    return render(request, "desk/approvals.html", {"kind": "approvals", "kinds": KINDS, "lists": lists})


def _card(info: policies.FlowInfo, currency: str, labels: dict[str, dict[str, str]]) -> Card:
    stages = [stage_words(stage, labels) for stage in info.flow.stages]
    return Card(info, condition_words(info.flow.conditions, currency, labels), stages)


@require_http_methods(["GET", "POST"])
@page("org.manage")
def new(request: HttpRequest) -> HttpResponse:
    """A flow that is not there yet, asked after all others."""
    given = request.POST
    wanted = next(iter(uuids([given.get("company", "") or request.GET.get("company", "")])), NIL)
    company = next((one for one in companies(actor_of(request).scope) if wanted in (NIL, one.id)), None)
    if company is None:
        raise Http404
    data = flow_form.data_of(given, company.currency)
    words = {name: given.get(name, "").strip() for name in ("code", "zh", "en")}
    if request.method == "POST" and done(
        request, "settings.approvals", lambda context: policy.add_flow(context, company.id, **words, data=data)
    ):
        return redirect("desk:approvals")
    context = {"company": company, "words": words, **_form(company, data)}
    return render(request, "desk/approval.html", context, status=409 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@page("org.manage")
def one(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One flow: what it asks and whom, archiving, history."""
    found = kept.flow_sheet(pk, actor_of(request).scope)
    if found is None:
        raise Http404
    company, given = found.company, request.POST
    data = flow_form.data_of(given, company.currency) if "zh" in given else found.info.flow.as_data()
    words = {"zh": found.info.zh, "en": found.info.en}
    if "zh" in given:
        words = {name: given.get(name, "").strip() for name in words}
    if request.method == "POST" and _change(request, company.id, pk, words, data):
        return redirect("desk:approval", pk)
    context = {"s": found, "company": company, "words": {**words, "code": found.info.code}, **_form(company, data)}
    return render(request, "desk/approval.html", context, status=409 if request.method == "POST" else 200)


def _change(request: HttpRequest, company_id: UUID, pk: UUID, words: dict[str, str], data: dict[str, Any]) -> bool:
    act = request.POST.get("act")
    if act in ("archive", "restore"):
        archived = act == "archive"
        return done(
            request, "settings.approvals", lambda context: policy.archive_flow(context, company_id, pk, archived)
        )
    return done(
        request, "settings.approvals", lambda context: policy.change_flow(context, company_id, pk, **words, data=data)
    )


def _form(company: CompanyInfo, data: dict[str, Any]) -> dict[str, Any]:
    """What the form shows and offers."""
    choices = _choices(company)
    conditions, stages = flow_form.shown(data, company.currency, choices)
    return {
        "kind": "approvals",
        "kinds": KINDS,
        "conditions": conditions,
        "field_rows": field_conditions.shown(
            policies.fields_of(company.id).values(), data.get("conditions", {}).get("fields", ())
        ),
        "stages": stages,
        "roles": choices["roles"],
        "users": choices["users"],
    }


def _choices(company: CompanyInfo) -> dict[str, list[tuple[str, str]]]:
    """What conditions and stages can name, with what it is called; about 10 statements."""
    language = get_language() or "zh"
    chinese = language.startswith("zh")
    known = read.vocabulary(company.id)
    found = {
        name: [(code, zh if chinese else en) for code, zh, en in each]
        for name, each in (*known.scope.items(), *known.terms.items())
    }
    found["faults"] = [(code, str(text)) for code, text in FAULTS.items()]
    found["roles"] = [(code, roles.label(code, language)) for code in read.DECIDING]
    found["users"] = [(str(one.id), one.first_name or one.username) for one in read.approvers(company.id)]
    return found
