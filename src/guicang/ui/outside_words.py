"""Words and tones of what leaves the house: messages of the outbox, deliveries of webhooks, and why one failed."""

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
#: State of a message of the outbox -> tone and label.
MESSAGES: dict[str, tuple[str, Any]] = {
    "waiting": ("", pgettext_lazy("message", "Waiting")),
    "retrying": ("warning", pgettext_lazy("message", "Failed, is tried again")),
    "dead": ("danger", pgettext_lazy("message", "Given up")),
    "done": ("success", pgettext_lazy("message", "Done")),
    "dropped": ("", pgettext_lazy("message", "Dropped")),
}
#: Topics of the outbox.
TOPICS: dict[str, Any] = {
    "notice.send": _("Notice to the customer"),
    "portal.code": _("One-time code"),
    "handover.goods": _("Goods told to the ERP"),
    "accounting.voucher.v1": _("Booking told to the ERP"),
    "return.changed": _("Change of a return"),
    "webhook.deliver": _("Call of a webhook"),
    "accounting.number": _("Numbers for vouchers"),
    "returns.clocks": _("Clocks of returns"),
    "returns.peers": _("What is usual among customers"),
    "parties.sweep": _("Files nobody owns"),
    "webhooks.forget": _("Old log of webhooks"),
}
#: Why a message failed, by the name of the fault: what it means and what to do.
FAULTS: dict[str, Any] = {
    "ConnectionRefusedError": _("The other machine refuses the connection. Is the mail server running?"),
    "TimeoutError": _("The other machine did not answer in time."),
    "gaierror": _("The name of the other machine is not known. Check the address in the settings."),
    "OSError": _("The network or the disk failed."),
    "PermissionError": _("A file may not be written. Check who owns the folder."),
    "SMTPAuthenticationError": _("The mail server refuses the user or the password. Check GUICANG_SMTP."),
    "SMTPRecipientsRefused": _("The mail server refuses the customer's address."),
    "SMTPSenderRefused": _("The mail server refuses the sender. Check GUICANG_MAIL_FROM."),
    "TryLater": _("The receiver did not take it. The page Webhooks says what it answered."),
    "BadNotice": _("There is no text for this notice."),
    "UnknownTopic": _("This version of the program does not know such messages. Update it."),
    "GiveUp": _("The worker died each time. Look at its log before you try again."),
    "Hung": _("It did not come back. What it reached is unknown: look before you try again."),
}
OTHER_FAULT = _("Something unexpected. The line below is for whoever runs the program.")
