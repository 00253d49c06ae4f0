"""How pages name refunds: who carries them out, how the money goes, why it failed."""

from __future__ import annotations

from django import template

from guicang.ui.refund_words import FAILURES, METHODS, WAYS

register = template.Library()


@register.filter
def way(code: str) -> str:
    return str(WAYS.get(code, code))


@register.filter
def method(code: str) -> str:
    return str(METHODS.get(code, code))


@register.filter
def failure(code: str) -> str:
    """A provider's own code is shown as it is."""
    return str(FAILURES.get(code, code))
