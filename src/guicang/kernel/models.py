"""Shapes shared by every context's tables, and the kernel's own rows."""

from __future__ import annotations

from typing import Any

from django.db import models

from guicang.kernel.ids import NIL, new_id


class Origin(models.TextChoices):
    """How a row came to be: as it happened, from imported past documents, or as an opening balance."""

    LIVE = "live"
    HISTORY = "history"
    OPENING = "opening"


class Row(models.Model):
    """A table with a UUIDv7 primary key made in the application."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True


class AppendOnly(Row):
    """Rows that are never changed or removed: triggers on both engines refuse it.

    occurred_at: when it happened; recorded_at: when we wrote it; book_date: the day it counts for,
    in the company's zone and an open period; command_id: the command that wrote it.
    """

    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    book_date = models.DateField()
    command_id = models.UUIDField()
    origin = models.CharField(max_length=8, default=Origin.LIVE)

    class Meta:
        abstract = True


class Command(Row):
    """One command as it was carried out; with a key also the memory that makes it idempotent.

    `reply` holds ids and codes only, never personal data.
    """

    name = models.CharField(max_length=60)
    scope = models.CharField(max_length=60, default="")
    key = models.CharField(max_length=200, default="")
    input_hash = models.CharField(max_length=64, default="")
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(default=NIL)
    origin = models.CharField(max_length=8, default=Origin.LIVE)
    items = models.IntegerField(default=0)
    reply: Any = models.JSONField(default=dict)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], condition=~models.Q(key=""), name="command_once"),
        ]
        indexes = [models.Index(fields=["recorded_at"], condition=~models.Q(key=""), name="command_replies")]


class OutboxMessage(Row):
    """A side effect that waits for its transaction to be committed; see `kernel.outbox`."""

    topic = models.CharField(max_length=80)
    #: Messages of a lane are handled by workers of its own (settings.OUTBOX_LANES): '' is the usual one.
    lane = models.CharField(max_length=20, default="")
    version = models.SmallIntegerField(default=1)
    #: Equal keys are one effect: a schedule's slot, a refund's intent.
    dedupe_key = models.CharField(max_length=200)
    body: Any = models.JSONField(default=dict)
    aggregate_id = models.UUIDField(default=NIL)
    command_id = models.UUIDField(default=NIL)
    created_at = models.DateTimeField()
    run_after = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    lease_owner = models.CharField(max_length=80, default="")
    attempts = models.SmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "dedupe_key"], name="outbox_once")]
        indexes = [
            models.Index(
                fields=["lane", "run_after", "id"],
                condition=models.Q(done_at__isnull=True, dead_at__isnull=True),
                name="outbox_waiting",
            ),
            models.Index(fields=["id"], condition=models.Q(dead_at__isnull=False), name="outbox_dead"),
            models.Index(fields=["aggregate_id"], name="outbox_aggregate"),
        ]


class Listener(Row):
    """Somebody wants a topic of a company (NIL: of all): what nobody wants is not queued (`outbox.heard`)."""

    topic = models.CharField(max_length=80)
    company_id = models.UUIDField(default=NIL)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "company_id"], name="listener_once")]


class Schedule(Row):
    """Periodic work: a cron line in a zone; the worker queues one outbox row per slot."""

    name = models.CharField(max_length=60, unique=True)
    topic = models.CharField(max_length=80)
    cron = models.CharField(max_length=60)
    zone = models.CharField(max_length=40, default="UTC")
    active = models.BooleanField(default=True)
    next_at = models.DateTimeField()


class NumberRange(models.Model):
    """Numbers per company, document type and year, taken in blocks (gaps are listed, not hidden)."""

    id = models.UUIDField(primary_key=True)
    company_id = models.UUIDField()
    document = models.CharField(max_length=20)
    year = models.SmallIntegerField()
    prefix = models.CharField(max_length=20, default="")
    width = models.SmallIntegerField(default=1)
    last = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company_id", "document", "year"], name="number_range_key"),
            models.CheckConstraint(condition=models.Q(last__gte=0), name="number_range_not_negative"),
        ]
