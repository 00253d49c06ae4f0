"""What is lost with a command that cannot be undone."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

register = template.Library()

LOSSES: dict[str, Any] = {
    "close": _("A closed return never changes again; whatever comes later is a return of its own."),
    "reject": _("The customer is told no, and the goods are free for another request."),
    "cancel": _("The request ends here; the customer would have to ask anew."),
    "expire": _("The return ends here; goods that still come open a return of their own."),
    "reverse_settlement": _("The refund is taken back in the books. Money that was paid out has to be claimed back."),
}


@register.filter
def loss(command: str) -> str:
    """What a command takes away for good; '' for one that can be undone."""
    return str(LOSSES.get(command, ""))
