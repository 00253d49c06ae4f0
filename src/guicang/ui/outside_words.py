"""Words and tones of what is told to machines outside: states of deliveries, why a call failed, why nothing is sent."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

#: State of a delivery -> tone and label.
DELIVERIES: dict[str, tuple[str, Any]] = {
    "waiting": ("info", pgettext_lazy("webhook", "On the way")),
    "delivered": ("success", pgettext_lazy("webhook", "Arrived")),
    "failed": ("danger", _("Failed")),
    "held": ("warning", pgettext_lazy("webhook", "Held")),
}
#: Why nothing came back, as `integrations.outgoing` names it.
CALL_ERRORS: dict[str, Any] = {
    "url": _("The address cannot be called"),
    "blocked": _("The address is private or without TLS"),
    "dns": _("The name is not known"),
    "connect": _("No connection"),
    "tls": _("The certificate is not trusted"),
    "timeout": _("No answer in time"),
    "protocol": _("The answer is not HTTP"),
}
#: Why an endpoint is off, as a sentence.
OFF: dict[str, Any] = {
    "manual": _("Switched off by hand."),
    "gone": _("Switched off: the receiver said that it is gone for good (410)."),
    "failing": _("Switched off: nothing arrived for five days."),
}
#: Events that are no state of a return.
HOOK_EVENTS: dict[str, Any] = {
    "ping": pgettext_lazy("webhook", "Test"),
    "return.refunded": _("Money refunded"),
    "return.refund_reversed": _("Refund reversed"),
}
