"""Words and tones of files that came in."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from guicang.ui.words import FILE_HINTS, FILE_STATES, FILES, OUTCOMES, SEPARATORS

register = template.Library()


@register.filter
def file_kind(code: str) -> str:
    """What a file that came in holds."""
    return str(FILES.get(code, code))


@register.filter
def file_hint(code: str) -> str:
    return str(FILE_HINTS.get(code, ""))


@register.simple_tag
def file_state(code: str) -> SafeString:
    """The badge of a file that has not become a run."""
    label, tone = FILE_STATES.get(code, (code, ""))
    return format_html('<span class="badge {}">{}</span>', tone, label)


@register.filter
def separator(name: str) -> str:
    return str(SEPARATORS.get(name, name))


@register.filter
def field_name(field: Any) -> str:
    """What a column may mean, in the reader's language; with the name profiles use in English."""
    return str(field.zh) if (get_language() or "zh").startswith("zh") else str(field.name).replace("_", " ")


@register.filter
def outcome_tone(name: str) -> str:
    """The tone of rows with this outcome."""
    return OUTCOMES.get(name, "")
