"""Notices to the staff who have to do something about a return by some time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings

from guicang.kernel import clock, outbox
from guicang.notifications import operations as notifications
from guicang.returns.models import Clock, Return
from guicang.staff import queries as staff


def messages(notice: str, due: Sequence[tuple[Return, Clock]]) -> list[outbox.Message]:
    """One for each member of the clock's role who sees the return and has an address; 1 statement."""
    if not due:
        return []
    people = staff.reachable({each.escalate_to for _, each in due}, notice)
    found = []
    for header, each in due:
        place = header.company_id, header.shop_id, header.warehouse_id
        until = each.due_at.astimezone(clock.zone(settings.DISPLAY_ZONE)).strftime("%Y-%m-%d %H:%M")
        for person in people:
            if person.role == each.escalate_to and person.scope.holds(*place):
                message = notifications.message(
                    notice,
                    owner_kind="user",
                    owner_id=person.id,
                    aggregate_id=header.id,
                    data={"number": header.number, "until": until},
                )
                # Once a clock: another one of the same return is a matter of its own.
                found.append(replace(message, dedupe_key=f"{message.dedupe_key}:{each.id.hex}"))
    return found
