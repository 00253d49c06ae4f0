"""The return policy for everybody, without signing in: a page to read and to print, and the same as JSON."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import conditional_page, require_GET, require_safe

from guicang.insights import published as read
from guicang.kernel import rates
from guicang.kernel.clock import utcnow
from guicang.ui.words import TENDERS

#: Pages and files that one address may have in a minute of one web process.
RATE = 120
#: Seconds for which others may keep the JSON.
KEPT = 300


def _sparingly(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        calls, left = rates.count(f"policy:{get_adapter().get_client_ip(request)}", utcnow())
        if calls <= RATE:
            return view(request, *args, **kwargs)
        answer = render(request, "429.html", status=429)
        answer.headers["Retry-After"] = str(left)
        return answer

    return counted


def _found(request: HttpRequest, code: str) -> read.Published:
    """Raises Http404 for a shop that is not there or is archived, and for a version that never was in force."""
    found = read.published(code, request.GET.get("version", ""), utcnow())
    if found is None:
        raise Http404
    return found


@never_cache
@require_GET
@_sparingly
def index(request: HttpRequest) -> HttpResponse:
    """The shops, or straight to the only one."""
    shops = read.shops()
    if len(shops) == 1:
        return redirect("portal:policy", shops[0].code)
    return render(request, "portal/policies.html", {"shops": shops})


@never_cache
@require_GET
@_sparingly
def show(request: HttpRequest, code: str) -> HttpResponse:
    """What holds in a shop, in sentences: for everything first, then the exceptions in their order of deciding."""
    found = _found(request, code)
    exceptions = read.exceptions(found, TENDERS)
    context = {
        "p": found,
        "answers": read.answers(found),
        "withdrawal": any(one.terms.withdrawal for one in found.statement.policies),
        "exceptions": [card for card in exceptions if not card.never],
        "never": [card for card in exceptions if card.never],
    }
    return render(request, "portal/policy.html", context)


@require_safe
@_sparingly
def data(request: HttpRequest, code: str) -> HttpResponse:
    """The same for programs, in both languages; any page of anybody may ask for it, and keep it for a while."""
    answer = _data(request, code)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


@cache_control(public=True, max_age=KEPT)
@conditional_page
def _data(request: HttpRequest, code: str) -> HttpResponse:
    found = _found(request, code)
    version = found.version
    return JsonResponse(
        {
            "shop": {"code": found.shop.code, "name": found.shop.name},
            "company": found.company,
            "version": version.number,
            "name": version.name,
            "provisional": version.provisional,
            "effective_from": None if version.provisional else version.since.isoformat(),
            "effective_until": version.until.isoformat() if version.until else None,
            "statement": found.statement.as_data(),
            "sentences": {language: _sentences(found, language) for language in ("zh", "en")},
            "versions": [one.number for one in found.versions],
        },
        json_dumps_params={"ensure_ascii": False},
    )


def _sentences(found: read.Published, language: str) -> dict[str, Any]:
    with translation.override({"zh": "zh-hans"}.get(language, language)):
        cards = [
            {"name": one.name, "for": [f"{title}: {codes}" for title, codes in one.scope], "says": one.sentences}
            for one in read.cards(found, TENDERS)
        ]
        days = found.general.terms["days"]
        return {"days": days, "for_everything": read.answers(found), "policies": cards}
