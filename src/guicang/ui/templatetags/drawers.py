"""How pages name what happens at cash drawers."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from guicang.ui.drawer_words import MOVES, REASONS, STATES

register = template.Library()


@register.filter
def cash_move(code: str) -> str:
    return str(MOVES.get(code, code))


@register.filter
def cash_reason(code: str) -> str:
    return str(REASONS.get(code, code))


@register.filter
def shift_text(code: str) -> str:
    return str(STATES[code][1])


@register.simple_tag
def shift_state(code: str) -> SafeString:
    tone, text = STATES[code]
    return format_html('<span class="badge {}">{}</span>', tone, text)
