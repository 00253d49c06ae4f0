"""Store credit: accounts with their movements, changes by hand with a second look, rules, win-back coupons."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from guicang.desk.gate import actor_of, page
from guicang.desk.saying import done
from guicang.desk.typed import basis_points, uuids
from guicang.insights import credit
from guicang.insights.journal import companies
from guicang.kernel.clock import utcnow
from guicang.kernel.ids import NIL
from guicang.org.queries import in_use
from guicang.payments.facts import REASONS
from guicang.payments.operations import adjusting, credit_rules
from guicang.payments.operations.credit import AccountKey
from guicang.payments.rules.credit import Rules
from guicang.policy.facts import FAULTS
from guicang.ui.amounts import typed_minor

VIEW = "payments.view_credit"
_PERCENT = ("bonus_bp", "coupon_bp")
_AMOUNTS = ("bonus_most_minor", "coupon_minor", "coupon_least_minor", "coupon_from_minor")
_DAYS = ("bonus_days", "money_days", "warn_days", "coupon_days")
_TICKS = ("money_lawful", "coupon_on", "coupon_first")


@require_http_methods(["GET", "POST"])
@page(VIEW)
def several(request: HttpRequest) -> HttpResponse:
    """The largest balances, or a customer's; what waits for a second look, which is given here."""
    actor = actor_of(request)
    if request.method == "POST" and _decide(request):
        return redirect("desk:credit")
    typed = request.GET.get("q", "").strip()[:80]
    rows, more = credit.accounts(actor.scope, typed)
    context = {
        "rows": rows,
        "more": more,
        "q": typed,
        "totals": credit.totals(actor.scope),
        "waiting": credit.waiting(actor.scope),
        "me": actor.id,
        "may_decide": actor.may(adjusting.DECIDE),
        "may_state": actor.may(credit_rules.STATE),
    }
    return render(request, "desk/credit.html", context, status=409 if request.method == "POST" else 200)


def _decide(request: HttpRequest) -> bool:
    """Grant or decline a change by hand."""
    key, grant = next(iter(uuids([request.POST.get("adjustment", "")])), NIL), request.POST.get("act") == "grant"
    return done(request, "credit.decide", lambda context: adjusting.decide_adjustment(context, key, grant=grant))


@require_http_methods(["GET", "POST"])
@page(VIEW)
def one(request: HttpRequest, pk: UUID) -> HttpResponse:
    """An account: lots, history, and asking for a change by hand."""
    actor = actor_of(request)
    sheet = credit.account(actor.scope, pk, utcnow())
    if sheet is None:
        raise Http404
    if request.method == "POST" and _ask(request, sheet.account):
        return redirect("desk:credit_account", pk)
    context = {
        "s": sheet,
        "reasons": list(REASONS),
        "given": request.POST,
        "may_adjust": actor.may(adjusting.ASK),
        "may_decide": actor.may(adjusting.DECIDE),
        "me": actor.id,
    }
    return render(request, "desk/credit_account.html", context, status=409 if request.method == "POST" else 200)


def _ask(request: HttpRequest, account: credit.AccountRow) -> bool:
    given = request.POST
    amount = typed_minor(given.get("amount", ""), account.currency) or 0
    signed = -amount if given.get("direction") == "less" else amount
    key = AccountKey(account.company_id, account.customer_id, account.currency)
    reason = given.get("reason", "")
    return done(request, "credit.adjust", lambda context: adjusting.ask_adjustment(context, key, signed, reason))


@require_http_methods(["GET", "POST"])
@page(credit_rules.STATE)
def rules(request: HttpRequest) -> HttpResponse:
    """What each company says of store credit and coupons, by currency."""
    actor, given = actor_of(request), request.POST
    if request.method == "POST":
        company_id = next(iter(uuids([given.get("company", "")])), NIL)
        currency = given.get("currency", "")[:3]
        said = _rules(given, currency)
        if done(request, "credit.rules", lambda context: credit_rules.state_rules(context, company_id, currency, said)):
            return redirect("desk:credit_rules")
    context = {
        "stated": credit.stated(in_use(companies(actor.scope))),
        "faults": FAULTS,
        "given": given,
    }
    return render(request, "desk/credit_rules.html", context, status=409 if request.method == "POST" else 200)


def _rules(given: QueryDict, currency: str) -> Rules:
    said: dict[str, Any] = {name: basis_points(given.get(name, "")) for name in _PERCENT}
    said |= {name: _amount(given.get(name, ""), currency) for name in _AMOUNTS}
    said |= {name: _days(given.get(name, "")) for name in _DAYS}
    said |= {name: bool(given.get(name)) for name in _TICKS}
    return Rules(**said, coupon_faults=tuple(code for code in given.getlist("coupon_faults") if code in FAULTS))


def _amount(text: str, currency: str) -> int:
    if not text.strip() or not text.strip().strip("0.").strip():
        return 0
    found = typed_minor(text, currency)
    return -1 if found is None else found


def _days(text: str) -> int:
    typed = text.strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 5 else -1  # noqa: PLR2004


@require_GET
@page(VIEW)
def coupons(request: HttpRequest) -> HttpResponse:
    """How many were issued, redeemed and ran out, what they brought; the newest."""
    sums, rows = credit.coupons(actor_of(request).scope, utcnow())
    return render(request, "desk/coupons.html", {"sums": sums, "rows": rows})
