"""What one order's credit paid of another."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from guicang.kernel.models import AppendOnly


class SetOff(AppendOnly):
    """The credit of one order that paid what the buyer owed for another (抵销): no money moved."""

    company_id = models.UUIDField()
    customer_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    from_order = models.ForeignKey("sales.Order", models.PROTECT, related_name="set_off_from")
    to_order = models.ForeignKey("sales.Order", models.PROTECT, related_name="set_off_to")
    amount_minor = models.BigIntegerField()
    entry_id = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gte=1), name="set_off_amount"),
            models.CheckConstraint(condition=~Q(from_order=F("to_order")), name="set_off_two_orders"),
        ]
        indexes = [models.Index(fields=["customer_id", "recorded_at"], name="set_off_customer")]
