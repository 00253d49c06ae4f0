"""What must hold before anything is served or written, as Django system checks.

They are deployment checks: `guicang` runs them at the start of each command that works on the database, and a plain
`check` in an empty checkout stays quiet.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db import connection

from guicang.kernel.readiness import problems

TAG = "guicang"


@register(TAG, deploy=True)
def secrets_are_secret(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """guicang.E001: a secret everybody knows signs nothing. GUICANG_DEMO=1 allows it for a throw-away demo."""
    if os.environ.get("GUICANG_DEMO") == "1":
        return []
    used = {
        "GUICANG_SECRET_KEY": settings.SECRET_KEY,
        "GUICANG_AUDIT_KEY": settings.AUDIT_KEYS["k1"],
        "GUICANG_INDEX_KEY": settings.INDEX_KEYS["k1"],
    }
    known = [name for name, secret in used.items() if secret in ("", settings.INSECURE_SECRET)]
    if not known:
        return []
    return [
        Error(
            f"Default secrets in use: {', '.join(known)}.",
            hint="Set each to 50 random characters of its own, the same for every process of this installation "
            "(or GUICANG_DEMO=1 for a demo nobody else can reach).",
            id="guicang.E001",
        )
    ]


@register(TAG, deploy=True)
def database_is_ready(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """guicang.E002: triggers missing. guicang.E003: migrations missing. guicang.E004: no answer from the database."""
    return [Error(found.sentence, hint=found.hint, id=f"guicang.{found.code}") for found in problems(connection)]
