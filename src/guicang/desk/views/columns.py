"""Which columns somebody wants to see in a list."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from guicang.desk.gate import page, user_of
from guicang.staff.operations import hide_columns
from guicang.ui.columns import COLUMNS

#: Where each list stands.
ROUTES = {"returns": "desk:worklist", "orders": "desk:orders", "stock": "desk:stock", "journal": "desk:journal"}


@require_POST
@page("")
def choose(request: HttpRequest, page: str) -> HttpResponse:
    """Keep the choice, then show the list again with the filters it had."""
    if page not in COLUMNS:
        raise Http404
    shown = set(COLUMNS[page]) if request.POST.get("act") == "all" else set(request.POST.getlist("show"))
    with transaction.atomic():
        hide_columns(user_of(request).id, page, [name for name in COLUMNS[page] if name not in shown])
    kept, home = request.POST.get("filters", ""), reverse(ROUTES[page])
    return redirect(f"{home}?{kept}" if kept else home)
