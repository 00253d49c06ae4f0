"""What must hold before anything is served or written, as Django system checks.

They are deployment checks: `guicang` runs them at the start of each command that works on the database, and a plain
`check` in an empty checkout stays quiet.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db import connection

from guicang.kernel.readiness import problems

TAG = "guicang"
#: As many characters as the audit chain's HMAC-SHA-256 has bytes: a shorter secret is guessed before it is broken.
SHORTEST_SECRET = 32


@register(TAG, deploy=True)
def secrets_are_secret(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """guicang.E001: a secret that is known, short or shared. GUICANG_DEMO=1 allows it for a throw-away demo.

    Shared by two purposes, whoever learns it by one has the other: a leaked session key would forge the audit chain.
    """
    if os.environ.get("GUICANG_DEMO") == "1":
        return []
    used = {"GUICANG_SECRET_KEY": settings.SECRET_KEY}
    rings = {"GUICANG_AUDIT_KEY": settings.AUDIT_KEYS, "GUICANG_INDEX_KEY": settings.INDEX_KEYS}
    for name, keys in rings.items():
        used |= {name if key_id == "k1" else f"{name} {key_id}": secret for key_id, secret in keys.items()}
    shared = {secret for secret, times in Counter(used.values()).items() if times > 1}
    faults = {
        "Keys that cannot be read": [name for name, keys in rings.items() if not keys],
        "Default secrets in use": [name for name, secret in used.items() if secret == settings.INSECURE_SECRET],
        f"Secrets of less than {SHORTEST_SECRET} characters": [
            name for name, secret in used.items() if len(secret) < SHORTEST_SECRET
        ],
        "One secret for several purposes": [
            name for name, secret in used.items() if secret in shared and secret != settings.INSECURE_SECRET
        ],
    }
    hint = (
        "Set each to 50 random characters of its own, the same for every process of this installation "
        "(or GUICANG_DEMO=1 for a demo nobody else can reach). To change the audit or the index key write "
        "k1:OLD,k2:NEW: each id of small letters and digits, there once, the old keys first."
    )
    return [
        Error(f"{fault}: {', '.join(names)}.", hint=hint, id="guicang.E001") for fault, names in faults.items() if names
    ]


@register(TAG, deploy=True)
def mail_can_leave(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """guicang.E005: the mail server or the sender cannot be read. Quotes neither: there is a password in one."""
    if settings.MAIL_IS_READABLE:
        return []
    hint = (
        "GUICANG_SMTP is smtp://user:password@host:port or smtps://user:password@host:port, with @ : / ? # and % in "
        "user and password written as %40 %3A %2F %3F %23 %25; GUICANG_MAIL_FROM is a mail address, "
        "and is needed unless the user is one."
    )
    return [Error("GUICANG_SMTP or GUICANG_MAIL_FROM cannot be read.", hint=hint, id="guicang.E005")]


@register(TAG, deploy=True)
def networks_can_be_read(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """guicang.E006: the networks that may be called cannot be read."""
    if settings.OUTGOING_ALLOW is not None:
        return []
    hint = "Networks with their length, comma-separated and without bits after it: 10.1.2.0/24,fd00::/8"
    return [Error("GUICANG_OUTGOING_ALLOW cannot be read.", hint=hint, id="guicang.E006")]


@register(TAG, deploy=True)
def database_is_ready(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """guicang.E002: triggers missing. guicang.E003: migrations missing. guicang.E004: no answer from the database."""
    return [
        Error(f"{found.sentence} {found.detail}".strip(), hint=found.hint, id=f"guicang.{found.code}")
        for found in problems(connection)
    ]
