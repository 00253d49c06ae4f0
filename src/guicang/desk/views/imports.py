"""Files that come in: their history, what became of their rows, and the rows that were set aside."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from guicang.desk.gate import actor_of, page
from guicang.desk.saying import say
from guicang.desk.typed import uuids
from guicang.insights import imports
from guicang.intake.saved import delete_profile, rename_profile
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refused
from guicang.ui.words import FILES

PERMISSION = "intake.run"


@require_GET
@page(PERMISSION)
def history(request: HttpRequest) -> HttpResponse:
    kind = request.GET.get("kind", "") if request.GET.get("kind", "") in FILES else ""
    after = next(iter(uuids([request.GET.get("after", "")])), None)
    entries, more = imports.history(actor_of(request).scope, kind, after)
    context = {"entries": entries, "more": more, "kind": kind, "kinds": FILES, "after": after}
    context["open"] = [] if kind or after else imports.open_files(actor_of(request).scope)[0]
    return render(request, "desk/imports.html", context)


@require_http_methods(["GET", "POST"])
@page(PERMISSION)
def profiles(request: HttpRequest) -> HttpResponse:
    """How files are read, as companies keep it: `act` rename or delete one."""
    actor, given = actor_of(request), request.POST
    if request.method == "POST" and _changed(request, next(iter(uuids([given.get("profile", "")])), NIL)):
        return redirect("desk:profiles")
    context = {"rows": imports.kept_profiles(actor.scope), "given": given}
    return render(request, "desk/profiles.html", context, status=409 if request.method == "POST" else 200)


def _changed(request: HttpRequest, profile_id: UUID) -> bool:
    actor, given = actor_of(request), request.POST
    try:
        if given.get("act") == "delete":
            delete_profile(profile_id, actor=actor, now=utcnow())
            messages.success(request, _("The profile is deleted."))
        else:
            rename_profile(profile_id, given.get("name", ""), actor=actor, now=utcnow())
            messages.success(request, _("Saved."))
    except Refused as refused:
        say(request, refused.refusals)
        return False
    return True


@require_GET
@page(PERMISSION)
def sheet(request: HttpRequest, pk: UUID) -> HttpResponse:
    after = request.GET.get("after", "")
    row = int(after) if after.isascii() and after.isdigit() and len(after) < 12 else 0  # noqa: PLR2004
    code = request.GET.get("why", "")[:40]
    found = imports.sheet(pk, actor_of(request).scope, code, row)
    if found is None:
        raise Http404
    return render(request, "desk/import.html", {"s": found, "entry": found.entry, "why": code, "after": row})


@require_GET
@page(PERMISSION)
def rows(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The rows set aside as they came, with the reason; nothing in it is computed by a spreadsheet."""
    found = imports.aside_file(pk, actor_of(request).scope)
    if found is None:
        raise Http404
    name, lines = found
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer
