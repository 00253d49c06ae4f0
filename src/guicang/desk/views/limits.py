"""Money without goods: how much each role may grant; and what became of the insurance of a way back."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from guicang.desk.gate import actor_of, page
from guicang.desk.saying import done
from guicang.desk.typed import uuids
from guicang.desk.views.wholesale import day_of, limit
from guicang.insights.journal import companies
from guicang.insights.limits import stated
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import NIL
from guicang.org import queries as org
from guicang.org.queries import KINDS, in_use
from guicang.returns import queries as returns
from guicang.returns.limits import Limit, Rules
from guicang.returns.operations import insurance, money_limits
from guicang.returns.operations.insurance import Insured
from guicang.staff.rules import STAFF


@require_http_methods(["GET", "POST"])
@page(money_limits.STATE)
def limits(request: HttpRequest) -> HttpResponse:
    """`<limit>.<role>` for one company; 0 or empty: no limit."""
    given = request.POST
    if request.method == "POST":
        company_id = next(iter(uuids([given.get("company", "")])), NIL)
        known = org.companies([company_id]).get(company_id)
        rules = _rules(given, known.currency if known else "")
        if done(request, "money.limits", lambda context: money_limits.state_rules(context, company_id, rules)):
            return redirect("desk:money_limits")
    mine = stated(in_use(companies(actor_of(request).scope)))
    context = {"kind": "money_limits", "kinds": KINDS, "stated": mine}
    return render(request, "desk/money_limits.html", context, status=409 if request.method == "POST" else 200)


def _rules(given: QueryDict, currency: str) -> Rules:
    def typed(role: str) -> Limit:
        return Limit(*(limit(given.get(f"{name}.{role}", ""), currency) for name in Limit._fields))

    return Rules({role: one for role in STAFF if any(one := typed(role))})


@require_POST
@page(insurance.INSURE)
def insure(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down who insured the way back of a return, and what became of the claim."""
    given, currency = request.POST, returns.currencies([pk]).get(pk, "")
    said = Insured(
        given.get("insured_by", ""),
        given.get("state", ""),
        day_of(given.get("day", "")) or utcnow().date(),
        given.get("insurer", "").strip(),
        given.get("policy_number", "").strip(),
        limit(given.get("amount", ""), currency),
    )
    done(request, "returns.insure", lambda context: insurance.insure(context, pk, said))
    return redirect(f"{reverse('desk:return', args=[pk])}#insurance")
