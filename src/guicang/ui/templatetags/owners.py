"""Words about what a return is, in whose queue it stands, and who gets it there."""

from __future__ import annotations

from django import template

from guicang.ui.words import BECAUSE, DEPARTMENTS, WAYS

register = template.Library()


@register.filter
def because(code: str) -> str:
    """Why a request is of its type."""
    return str(BECAUSE.get(code, code))


@register.filter
def department(code: str) -> str:
    """In whose queue a return stands."""
    return str(DEPARTMENTS.get(code, code))


@register.filter
def way(code: str) -> str:
    """Who gets what comes to a department."""
    return str(WAYS.get(code, code))
