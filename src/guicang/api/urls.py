"""The addresses of the API, and what ninja would not tell: unknown addresses, other methods, our own faults."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.core.signals import got_request_exception
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, re_path
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from guicang.api import errors, problems
from guicang.api.routes import (
    accounts,
    approvals,
    books,
    counter,
    credit,
    deadlines,
    drawers,
    evidence,
    exchanges,
    fields,
    freight,
    gifts,
    imports,
    limits,
    masters,
    orders,
    outside,
    owners,
    payees,
    payment_files,
    persons,
    policy,
    prices,
    quotas,
    rebates,
    refunds,
    returns,
    settings,
    staff,
    stock,
)
from guicang.api.service import FORMS, v1
from guicang.ui.pictures import takes

log = logging.getLogger("django.request")
View = Callable[..., HttpResponseBase]

for routes in (
    accounts,
    masters,
    owners,
    returns,
    deadlines,
    orders,
    counter,
    stock,
    books,
    evidence,
    exchanges,
    imports,
    outside,
    approvals,
    fields,
    freight,
    gifts,
    refunds,
    payees,
    payment_files,
    drawers,
    limits,
    settings,
    staff,
    persons,
    policy,
    prices,
    quotas,
    rebates,
    credit,
):
    v1.add_router("", routes.router)


def _guarded(view: View) -> View:
    """Answers are never kept, and whatever goes wrong is a problem: a fault of ours is logged with its traceback."""

    @csrf_exempt  # no session counts here, so none can be abused
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Exception:
            got_request_exception.send(sender=None, request=request)
            log.exception("Internal Server Error: %s", request.path)
            return problems.answer([errors.Broken()])
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = response.headers["Allow"]
            told = problems.answer([errors.MethodNotAllowed(method=str(request.method), allowed=allowed)])
            told["Allow"] = allowed
            return told
        return response

    return guarded


def _unknown(request: HttpRequest) -> HttpResponseBase:
    return problems.answer([errors.NotThere()])


def _patterns() -> tuple[list[URLPattern], str, str]:
    found, app, space = v1.urls
    patterns = [pattern for pattern in found if isinstance(pattern, URLPattern)]
    for pattern in patterns:
        view = _guarded(pattern.callback if pattern.name != "api-root" else _unknown)
        most = FORMS.get(str(pattern.pattern))
        pattern.callback = takes(most)(view) if most else view
    return [*patterns, re_path("", _guarded(_unknown), name="unknown")], app, space


urlpatterns = [path("v1/", _patterns())]
