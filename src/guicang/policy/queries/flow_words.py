"""An approval flow in words: when it is for a return, and who decides in which order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guicang.policy.queries.fields import condition_words as field_words
from guicang.policy.queries.summary import Labels, money
from guicang.policy.queries.words import listed
from guicang.policy.rules import Conditions, Stage

#: Lists among the conditions, in the order in which they are told.
LISTS: Mapping[str, Promise] = {
    "reasons": gettext_lazy("Reasons"),
    "faults": gettext_lazy("Whose fault"),
    "categories": gettext_lazy("Categories"),
    "tiers": gettext_lazy("Customer tiers"),
    "resolutions": gettext_lazy("What is asked for"),
}
_ANSWERS: Mapping[str, Promise] = {
    "allow": gettext_lazy("the policy allows it"),
    "review": gettext_lazy("the policy asks for a person to look"),
}


def condition_words(said: Conditions, currency: str, labels: Labels) -> list[str]:
    """What all has to hold; empty: it is for every request."""
    found = []
    if said.amount_minor is not None:
        found.append(_("Refund of at least %(amount)s") % {"amount": money(said.amount_minor, currency)})
    if said.answer is not None:
        found.append(str(_ANSWERS[said.answer]))
    if said.override is not None:
        found.append(_("an exception is asked for") if said.override else _("no exception is asked for"))
    for name, title in LISTS.items():
        if codes := getattr(said, name):
            known = labels.get(name, {})
            found.append(f"{title}: {listed(known.get(code, code) for code in codes)}")
    found += [field_words(one, labels) for one in said.fields]
    if said.risk_points is not None:
        found.append(_("at least %(points)s risk points") % {"points": said.risk_points})
    return found


def stage_words(stage: Stage, labels: Labels) -> str:
    """Who decides at a stage, how many of them, and until when."""
    known = labels.get("roles", {})
    people: Mapping[Any, Any] = labels.get("users", {})
    named = [*(known.get(code, code) for code in stage.roles), *(people.get(str(key), "?") for key in stage.users)]
    whole = listed(named)
    if len(named) > 1:
        whole = (_("each of: %(names)s") if stage.need == "all" else _("any of: %(names)s")) % {"names": whole}
    if stage.hours:
        whole += " · " + ngettext("within %(n)s hour", "within %(n)s hours", stage.hours) % {"n": stage.hours}
    if stage.escalate_to:
        role = known.get(stage.escalate_to, stage.escalate_to)
        whole += _(", then %(role)s too") % {"role": role}
    return whole
