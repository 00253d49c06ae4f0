"""Periodic work: a cron line in a zone makes one outbox row per slot, whoever looks first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from croniter import croniter
from django.db import connection, transaction

from guicang.kernel import clock, commands, outbox
from guicang.kernel.actor import Actor
from guicang.kernel.ids import new_id
from guicang.kernel.models import Schedule


def next_slot(cron: str, zone: str, after: datetime) -> datetime:
    """The first instant after `after` that the line names, in UTC. Raises ValueError on a bad line."""
    slot: datetime = croniter(cron, after.astimezone(clock.zone(zone))).get_next(datetime)
    return slot.astimezone(UTC)


def ensure(definitions: Mapping[str, tuple[str, str, str]], *, now: datetime) -> None:
    """Write the declared schedules, {name: (topic, cron, zone)}; a changed line starts from now.

    Rows that are no longer declared are switched off. One statement a schedule and one more.
    """
    known = {row.name: row for row in Schedule.objects.all()}
    for name, (topic, cron, zone) in definitions.items():
        row = known.pop(name, None)
        values = {"topic": topic, "cron": cron, "zone": zone, "active": True}
        if row is None:
            first = {**values, "next_at": next_slot(cron, zone, now)}
            Schedule.objects.get_or_create(name=name, defaults=first)
        elif (row.topic, row.cron, row.zone, row.active) != (topic, cron, zone, True):
            Schedule.objects.filter(pk=row.pk).update(**values, next_at=next_slot(cron, zone, now))
    gone = [row.pk for row in known.values() if row.active]
    if gone:
        Schedule.objects.filter(pk__in=gone).update(active=False)


def queue_due(now: datetime) -> int:
    """Queue one message for every schedule whose slot has come; answers how many.

    Slots missed while no worker ran become one: the work is done once, then the clock goes on.
    The slot is in the dedupe key, so two workers that look at once queue it once.
    """
    if not Schedule.objects.filter(active=True, next_at__lte=now).exists():
        return 0
    with transaction.atomic():
        rows = Schedule.objects.filter(active=True, next_at__lte=now).order_by("pk")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        context = commands.Context(new_id(), Actor.system(), now)
        found = list(rows)
        outbox.queue(context, [_message(row) for row in found])
        for row in found:
            Schedule.objects.filter(pk=row.pk).update(next_at=next_slot(row.cron, row.zone, now))
    return len(found)


def _message(row: Schedule) -> outbox.Message:
    slot = row.next_at.isoformat()
    return outbox.Message(row.topic, {"schedule": row.name, "slot": slot}, f"{row.name}@{slot}")
