"""How each company carries out refunds, by kind of tender."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from guicang.desk.gate import actor_of, page
from guicang.desk.saying import done
from guicang.desk.typed import uuids
from guicang.insights.journal import companies
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.org.queries import KINDS, in_use
from guicang.payments import queries as payments
from guicang.payments.operations import set_ways
from guicang.payments.operations.payees import allow_wallets
from guicang.payments.queries import payees
from guicang.payments.rules import KINDS as TENDERS
from guicang.payments.rules import Way, allowed_ways
from guicang.payments.rules.payees import WALLETS


@require_http_methods(["GET", "POST"])
@page("org.manage")
def ways(request: HttpRequest) -> HttpResponse:
    """`way.<kind>` for each kind of tender of one company."""
    mine = in_use(companies(actor_of(request).scope))
    given = request.POST
    if request.method == "POST":
        company_id = next((key for key in uuids([given.get("company", "")]) if key in {one.id for one in mine}), NIL)
        said = {kind: given[f"way.{kind}"] for kind in TENDERS if f"way.{kind}" in given}
        wallets = [kind for kind in WALLETS if f"wallet.{kind}" in given]

        def keep(context: Context) -> None:
            set_ways(context, company_id, said)
            allow_wallets(context, company_id, wallets)

        if company_id != NIL and done(request, "settings.refund_ways", keep):
            return redirect("desk:refund_ways")
    known = payments.ways(one.id for one in mine)
    chosen = [kind for kind in TENDERS if len(allowed_ways(kind)) > 1]
    rows = [(one, [(kind, known[one.id].get(kind, ""), _offered(kind)) for kind in chosen]) for one in mine]
    kinds = payees.account_kinds(one.id for one in mine)
    lists = [(*each, [(kind, kind in kinds[each[0].id]) for kind in WALLETS]) for each in rows]
    context = {"kind": "refund_ways", "kinds": KINDS, "lists": lists}
    return render(request, "desk/refund_ways.html", context, status=409 if request.method == "POST" else 200)


def _offered(kind: str) -> list[Way]:
    """The provider only where one is connected."""
    return [one for one in allowed_ways(kind) if one != Way.PORT or settings.REFUND_GATEWAY]
