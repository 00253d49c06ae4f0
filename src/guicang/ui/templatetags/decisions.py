"""Words and tones of how requests were decided."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

register = template.Library()

#: What became of a request, as `insights.became.BECAME` counts it.
BECAME: dict[str, Any] = {
    "policy": _("Granted at once by the policy"),
    "approved": _("Approved by people"),
    "refused": _("Refused by people"),
    "agreed": _("Part refund agreed on"),
    "time": _("Decided by time, platform or program"),
    "open": _("Not decided yet"),
    "ended": _("Ended undecided"),
}
_TONES = {"policy": "success", "approved": "info", "refused": "danger", "open": "open"}
#: Exceptions to the policy by the command that made them.
DEEDS: dict[str, Any] = {
    "request": _("Accepted against the policy"),
    "offer": _("Offered more than the room for talks"),
    "accept_offer": _("Agreed to more than the room for talks"),
}


@register.filter
def became(code: str) -> str:
    return str(BECAME.get(code, code))


@register.filter
def became_tone(code: str) -> str:
    return _TONES.get(code, "")


@register.filter
def exception_deed(code: str) -> str:
    return str(DEEDS.get(code, code))
