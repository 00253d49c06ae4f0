"""Rebate agreements with customers, and what was granted and taken back under each; those rows only grow."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from guicang.kernel.fields import ExactDecimalField
from guicang.kernel.ids import NIL
from guicang.kernel.models import AppendOnly, Row


class RebateAgreement(Row):
    """What a customer earns on his turnover from a day until a day (both count); frozen once anything was granted."""

    company_id = models.UUIDField()
    shop_id = models.UUIDField()
    customer_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    since = models.DateField()
    until = models.DateField()
    #: [[from_minor, bp]], `returns.rebates.Tier`, the lowest first.
    tiers: Any = models.JSONField()
    #: The tax within the rebate.
    tax_rate = ExactDecimalField(default=0)
    granted = models.BooleanField(default=False)
    #: Granted so far, less what was taken back: the sum of its entries.
    given_minor = models.BigIntegerField(default=0)
    command_id = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "currency", "since"], name="rebate_agreement_key"),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="rebate_agreement_days"),
            models.CheckConstraint(condition=Q(given_minor__gte=0), name="rebate_agreement_given"),
            models.CheckConstraint(condition=Q(granted=True) | Q(given_minor=0), name="rebate_agreement_granted"),
        ]
        indexes = [
            models.Index(fields=["recorded_at", "id"], name="rebate_agreement_newest"),
            models.Index(fields=["company_id"], condition=Q(granted=True), name="rebate_granted"),
        ]


class RebateEntry(AppendOnly):
    """A reckoning that moved something: `amount_minor` above zero was granted, below it taken back."""

    agreement = models.ForeignKey(RebateAgreement, models.PROTECT, related_name="entries")
    turnover_minor = models.BigIntegerField()
    bp = models.IntegerField()
    due_minor = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField(default=0)
    booked = models.BooleanField()
    entry_id = models.UUIDField(default=NIL)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount_minor=0), name="rebate_entry_amount"),
            models.CheckConstraint(condition=Q(turnover_minor__gte=0, due_minor__gte=0), name="rebate_entry_due"),
        ]
