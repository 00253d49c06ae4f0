"""How pages name refunds: who carries them out, how the money goes, why it failed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from guicang.returns.labels import AXES
from guicang.ui.refund_words import ACCOUNTS, FAILURES, METHODS, PAYEES, WAYS
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
def account_kind(code: str) -> str:
    return str(ACCOUNTS.get(code, code))


@register.filter
def payee_text(code: str) -> str:
    return str(PAYEES[code][1])


@register.simple_tag
def payee_state(code: str) -> SafeString:
    """Whether it is known where a transfer goes."""
    tone, text = PAYEES[code]
    return format_html('<span class="badge {}">{}</span>', tone, text)


@register.filter
def refund_state(code: str) -> str:
    zh, en, _tone = AXES["money"].get(code, (code, code, ""))
    return zh if (get_language() or "zh").startswith("zh") else en


@register.filter
def last_day(due_at: datetime) -> str:
    """The last day of a deadline: it is stored as the first instant after it."""
    return day(due_at - timedelta(microseconds=1))
