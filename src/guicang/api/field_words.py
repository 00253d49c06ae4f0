"""What is wrong with a field, in both languages: the checker of the shapes itself speaks English alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_TYPES: Mapping[str, Promise] = {
    "uuid": _("it must be a UUID"),
    "int": _("it must be a whole number"),
    "string": _("it must be text"),
    "bool": _("it must be true or false"),
    "datetime": _("it must be an instant as ISO 8601 has it"),
    "date": _("it must be a day as ISO 8601 has it"),
    "list": _("it must be a list"),
    "dict": _("it must be an object"),
    "model": _("it must be an object"),
}
#: By the checker's own code, which also goes out as `kind`. Figures are named as it names them.
_WORDS: Mapping[str, Promise] = {
    "missing": _("it is missing"),
    "extra_forbidden": _("nobody knows such a field"),
    "string_too_long": _("it may have %(max_length)s characters at most"),
    "string_too_short": _("it must have %(min_length)s characters at least"),
    "string_pattern_mismatch": _("it must fit the pattern %(pattern)s"),
    "too_long": _("it may hold %(max_length)s at most"),
    "too_short": _("it must hold %(min_length)s at least"),
    "greater_than_equal": _("it must be %(ge)s or more"),
    "less_than_equal": _("it must be %(le)s or less"),
    "enum": _("it must be one of: %(expected)s"),
    "literal_error": _("it must be one of: %(expected)s"),
}


def told(fault: Mapping[str, Any]) -> str:
    """Without an end stop; in the checker's own words where we have none."""
    kind = str(fault["type"])
    words = _WORDS.get(kind) or _TYPES.get(kind.partition("_")[0])
    return str(words) % fault.get("ctx", {}) if words else str(fault["msg"])
