"""Endpoints, their secrets, and the log: what was to be told to whom, and each attempt to tell it.

Nothing here is a book: the log is erased after a while (`operations.forget`), an endpoint with all it had on demand.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from guicang.kernel.ids import NIL
from guicang.kernel.models import Row


class State(models.TextChoices):
    """Of a delivery. Held: its endpoint was off when its turn came, and nothing was sent."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    HELD = "held"


class Endpoint(Row):
    """Where a company's changes are told. Off, it says why: by hand, gone (410), or failing for days."""

    company_id = models.UUIDField()
    url = models.CharField(max_length=500)
    description = models.CharField(max_length=120, default="")
    #: Types that are wanted; none: all.
    events: Any = models.JSONField(default=list)
    is_on = models.BooleanField(default=True)
    off_reason = models.CharField(max_length=12, default="")
    changed_at = models.DateTimeField()
    #: Since when nothing arrives; empty while it does.
    failing_since = models.DateTimeField(null=True)
    #: It asked to be left alone until then (Retry-After).
    rests_until = models.DateTimeField(null=True)
    created_by = models.UUIDField(default=NIL)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["company_id"], name="endpoint_company")]


class Secret(Row):
    """What signs, sealed as values of the vault are; one that was replaced signs beside its successor for a day."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="secrets")
    sealed = models.TextField()
    key_id = models.CharField(max_length=20)
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)


class Delivery(Row):
    """One event for one endpoint. `payload` is signed and sent as it stands here: ids, codes and amounts."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    event_id = models.UUIDField()
    type = models.CharField(max_length=60)
    aggregate_id = models.UUIDField(default=NIL)
    payload = models.TextField()
    created_at = models.DateTimeField()
    state = models.CharField(max_length=10, default=State.WAITING)
    #: Which message of the outbox may send it: a replay queues the next, and the one before is void.
    turn = models.SmallIntegerField(default=0)
    attempts = models.IntegerField(default=0)
    last_status = models.SmallIntegerField(default=0)
    last_error = models.CharField(max_length=12, default="")
    next_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="delivery_once"),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="delivery_state"),
        ]
        indexes = [
            models.Index(fields=["endpoint", "state", "id"], name="delivery_state_of_endpoint"),
            models.Index(fields=["created_at"], name="delivery_age"),
        ]


class Attempt(Row):
    """One call. Written before it, completed after it: one without an end was cut off, and may have arrived."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="log")
    endpoint_id = models.UUIDField()
    number = models.IntegerField()
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    status = models.SmallIntegerField(default=0)
    error = models.CharField(max_length=12, default="")
    ms = models.IntegerField(default=0)
    #: The beginning of what it answered, which is somebody else's text.
    answer = models.CharField(max_length=500, default="")

    class Meta:
        indexes = [
            models.Index(fields=["endpoint_id"], condition=models.Q(ended_at__isnull=True), name="attempt_under_way"),
        ]
