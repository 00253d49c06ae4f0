"""How pages name masters, their columns and what was done to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import template
from django.utils.translation import gettext as _

from guicang.ui.masters import ASKED_OF, COLUMNS, DEEDS, DOCUMENTS, FAULTS, FIELD_KINDS, MASTERS, STAYS
from guicang.ui.templatetags.guicang import day

register = template.Library()


@register.filter
def master(kind: str) -> str:
    return str(MASTERS[kind][0])


@register.filter
def masters(kind: str) -> str:
    return str(MASTERS[kind][1])


@register.filter
def archived(found: Iterable[Any]) -> list[Any]:
    """The masters of a list that are archived."""
    return [one for one in found if one.archived_at is not None]


@register.filter
def column(name: str) -> str:
    return str(COLUMNS.get(name, name))


@register.filter
def stays(value: Any) -> str:
    """What does not change: a code in words, an instant as a day."""
    if isinstance(value, datetime):
        return day(value)
    return "" if value is None else str(STAYS.get(value, value))


@register.filter
def deed(action: str) -> str:
    return str(DEEDS.get(action, action))


@register.filter
def fault(code: str) -> str:
    return str(FAULTS.get(code, code))


@register.filter
def field_kind(code: str) -> str:
    return str(FIELD_KINDS.get(code, code))


@register.filter
def asked_of(code: str) -> str:
    return str(ASKED_OF.get(code, code))


@register.filter
def said(value: Any) -> str:
    """A value of a reason's history: yes and no, a fault in words, anything else as it is."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return fault(value) if value in FAULTS else str(value)


@register.filter
def document(code: str) -> str:
    return str(DOCUMENTS.get(code, code))
