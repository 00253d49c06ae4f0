"""Repairs: what was quoted and agreed, the parts that were used, and what the buyer paid."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from guicang.kernel.ids import NIL
from guicang.kernel.models import AppendOnly, Row


class Repair(Row):
    """The repair of a return's goods. `state`: of `repairing.RepairState`. Written under the lock of its return."""

    parent_id = models.UUIDField(unique=True)
    state = models.CharField(max_length=10)
    in_warranty = models.BooleanField()
    currency = models.CharField(max_length=3)
    #: What the buyer pays, with its tax; 0: nothing.
    price_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    labour_minutes = models.IntegerField(default=0)
    quoted_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    command_id = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(price_minor__gte=F("tax_minor"), tax_minor__gte=0, labour_minutes__gte=0),
                name="repair_amounts",
            ),
            models.CheckConstraint(condition=Q(in_warranty=False) | Q(price_minor=0), name="repair_warranty"),
        ]


class RepairPart(AppendOnly):
    """Units from stock that a repair used, at what they cost in minor units of the books."""

    parent_id = models.UUIDField()
    sku_id = models.UUIDField()
    quantity = models.BigIntegerField()
    move_id = models.UUIDField(default=NIL)
    cost_minor = models.BigIntegerField(default=0)
    in_warranty = models.BooleanField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(quantity__gte=1, cost_minor__gte=0), name="repair_part")]
        indexes = [models.Index(fields=["parent_id"], name="repair_part_parent")]


class RepairPayment(AppendOnly):
    """What the buyer paid for a repair, once."""

    parent_id = models.UUIDField(unique=True)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField(default=0)
    tender_kind = models.CharField(max_length=20)
    reference = models.CharField(max_length=120, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gte=1, tax_minor__gte=0, tax_minor__lte=F("amount_minor")),
                name="repair_payment",
            )
        ]
