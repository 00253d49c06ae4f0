"""Companies, shops, warehouses, markets and channels: made, changed, archived, with the history of each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from guicang.desk.gate import actor_of, page
from guicang.desk.saying import done
from guicang.desk.views.drawers import limits
from guicang.insights import settings as kept
from guicang.insights.ranges import range_sheet, ranges
from guicang.kernel.clock import utcnow
from guicang.kernel.numbers import Form
from guicang.org import operations as org
from guicang.org import queries as masters
from guicang.org.facts import ASKED, EDITABLE, UNSAID
from guicang.trade.operations import add_master

#: What a number of digits can be typed as; anything else is refused as none.
_DIGITS = {str(count) for count in range(100)}


@require_GET
@page("org.manage")
def home(request: HttpRequest) -> HttpResponse:
    """Settings open on the warehouses: the return address is what is asked for most."""
    return redirect("desk:settings", "warehouse")


@require_GET
@page("org.manage")
def numbers(request: HttpRequest) -> HttpResponse:
    """How far each range of numbers has come, and those that have not begun."""
    context = {"kinds": masters.KINDS, "kind": "numbers", "rows": ranges(actor_of(request).scope, utcnow())}
    return render(request, "desk/numbers.html", context)


@require_http_methods(["GET", "POST"])
@page("org.manage")
def number(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One range: how its numbers are written, which may be set before the first one is given."""
    found = range_sheet(pk, actor_of(request).scope, utcnow())
    if found is None:
        raise Http404
    given = request.POST
    if request.method == "POST":
        width = given.get("width", "").strip()
        form = Form(given.get("prefix", "").strip(), int(width) if width in _DIGITS else 0)
        if done(request, "settings.numbers", lambda context: org.set_number_form(context, *found.range.key, form)):
            return redirect("desk:number", pk)
    context = {"s": found, "given": given}
    return render(request, "desk/number.html", context, status=409 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@page("org.manage")
def several(request: HttpRequest, kind: str) -> HttpResponse:
    """All masters of a kind, and the form for a new one."""
    if kind not in masters.KINDS:
        raise Http404
    given = request.POST
    if request.method == "POST":
        code = given.get("code", "").strip()
        facts = _facts(given, ("name", *ASKED[kind]))
        if done(request, f"settings.{kind}", lambda context: add_master(context, kind, code, facts)):
            return redirect("desk:settings", kind)
    scope = actor_of(request).scope
    context = {
        "kind": kind,
        "kinds": masters.KINDS,
        "rows": masters.masters(kind, scope),
        "asked": ASKED[kind],
        "given": given,
        "limits": limits(request) if kind == "drawer" else [],
        "above": {name: _choices(name, scope) for name in ASKED[kind] if name in masters.KINDS},
    }
    return render(request, "desk/settings.html", context, status=409 if request.method == "POST" else 200)


def _choices(kind: str, scope: Any) -> list[masters.MasterInfo]:
    return [one for one in masters.masters(kind, scope) if one.archived_at is None]


@require_http_methods(["GET", "POST"])
@page("org.manage")
def one(request: HttpRequest, kind: str, pk: UUID) -> HttpResponse:
    """One master: what may change, what may not, archiving, history."""
    found = kept.sheet(kind, pk, actor_of(request).scope) if kind in masters.KINDS else None
    if found is None:
        raise Http404
    if request.method == "POST" and _change(request, kind, pk):
        return redirect("desk:setting", kind, pk)
    editable = {name: request.POST.get(name, _value(found.master, name)) for name in EDITABLE[kind]}
    fixed = {name: value for name, value in found.master.facts.items() if name not in editable}
    context = {"kind": kind, "kinds": masters.KINDS, "s": found, "editable": editable, "fixed": fixed, "unsaid": UNSAID}
    return render(request, "desk/setting.html", context, status=409 if request.method == "POST" else 200)


def _value(master: masters.MasterInfo, name: str) -> str:
    return master.name if name == "name" else str(master.facts[name])


def _change(request: HttpRequest, kind: str, pk: UUID) -> bool:
    given = request.POST
    if given.get("act") in ("archive", "restore"):
        archived = given["act"] == "archive"
        return done(request, f"settings.{kind}", lambda context: org.set_archived(context, kind, pk, archived))
    facts = _facts(given, EDITABLE[kind])
    return done(request, f"settings.{kind}", lambda context: org.change(context, kind, pk, facts))


def _facts(given: QueryDict, names: tuple[str, ...]) -> dict[str, str]:
    return {name: given.get(name, "").strip() for name in names}
