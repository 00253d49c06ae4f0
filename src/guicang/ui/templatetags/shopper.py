"""What only customers' pages need."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def upto(most: int) -> range:
    """1 to `most`, for a list of choices."""
    return range(1, most + 1)


@register.filter
def spelt(code: str) -> str:
    """An RMA code in groups of four, to be read aloud."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
