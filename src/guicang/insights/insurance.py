"""The insurance of a return's way back as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guicang.kernel.actor import Actor
from guicang.kernel.money import from_minor
from guicang.returns.models import Insurance, Return
from guicang.returns.operations.insurance import INSURE

BY_WORDS: Mapping[str, Promise] = {
    "buyer": _("by the customer"),
    "shop": _("by the shop"),
    "platform": _("by the platform"),
}
STATE_WORDS: Mapping[str, Promise] = {
    "insured": _("insured, no claim yet"),
    "filed": _("claim filed"),
    "paid": _("paid to the customer"),
    "refused": _("claim refused"),
}
TONES: Mapping[str, str] = {"insured": "info", "filed": "warning", "paid": "success", "refused": "danger"}


class Cover(NamedTuple):
    """`state` '': nobody has written any down."""

    state: str = ""
    insured_by: str = ""
    insurer: str = ""
    policy_number: str = ""
    amount_minor: int = 0
    day: date | None = None
    #: As fields of forms hold it.
    amount: str = ""
    may: bool = False

    @property
    def by_words(self) -> Promise | str:
        return BY_WORDS.get(self.insured_by, "")

    @property
    def state_words(self) -> Promise | str:
        return STATE_WORDS.get(self.state, "")

    @property
    def tone(self) -> str:
        return TONES.get(self.state, "neutral")

    @property
    def choices(self) -> tuple[Mapping[str, Promise], Mapping[str, Promise]]:
        return BY_WORDS, STATE_WORDS


def cover_of(header: Return, actor: Actor) -> Cover:
    """1 statement."""
    may = actor.kind != "customer" and actor.may(INSURE)
    row = Insurance.objects.filter(parent_id=header.id).first()
    if row is None:
        return Cover(may=may)
    amount = f"{from_minor(row.amount_minor, header.currency):f}" if row.amount_minor else ""
    said = (row.state, row.insured_by, row.insurer, row.policy_number, row.amount_minor, row.day)
    return Cover(*said, amount, may)
