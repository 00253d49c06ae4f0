"""Many returns at once: a sheet sent or pasted, each row answered before anything is done, then one set."""

from __future__ import annotations

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guicang.desk.gate import actor_of, page
from guicang.intake import errors, sheets
from guicang.intake.tables import FileFault
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Refused

#: Characters of pasted rows: a thousand long ones.
MOST_TEXT = 200_000


@require_http_methods(["GET", "POST"])
@page("returns.request")
def sheet(request: HttpRequest) -> HttpResponse:
    """Look at the rows (`act` look), then request those that can be (`act` request, once for a form's key)."""
    typed, found = request.POST.get("rows", "")[:MOST_TEXT], None
    if request.method == "POST":
        try:
            found = _done(request, typed)
        except FileFault as fault:
            messages.error(request, errors.told(fault, _("the sheet")))
        except Refused as refused:
            for refusal in refused.refusals:
                messages.error(request, str(refusal))
    key = request.POST.get("key", "") if found and not found.made else ""
    context = {
        "sheet": found,
        "typed": _again(found, typed),
        "key": key or new_id(),
        "reasons": sheets.offered_to(actor_of(request)),
        "most": sheets.MOST,
    }
    failed = request.method == "POST" and found is None
    return render(request, "desk/sheet.html", context, status=422 if failed else 200)


def _again(found: sheets.Sheet | None, typed: str) -> str:
    """What the form holds next: after the act the rows that nothing came of, before it all of them."""
    if found is None:
        return typed
    return found.left if found.made else typed or found.text


def _done(request: HttpRequest, typed: str) -> sheets.Sheet:
    actor, now, sent = actor_of(request), utcnow(), request.FILES.get("file")
    if isinstance(sent, UploadedFile):
        return sheets.plan(sheets.from_file(sent.chunks()), actor=actor, now=now)
    lines = sheets.from_text(typed)
    key = request.POST.get("key", "")
    if request.POST.get("act") == "request" and key:
        return sheets.carry_out(lines, key=key, actor=actor, now=now)
    return sheets.plan(lines, actor=actor, now=now)
