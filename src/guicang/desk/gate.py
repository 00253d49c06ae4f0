"""Who may open which page: sign-in, permission, first password. Every view of the desk goes through `page`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guicang.kernel.actor import Actor
from guicang.staff import queries as staff
from guicang.ui.kept import keep_form

View = Callable[..., HttpResponseBase]

#: Side navigation: title, then (route, label, permission). Only what the reader may open is shown.
NAVIGATION: tuple[tuple[Any, tuple[tuple[str, Any, str], ...]], ...] = (
    ("", (("desk:home", _("Home"), ""), ("desk:worklist", _("Returns"), "returns.view"))),
    (
        _("Look up"),
        (
            ("desk:orders", _("Orders"), "sales.view"),
            ("desk:stock", _("Stock"), "inventory.view"),
            ("desk:refunds", _("Refunds"), "payments.pay"),
            ("desk:exchanges", _("Exchanges"), "returns.collect"),
            ("desk:journal", _("Journal"), "accounting.view"),
            ("desk:policy", _("Return policy"), "policy.view"),
            ("desk:risk", _("Risk"), "returns.override"),
            ("desk:prices", _("Business customers"), "policy.view"),
            ("desk:decisions", _("Decisions"), "insights.view"),
            ("desk:credit", _("Store credit"), "payments.view_credit"),
            ("desk:drawers", _("Cash drawers"), "payments.view_drawers"),
            ("desk:verify", _("Proofs"), "proofs.run"),
        ),
    ),
    (
        _("Keep"),
        (
            ("desk:imports", _("Imports"), "intake.run"),
            ("desk:users", _("Users"), "staff.manage"),
            ("desk:persons", _("Erase a person"), "parties.erase"),
            ("desk:outbox", _("Outbox"), "outbox.view"),
            ("desk:webhooks", _("Webhooks"), "webhooks.manage"),
            ("desk:settings_home", _("Settings"), "org.manage"),
            ("desk:start", _("Database"), "org.manage"),
        ),
    ),
)


#: Pages that stand behind an entry of the navigation without being its address.
WITHIN = {
    "desk:orders": ("desk:order", "desk:money", "desk:account", "desk:blind"),
    "desk:persons": ("desk:person",),
    "desk:refunds": ("desk:payee", "desk:payouts", "desk:payout"),
    "desk:prices": ("desk:quotas", "desk:rebates"),
    "desk:drawers": ("desk:shift", "desk:shift_report"),
    "desk:credit": ("desk:credit_account", "desk:credit_rules", "desk:coupons"),
    "desk:policy": (
        "desk:policy_draft",
        "desk:policy_one",
        "desk:policy_check",
        "desk:policy_tries",
        "desk:policy_try",
    ),
    "desk:settings_home": (
        "desk:settings",
        "desk:setting",
        "desk:approvals",
        "desk:approval_new",
        "desk:approval",
        "desk:reasons",
        "desk:reason",
        "desk:numbers",
        "desk:number",
        "desk:refund_ways",
        "desk:money_limits",
        "desk:freight",
    ),
}


def user_of(request: HttpRequest) -> staff.Member:
    """Who is signed in; `page` let nobody else through."""
    if not request.user.is_authenticated:
        raise PermissionDenied  # a view without `page`
    return request.user


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in member of staff as steps and queries want him."""
    return staff.actor_of(user_of(request))


def page(permission: str) -> Callable[[View], View]:
    """A view for staff with `permission` ('' for all of them): others are sent to sign in, or told whom to ask."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(_kept(request) if request.method == "POST" else request.get_full_path())
            actor = actor_of(request)
            if user_of(request).role == "customer" or (permission and not actor.may(permission)):
                return refused(request, permission)
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined] # read by the table of routes and roles
        return guarded

    return decorate


def refused(request: HttpRequest, permission: str) -> HttpResponse:
    """The page that says which permission is missing."""
    return render(request, "ui/refused.html", {"permission": permission}, status=403)


def _kept(request: HttpRequest) -> str:
    """Where the form that was sent waits for its sender; the first page where it is too large to keep."""
    key = keep_form(request)
    return reverse("desk:resume", args=[key]) if key else reverse("desk:home")


class FirstLoginMiddleware:
    """Whoever signs in for the first time chooses a password of his own before anything else (S118)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and user.must_change_password and not _always_open(request.path):
            return redirect("account_change_password")
        return self.get_response(request)


def _always_open(path: str) -> bool:
    return path.startswith(("/static/", "/i18n/", "/api/", "/healthz", "/readyz")) or path in (
        reverse("account_change_password"),
        reverse("account_logout"),
    )


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: the side navigation as this reader may use it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"navigation": []}
    actor, here = actor_of(request), getattr(request.resolver_match, "view_name", "")
    groups = []
    for title, entries in NAVIGATION:
        links = [
            {"url": reverse(route), "label": label, "here": here == route or here in WITHIN.get(route, ())}
            for route, label, permission in entries
            if not permission or actor.may(permission)
        ]
        if links:
            groups.append({"title": title, "links": links})
    return {"navigation": groups}
