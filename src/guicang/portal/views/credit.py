"""My credit 我的余额: what a customer has as store credit, until when, and what moved it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from guicang.insights import credit
from guicang.kernel.clock import utcnow
from guicang.portal.gate import proved, proved_orders


@never_cache
@require_GET
@proved
def mine(request: HttpRequest) -> HttpResponse:
    """The accounts of the customers whose orders were proved."""
    owners = set(proved_orders(request).values())
    return render(request, "portal/credit.html", {"sheets": credit.own(owners, utcnow())})
