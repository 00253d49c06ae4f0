"""Which columns of a list its reader wants to see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from guicang.ui.columns import COLUMNS

register = template.Library()


def _hidden(context: Mapping[str, Any], page: str) -> list[str]:
    return [name for name in context["request"].user.hidden_columns.get(page, []) if name in COLUMNS[page]]


@register.simple_tag(takes_context=True)
def hidden(context: Mapping[str, Any], page: str) -> str:
    """The names of the columns that are left out, for `data-hide` of the table; '' for no list."""
    return " ".join(_hidden(context, page)) if page else ""


@register.inclusion_tag("ui/columns.html", takes_context=True)
def columns(context: Mapping[str, Any], page: str) -> dict[str, Any]:
    """The menu in which a reader chooses the columns of a list."""
    without = _hidden(context, page)
    return {
        "page": page,
        "columns": [(name, label, name not in without) for name, label in COLUMNS[page].items()],
        "without": without,
        "request": context["request"],
        "csrf_token": context["csrf_token"],
    }
