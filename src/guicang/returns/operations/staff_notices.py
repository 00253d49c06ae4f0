"""Notices to the staff who have to do something about a return by some time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from django.conf import settings

from guicang.kernel import clock, outbox
from guicang.kernel.ids import NIL
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


#: Who is told of a talk whose offer nobody made whom a message reaches: those who decide on requests.
TALKERS = ("agent", "approver")


class Talked(NamedTuple):
    """What the customer said to an offer: `by_id` of the staff made it; `offer_id` is the one that it is told about."""

    notice: str
    header: Return
    by_id: UUID
    offer_id: UUID
    data: Mapping[str, str]


def of_talks(said: Sequence[Talked]) -> list[outbox.Message]:
    """To whoever made the offer, or to all who decide where no message reaches him; 1 statement a kind of notice.

    Only to those who see the return.
    """
    makers_of = {one.by_id for one in said} - {NIL}
    people = {notice: staff.reachable(TALKERS, notice, makers_of) for notice in {one.notice for one in said}}
    found = []
    for one in said:
        header = one.header
        seeing = [
            each
            for each in people[one.notice]
            if each.scope.holds(header.company_id, header.shop_id, header.warehouse_id)
        ]
        makers = [each for each in seeing if each.id == one.by_id]
        for person in makers or [each for each in seeing if each.role in TALKERS]:
            message = notifications.message(
                one.notice,
                owner_kind="user",
                owner_id=person.id,
                aggregate_id=header.id,
                data={"number": header.number, "currency": header.currency, **one.data},
            )
            found.append(replace(message, dedupe_key=f"{message.dedupe_key}:{one.offer_id.hex}"))
    return found
