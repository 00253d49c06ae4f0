"""What is lost with an act that cannot be undone, and the button that asks first."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from guicang.ui.person_words import VAULT

register = template.Library()

LOSSES: dict[str, Any] = {
    "close": _("A closed return never changes again; whatever comes later is a return of its own."),
    "reject": _("The customer is told no, and the goods are free for another request."),
    "accept_offer": _("Nothing comes back any more: the customer keeps the goods and gets the money."),
    "cancel": _("The request ends here; the customer would have to ask anew."),
    "expire": _("The return ends here; goods that still come open a return of their own."),
    "short_close": _("These units are no longer awaited; what comes all the same is surplus, or a return of its own."),
    "reverse_settlement": _("The refund is taken back in the books. Money that was paid out has to be claimed back."),
}


@register.filter
def loss(command: str) -> str:
    """What a command takes away for good; '' for one that can be undone."""
    return str(LOSSES.get(command, ""))


@register.filter
def vault(place: tuple[str, str]) -> str:
    """What the vault holds at a place (whose, what)."""
    return str(VAULT.get(".".join(place), VAULT.get(place[1], place[1])))


@register.inclusion_tag("ui/danger.html")
def danger(label: str, lost: str, does: str = "", value: str = "", name: str = "act") -> dict[str, str]:
    """A button that names what is lost before it acts: in a dialog, or by a tick where scripts are off.

    `does`: verb and object, where `label` is the verb alone. Other buttons of its form say `formnovalidate`, so that
    they do not ask for the tick.
    """
    return {"label": label, "lost": lost, "does": does or label, "value": value, "name": name if value else ""}
