"""Finding an order and proving that it is one's own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guicang.insights import shopper
from guicang.portal import proving
from guicang.portal.gate import drop_kept, forget, kept_key, proved, proved_orders, remember, wanted_page
from guicang.ui.kept import kept_form
from guicang.ui.pictures import takes

#: No number and no address is longer.
MOST = 254


@never_cache
@require_http_methods(["GET", "POST"])
@takes(1)
def find(request: HttpRequest) -> HttpResponse:
    """Ask for number and contact; whatever is given, the answer is the same."""
    given = {name: request.POST.get(name, "").strip()[:MOST] for name in ("number", "contact")}
    error, status = "", 200
    if request.method == "POST":
        if not all(given.values()):
            error, status = _("Give both: a number, and the phone or e-mail of the order."), 422
        elif proving.ask(request, **given):
            return redirect("portal:code")
        else:
            error, status = _("That was asked for very often. Wait ten minutes and try again."), 429
    context = {"given": given, "error": error, "waits": bool(kept_key(request)), "known": bool(proved_orders(request))}
    context["step"] = 1
    return render(request, "portal/find.html", context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@takes(1)
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code. A wrong one is not told from one that was never sent."""
    if not proving.is_asked(request):
        return redirect("portal:find")
    wrong = False
    if request.method == "POST":
        if orders := proving.prove(request, request.POST.get("code", "")[:MOST]):
            remember(request, orders)
            wanted = wanted_page(request)
            return redirect("portal:resume" if kept_key(request) else wanted or "portal:mine")
        wrong = True
    return render(request, "portal/code.html", {"wrong": wrong, "step": 2}, status=422 if wrong else 200)


@never_cache
@require_GET
@proved
def mine(request: HttpRequest) -> HttpResponse:
    """The orders that were proved, and their returns."""
    return render(request, "portal/mine.html", {"orders": shopper.orders(proved_orders(request))})


@never_cache
@require_GET
@proved
def resume(request: HttpRequest) -> HttpResponse:
    """A form that outlived its session, to be sent now."""
    form = kept_form(kept_key(request))
    drop_kept(request)
    return render(request, "portal/resume.html", {"form": form}) if form else redirect("portal:mine")


@require_POST
@takes(1)
def leave(request: HttpRequest) -> HttpResponse:
    """Forget what was proved, on a phone that others use."""
    forget(request)
    return redirect("portal:find")
