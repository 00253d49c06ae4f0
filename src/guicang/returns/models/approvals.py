"""Who has to agree to a return: the stages of its flow, and whose word each of them asks for."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from guicang.kernel.ids import NIL
from guicang.kernel.models import Row


class ApprovalStage(Row):
    """A stage of the approval flow that a return was given when it was requested: frozen, whatever the flow says later.

    `round` counts appeals: each opens the flow anew. state: waiting, open, approved, rejected, or skipped where
    something else ended the request or the system decided.
    """

    parent = models.ForeignKey("returns.Return", models.PROTECT, related_name="approvals", db_index=False)
    round = models.SmallIntegerField(default=0)
    number = models.SmallIntegerField()
    flow_id = models.UUIDField()
    #: any: one of its seats decides; all: each of them has to.
    need = models.CharField(max_length=3)
    #: 0: nobody else is asked, however long it takes.
    hours = models.SmallIntegerField(default=0)
    escalate_to = models.CharField(max_length=20, default="")
    state = models.CharField(max_length=10)
    #: Who of the staff entered the request; NIL: the customer or a program of ours. Never decides about it.
    asked_by_id = models.UUIDField(default=NIL)
    opened_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    #: Since when the customer is asked, so that the time of the stage stands still; added to `due_at` afterwards.
    paused_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    #: {line: units} where less was granted than was asked for: the most that a later stage can grant.
    units: Any = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parent", "round", "number"], name="approval_stage_number"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "open", "approved", "rejected", "skipped"]),
                name="approval_stage_state",
            ),
        ]
        indexes = [models.Index(fields=["parent"], condition=Q(state="open"), name="approval_stage_open")]


class ApprovalSeat(Row):
    """Whose word a stage asks for: one person's, or that of anybody of a role. With who gave it."""

    stage = models.ForeignKey(ApprovalStage, models.PROTECT, related_name="seats")
    role = models.CharField(max_length=20, default="")
    user_id = models.UUIDField(default=NIL)
    #: The stage is open and this word is still missing.
    open = models.BooleanField(default=False)
    #: Added when the stage was overdue: it decides for all who did not.
    escalated = models.BooleanField(default=False)
    decided_by_id = models.UUIDField(default=NIL)
    #: For whom, where somebody stood in.
    decided_for_id = models.UUIDField(default=NIL)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["role", "user_id"], condition=Q(open=True), name="approval_seat_open")]
