"""Terms of business customers: prices of goods without an order, prices agreed, yearly return quotas."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods

from guicang.catalog import queries as catalogue
from guicang.desk.gate import actor_of, page
from guicang.desk.saying import done
from guicang.desk.typed import basis_points, uuids
from guicang.insights import prices as insight
from guicang.insights import quotas as quota_insight
from guicang.insights.journal import companies
from guicang.kernel.actor import Scope
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refused
from guicang.org import queries as org
from guicang.org.queries import in_use
from guicang.parties import queries as parties
from guicang.returns import errors
from guicang.returns.operations import price_rules
from guicang.returns.operations import quotas as quota_rules
from guicang.returns.operations.price_rules import Agreement
from guicang.returns.pricing import FOREVER, SOURCES, Rules
from guicang.returns.quotas import Rules as Quota
from guicang.ui.amounts import typed_minor

VIEW = "policy.view"


@require_http_methods(["GET", "POST"])
@page(VIEW)
def prices(request: HttpRequest) -> HttpResponse:
    """Rules of each company by group of customers; prices agreed; `act`: rules or agree."""
    actor, given = actor_of(request), request.POST
    if request.method == "POST" and _act(request, given):
        return redirect("desk:prices")
    typed = request.GET.get("q", "").strip()[:80]
    after = next(iter(uuids([request.GET.get("after", "")])), None)
    rows, more = insight.agreed(actor.scope, typed, after)
    context = {
        "stated": insight.stated(in_use(companies(actor.scope)), request.GET.get("tier", "")),
        "sources": insight.SOURCE_WORDS,
        "pays": insight.PAYS_WORDS,
        "rows": rows,
        "more": more,
        "q": typed,
        "shops": shops_of(actor.scope),
        "given": given,
        "may_state": actor.may(price_rules.STATE),
        "may_import": actor.may("intake.run"),
    }
    return render(request, "desk/prices.html", context, status=409 if request.method == "POST" else 200)


def shops_of(scope: Scope) -> list[org.ShopInfo]:
    return [shop for shop in org.shops().values() if scope.holds(shop.company_id, shop.id, NIL)]


def _act(request: HttpRequest, given: QueryDict) -> bool:
    if given.get("act") == "agree":
        return done(request, "prices.agree", lambda context: _agree(context, given))
    company_id = next(iter(uuids([given.get("company", "")])), NIL)
    known = org.companies([company_id]).get(company_id)
    rules, tier = _rules(given, known.currency if known else ""), given.get("tier", "")
    return done(request, "prices.rules", lambda context: price_rules.state_rules(context, company_id, tier, rules))


def _rules(given: QueryDict, currency: str) -> Rules:
    return Rules(
        sources=tuple(dict.fromkeys(one for one in given.getlist("source") if one in SOURCES)),
        days=whole(given.get("days", "")),
        most_minor=limit(given.get("most", ""), currency),
        refers=bool(given.get("refers")),
        pays=given.get("pays", ""),
    )


def whole(text: str) -> int:
    """A whole number; -1, which no rule may say, for anything else."""
    typed = text.strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 5 else -1  # noqa: PLR2004


def limit(text: str, currency: str) -> int:
    """An amount, 0 where nothing or 0 was typed; -1, which no rule may say, for anything else."""
    if not text.strip().strip("0.,"):
        return 0
    found = typed_minor(text, currency)
    return -1 if found is None else found


def day_of(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _agree(context: Context, given: QueryDict) -> None:
    """Raises Refused for whatever is wrong with it."""
    shop, customer_id, sku_id = named(context.actor.scope, given, given.get("sku", ""))
    amount, since = typed_minor(given.get("price", ""), shop.currency), day_of(given.get("since", ""))
    if amount is None:
        raise Refused([errors.BadAmount(amount_minor=given.get("price", "")[:20])])
    if since is None:
        raise Refused([errors.BadChoice(column="since", value=given.get("since", "")[:20])])
    until = day_of(given.get("until", "")) or FOREVER
    (outcome,) = price_rules.agree(context, [Agreement(customer_id, sku_id, shop.currency, amount, since, until)])
    if not outcome.ok:
        raise Refused(outcome.refusals)


def named(scope: Scope, given: QueryDict, code: str) -> tuple[org.ShopInfo, UUID, UUID]:
    """The shop, the customer and the article that were typed. Raises Refused(NoSuchCustomer, NoSuchArticle)."""
    shop, customer_id = customer_named(scope, given)
    typed = code.strip()[:80]
    sku = catalogue.skus_by_code([(shop.company_id, typed)]).get((shop.company_id, typed))
    if sku is None:
        raise Refused([errors.NoSuchArticle(code=typed)])
    return shop, customer_id, sku.id


def customer_named(scope: Scope, given: QueryDict) -> tuple[org.ShopInfo, UUID]:
    """The shop and the customer that were typed. Raises Refused(NoSuchCustomer)."""
    shop = next((one for one in shops_of(scope) if str(one.id) == given.get("shop")), None)
    number = given.get("customer", "").strip()[:120]
    customer = parties.customers_by_key([(shop.id, number)]).get((shop.id, number)) if shop and number else None
    if shop is None or customer is None:
        raise Refused([errors.NoSuchCustomer(number=number)])
    return shop, customer.id


@require_http_methods(["GET", "POST"])
@page(VIEW)
def quotas(request: HttpRequest) -> HttpResponse:
    """The yearly return quota of each company by group of customers."""
    actor, given = actor_of(request), request.POST
    if request.method == "POST" and _state_quota(request, given):
        return redirect("desk:quotas")
    context = {
        "stated": quota_insight.stated(in_use(companies(actor.scope)), request.GET.get("tier", "")),
        "of": quota_insight.OF_WORDS,
        "above": quota_insight.ABOVE_WORDS,
        "may_state": actor.may(quota_rules.STATE),
    }
    return render(request, "desk/quotas.html", context, status=409 if request.method == "POST" else 200)


def _state_quota(request: HttpRequest, given: QueryDict) -> bool:
    company_id = next(iter(uuids([given.get("company", "")])), NIL)
    known, tier = org.companies([company_id]).get(company_id), given.get("tier", "")
    rules = Quota(
        share_bp=basis_points(given.get("share", "")),
        of=given.get("of", ""),
        fixed_minor=limit(given.get("fixed", ""), known.currency if known else ""),
        above=given.get("above", ""),
        fee_bp=basis_points(given.get("fee", "")),
    )
    return done(request, "quotas.rules", lambda context: quota_rules.state_rules(context, company_id, tier, rules))
