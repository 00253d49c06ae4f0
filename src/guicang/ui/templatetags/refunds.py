"""How pages name refunds: who carries them out, how the money goes, why it failed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils.translation import get_language

from guicang.returns.labels import AXES
from guicang.ui.refund_words import FAILURES, METHODS, WAYS
from guicang.ui.templatetags.guicang import day

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


@register.filter
def refund_state(code: str) -> str:
    zh, en, _tone = AXES["money"].get(code, (code, code, ""))
    return zh if (get_language() or "zh").startswith("zh") else en


@register.filter
def last_day(due_at: datetime) -> str:
    """The last day of a deadline: it is stored as the first instant after it."""
    return day(due_at - timedelta(microseconds=1))
