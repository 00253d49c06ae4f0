"""To which account the customer wants his transfer."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from guicang.insights import payees, shopper_return
from guicang.kernel.clock import utcnow
from guicang.payments.facts import Details
from guicang.payments.queries.payees import account_kinds
from guicang.portal.forms import sentences
from guicang.portal.gate import own_return, proved
from guicang.returns.steps.give_payee import Giving, give_payees


@never_cache
@require_http_methods(["GET", "POST"])
@proved
def account(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A page of its own, which a link leads to. What was typed wrong is shown again once, and kept nowhere."""
    actor, now = own_return(request, pk), utcnow()
    given, errors = request.POST, []
    if request.method == "POST":
        said = Details(*(given.get(name, "")[:200] for name in ("kind", "name", "account", "bank", "code")))
        (outcome,) = give_payees(payees=[Giving(pk, said)], actor=actor, now=now)
        if outcome.ok:
            messages.success(request, _("Thank you. We send the money to this account."))
            return redirect("portal:return", pk)
        errors = list(sentences(outcome.refusals))
    sheet = shopper_return.sheet(pk, actor.id, now)
    if sheet.transfer is None or not sheet.may_give_account:
        for one in errors:
            messages.error(request, one)
        return redirect("portal:return", pk)
    company_id = sheet.header.company_id
    kinds = payees.first(account_kinds([company_id])[company_id], sheet.header.currency)
    context = {"s": sheet, "given": given, "errors": errors, "kinds": kinds}
    return render(request, "portal/account.html", context, status=409 if errors else 200)
