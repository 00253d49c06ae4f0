"""Who changed what last: for a colleague who came second."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone

from guicang.audit import queries as audit
from guicang.kernel.actor import Actor
from guicang.returns import lifecycle
from guicang.returns.models import Return
from guicang.staff import queries as staff


def who_was_faster(return_id: UUID, actor: Actor) -> dict[str, Any] | None:
    """The last command on a return, if somebody else of the staff gave it: who, command, at. 2 statements."""
    history = audit.history(return_id)
    if not history:
        return None
    last = history[-1]
    if last.actor_kind != "staff" or last.actor_id == actor.id or last.action not in lifecycle.COMMANDS:
        return None
    at = timezone.localtime(last.recorded_at).strftime("%H:%M")
    return {"who": staff.names([last.actor_id]).get(last.actor_id, ""), "command": last.action, "at": at}


def version(return_id: UUID, actor: Actor) -> int | None:
    """The number of a return's last change; None where there is none that this actor may see. 2 statements."""
    header = Return.objects.filter(id=return_id).first()
    if header is None or not actor.sees(header.company_id, header.shop_id, header.warehouse_id, header.customer_id):
        return None
    return audit.version(return_id)
