"""What is in the database, its proofs, and what a supervisor of processes asks."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from guicang.desk.gate import page
from guicang.insights.queries import overview
from guicang.kernel.readiness import problems
from guicang.proofs import queries as proofs


@require_GET
@page("org.manage")
def start(request: HttpRequest) -> HttpResponse:
    """What is in the database, in plain words."""
    return render(request, "desk/start.html", {"groups": overview()})


@require_GET
@page("proofs.run")
def verify(request: HttpRequest) -> HttpResponse:
    """Every proof over one snapshot, run when asked for: it reads whole tables."""
    found = proofs.run() if request.GET.get("run") else None
    return render(request, "desk/verify.html", {"proofs": found, "whole": found and all(one.ok for one in found)})


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
