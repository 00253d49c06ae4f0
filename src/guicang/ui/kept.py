"""A form whose session ran out is kept, and shown again after signing in or proving anew: nobody types twice."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest

#: How long a form waits for its sender.
KEPT_SECONDS = 1800
#: Characters of a form that is kept: whoever sends it is nobody yet.
KEPT_MOST = 20_000


def keep_form(request: HttpRequest) -> str:
    """Put the form that was sent aside; the key it is found by, '' where it is too large to keep."""
    key = secrets.token_urlsafe(24)
    fields = [
        (name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values
    ]
    if sum(len(name) + len(str(value)) for name, value in fields) > KEPT_MOST:
        return ""
    form = {"path": request.get_full_path(), "fields": fields, "pictures": bool(request.FILES.getlist("picture"))}
    cache.set(f"kept-form:{key}", form, KEPT_SECONDS)
    return key


def kept_form(key: str) -> Mapping[str, Any] | None:
    """What `keep_form` put aside: path and fields, and whether pictures came with them, which are not kept."""
    found: Mapping[str, Any] | None = cache.get(f"kept-form:{key}")
    return found
