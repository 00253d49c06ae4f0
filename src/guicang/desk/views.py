"""The start page, and what a supervisor of processes asks."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from guicang.insights.queries import overview
from guicang.kernel.readiness import problems


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """What is in the database, in plain words."""
    return render(request, "desk/start.html", {"groups": overview()})


@never_cache
@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """The process is alive. Never asks the database: a restart of this process would not mend that."""
    return JsonResponse({"status": "alive"})


@never_cache
@require_GET
def readyz(request: HttpRequest) -> JsonResponse:
    """200 if requests can be served, else 503 with every reason (codes of the system checks)."""
    found = problems(connection)
    reasons = [{"code": f"guicang.{one.code}", "reason": one.sentence, "hint": one.hint} for one in found]
    return JsonResponse({"status": "not ready" if found else "ready", "reasons": reasons}, status=503 if found else 200)
