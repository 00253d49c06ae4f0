"""Words for cash drawers: what moves their cash, why, and how far a shift has come."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

#: What moves the cash of a drawer, by `payments.rules.drawers.CashKind`.
MOVES: dict[str, Any] = {
    "float": _("Float from the safe"),
    "refund": pgettext_lazy("drawer", "Refund in cash"),
    "refund_back": _("Refund taken back"),
    "collection": _("Difference collected"),
    "in": _("Cash put in"),
    "out": _("Cash taken out"),
    "difference": _("Over or short"),
}
#: Why cash is put in or taken out.
REASONS: dict[str, Any] = {
    "from_safe": _("from the safe"),
    "from_bank": _("from the bank"),
    "to_safe": _("to the safe"),
    "to_bank": _("to the bank"),
    "expense": _("small expense"),
}
#: How far a shift has come: tone and word.
STATES: dict[str, tuple[str, Any]] = {
    "opening": ("warning", _("Beginning to be looked at")),
    "open": ("success", pgettext_lazy("shift", "Open")),
    "counted": ("warning", _("Difference to be looked at")),
    "closed": ("neutral", pgettext_lazy("shift", "Closed")),
}
