"""What parties refuses, and faults of the installation."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal


class PersonUnknown(Refusal):
    code: ClassVar[str] = "person_unknown"
    status: ClassVar[int] = 404
    sentence = _("There is no such person %(person_id)s.")


class NotPermitted(Refusal):
    code: ClassVar[str] = "not_permitted"
    status: ClassVar[int] = 403
    sentence = _("This needs the permission %(permission)s.")


class SureMissing(Refusal):
    code: ClassVar[str] = "sure_missing"
    status: ClassVar[int] = 422
    sentence = _("Tick that you know what is lost, then erase.")


class NoVaultKey(Exception):
    """settings.INDEX_KEYS lacks the key a row was sealed with: the value cannot be read."""
