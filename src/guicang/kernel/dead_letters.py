"""What staff decide about messages that were given up: all their attempts anew, or never again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guicang.kernel import outbox
from guicang.kernel.actor import Actor
from guicang.kernel.commands import begin
from guicang.kernel.refusal import Refusal, Refused

PERMISSION = "outbox.manage"


class NotPermitted(Refusal):
    code: ClassVar[str] = "not_permitted"
    status: ClassVar[int] = 403
    sentence = _("This needs the permission %(permission)s.")


class NotDead(Refusal):
    code: ClassVar[str] = "outbox_not_dead"
    sentence = _("None of these was given up. Tick messages that were.")


def decide(act: Literal["retry", "drop"], ids: Sequence[UUID], *, actor: Actor, now: datetime) -> int:
    """Revive or drop those of `ids` that were given up; answers how many. 2 statements, 1 a thousand.

    The command's row keeps who decided, when, and of which. Raises Refused: NotPermitted, NotDead.
    """
    if not actor.may(PERMISSION):
        raise Refused([NotPermitted(permission=PERMISSION)])
    with transaction.atomic():
        begin(f"outbox.{act}", actor=actor, now=now, items=len(ids), reply={"ids": [str(key) for key in ids]})
        changed = outbox.retry(ids, now=now) if act == "retry" else outbox.drop(ids, now=now)
        if not changed:
            raise Refused([NotDead()])
    return changed
