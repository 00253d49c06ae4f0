"""Erasing a person: found like an order, shown with what would go and what stays, done once and for good."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from guicang.desk.gate import actor_of, page
from guicang.desk.saying import done, say
from guicang.insights import persons as people
from guicang.parties.errors import SureMissing
from guicang.parties.operations import ERASE
from guicang.trade.operations import erase_person


@never_cache
@require_GET
@page(ERASE)
def persons(request: HttpRequest) -> HttpResponse:
    """Find a person by phone, e-mail, name or order number."""
    typed = request.GET.get("q", "")
    found, more = people.find(actor_of(request).scope, typed)
    return render(request, "desk/persons.html", {"typed": typed, "rows": found, "more": more})


@never_cache
@require_http_methods(["GET", "POST"])
@page(ERASE)
def person(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the vault holds of a person, and the act that empties it; it wants a tick."""
    found = people.sheet(pk, actor_of(request).scope)
    if found is None:
        raise Http404
    if request.method == "POST":
        if not request.POST.get("sure"):
            say(request, [SureMissing()])
        elif done(request, "parties.erase", lambda context: erase_person(context, pk), _("Erased.")):
            return redirect("desk:person", pk)
    return render(request, "desk/person.html", {"s": found}, status=409 if request.method == "POST" else 200)
