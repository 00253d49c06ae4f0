"""How returns are linked, in words."""

from __future__ import annotations

from django import template

from guicang.ui.words import LINKS

register = template.Library()


@register.filter
def link_kind(code: str) -> str:
    """Why a return follows another one."""
    return str(LINKS.get(code, code))
