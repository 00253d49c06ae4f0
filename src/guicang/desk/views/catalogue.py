"""Every part of the design system on one page: what pages are built of, in the words and colours they use."""

from __future__ import annotations

from typing import Any

from django.contrib.messages import SUCCESS
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guicang.desk.gate import page
from guicang.kernel.clock import utcnow
from guicang.returns import labels, lifecycle
from guicang.sales.queries import RETURN_LABELS
from guicang.ui import icons

#: Names of the tokens, as `ui/guicang.css` has them.
COLOURS = (
    *("page", "surface", "raised", "sunken", "line", "edge", "text", "soft", "brand", "brand-hover", "brand-tint"),
    *("info", "info-tint", "success", "success-tint", "warning", "warning-tint", "danger", "danger-tint"),
    "neutral-tint",
)
STEPS = ("s1", "s2", "s3", "s4", "s5", "s6", "s8", "s12")
TONES = ("info", "success", "warning", "danger")
#: Amounts in minor units that a column must hold: none, usual, below zero, twelve digits.
AMOUNTS = ((0, "CNY"), (10_724, "CNY"), (-45_900, "CNY"), (123_456_789_012, "CNY"), (1_200, "JPY"), (2_550, "CHF"))
#: Lines of a table: goods, units, amount.
LINES = (
    ("GOODS-01", 2, 10_724),
    ("GOODS-02", 1, 45_900),
    ("A-VERY-LONG-CODE-OF-GOODS-THAT-MUST-WRAP", 60, 123_456_789_012),
)


@require_GET
@page("")
def parts(request: HttpRequest) -> HttpResponse:
    context: dict[str, Any] = {
        "colours": COLOURS,
        "steps": STEPS,
        "tones": TONES,
        "states": list(lifecycle.State),
        "axes": [(name, list(values)) for name, values in labels.AXES.items()],
        "labels": list(RETURN_LABELS),
        "icons": list(icons.PATHS),
        "amounts": AMOUNTS,
        "lines": LINES,
        "units": sum(line[1] for line in LINES),
        "total": sum(minor for *_, minor in LINES),
        "now": utcnow(),
        "toasts": [Message(SUCCESS, _("Saved."))],
    }
    return render(request, "desk/parts.html", context)
