"""Words and tones of files that came in."""

from __future__ import annotations

from django import template

from guicang.ui.words import FILES, OUTCOMES

register = template.Library()


@register.filter
def file_kind(code: str) -> str:
    """What a file that came in holds."""
    return str(FILES.get(code, code))


@register.filter
def outcome_tone(name: str) -> str:
    """The tone of rows with this outcome."""
    return OUTCOMES.get(name, "")
