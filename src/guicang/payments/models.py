"""Money that goes back by a tender, and what stands in its way."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin, Row


class RefundState(models.TextChoices):
    SUBMITTED = "submitted"
    PAID = "paid"
    FAILED = "failed"


class Refund(Row):
    """One intent to pay back by one tender; `intent_key` is the same across all its retries."""

    company_id = models.UUIDField()
    order_id = models.UUIDField()
    tender_id = models.UUIDField()
    settlement_id = models.UUIDField()
    intent_key = models.CharField(max_length=80)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=RefundState.choices)
    reference = models.CharField(max_length=120, default="")
    reverses_id = models.UUIDField(default=NIL)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    command_id = models.UUIDField()
    origin = models.CharField(max_length=8, default=Origin.LIVE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["intent_key"], name="refund_intent"),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="refund_amount"),
        ]
        indexes = [
            models.Index(fields=["tender_id"], name="refund_tender"),
            models.Index(fields=["settlement_id"], name="refund_settlement"),
        ]


class Dispute(Row):
    """A chargeback: while it is open its amount cannot be refunded by that tender."""

    tender_id = models.UUIDField()
    amount_minor = models.BigIntegerField()
    reference = models.CharField(max_length=120)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tender_id", "reference"], name="dispute_key"),
            models.CheckConstraint(condition=Q(amount_minor__gte=1), name="dispute_amount"),
        ]
