"""A question mark that explains, for whoever hesitates there."""

from __future__ import annotations

from django import template

from guicang.ui.help import HELP

register = template.Library()


@register.filter
def explained(command: str) -> str:
    """What a command does, in the words of its question mark."""
    return str(HELP[command])


@register.inclusion_tag("ui/help.html", name="help")
def mark(about: str, side: str = "") -> dict[str, str]:
    """Opens by click or key, without scripts too. `side` "end": the words lie to the left of the mark."""
    return {"text": str(HELP[about]), "side": side}
