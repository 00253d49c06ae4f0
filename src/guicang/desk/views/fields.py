"""What forms ask besides: a company's own fields, kept in order, with the history of each."""

from __future__ import annotations

from collections.abc import Mapping
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
from guicang.ui.masters import ASKED_OF, FIELD_KINDS

COMMAND = "settings.field"
#: Empty rows for options that the form shows besides those there are.
MORE_OPTIONS = 4


@require_http_methods(["GET", "POST"])
@page("org.manage")
def several(request: HttpRequest) -> HttpResponse:
    """The fields of each company, and the form for a new one; `act` up or down moves one."""
    given = request.POST
    if request.method == "POST" and _act(request, given):
        return redirect("desk:fields")
    mine = in_use(companies(actor_of(request).scope))
    known = policies.fields(company.id for company in mine)
    said = _facts(given) if "zh" in given else {}
    context = {
        "kind": "fields",
        "kinds": KINDS,
        "lists": [(company, list(known[company.id].values())) for company in mine],
        "given": given,
        **_form(said),
    }
    return render(request, "desk/fields.html", context, status=409 if request.method == "POST" else 200)


def _act(request: HttpRequest, given: QueryDict) -> bool:
    company_id = next(iter(uuids([given.get("company", "")])), NIL)
    if given.get("act") in ("up", "down"):
        field_id, up = next(iter(uuids([given.get("field", "")])), NIL), given["act"] == "up"
        return done(request, COMMAND, lambda context: policy.move_field(context, company_id, field_id, up=up))
    code, facts = given.get("code", "").strip(), _facts(given)
    return done(request, COMMAND, lambda context: policy.add_field(context, company_id, code, facts))


@require_http_methods(["GET", "POST"])
@page("org.manage")
def one(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One field: what it is called and whom it asks, archiving, history."""
    found = kept.field_sheet(pk, actor_of(request).scope)
    if found is None:
        raise Http404
    given = request.POST
    if request.method == "POST" and _change(request, found.company.id, pk):
        return redirect("desk:field", pk)
    said = _facts(given) if "zh" in given else found.info._asdict()
    context = {"kind": "fields", "kinds": KINDS, "s": found, **_form({**said, "kind": found.info.kind})}
    return render(request, "desk/field.html", context, status=409 if request.method == "POST" else 200)


def _change(request: HttpRequest, company_id: UUID, pk: UUID) -> bool:
    given = request.POST
    if given.get("act") in ("archive", "restore"):
        archived = given["act"] == "archive"
        return done(request, COMMAND, lambda context: policy.archive_field(context, company_id, pk, archived))
    facts = _facts(given)
    return done(request, COMMAND, lambda context: policy.change_field(context, company_id, pk, facts))


def _form(said: Mapping[str, Any]) -> dict[str, Any]:
    """What the form holds, with empty rows for more options."""
    options = [*said.get("options", ()), *[{}] * MORE_OPTIONS]
    return {"said": said, "options": options, "field_kinds": FIELD_KINDS.items(), "asked_of": ASKED_OF.items()}


def _facts(given: QueryDict) -> dict[str, Any]:
    names = ("zh", "en", "help_zh", "help_en", "kind", "asked_of")
    texts: dict[str, Any] = {name: given.get(name, "").strip() for name in names}
    places = range(policy.MOST_OPTIONS + MORE_OPTIONS)
    options = [
        {name: given.get(f"option.{place}.{name}", "").strip() for name in ("code", "zh", "en")} for place in places
    ]
    texts["options"] = [option for option in options if any(option.values())]
    return {**texts, **{name: bool(given.get(name)) for name in ("per_line", "required")}}
