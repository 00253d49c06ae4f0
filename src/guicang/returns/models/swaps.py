"""What a buyer wants in place of goods, and what was collected for it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from guicang.kernel.fields import ExactDecimalField
from guicang.kernel.models import AppendOnly, Row
from guicang.returns.settlement.exchanging import Pricing


class Swap(Row):
    """Units of a SKU in place of a line's. Its price is frozen when the return is granted; written under its lock."""

    parent_id = models.UUIDField()
    line_id = models.UUIDField()
    position = models.SmallIntegerField()
    sku_id = models.UUIDField()
    units = models.BigIntegerField()
    pricing = models.CharField(max_length=8, choices=[(one.value, one.name) for one in Pricing])
    #: Of one unit, as the order states prices; of the same item the settlement says it.
    unit_minor = models.BigIntegerField(default=0)
    tax_rate = ExactDecimalField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parent_id", "line_id", "position"], name="swap_position"),
            models.CheckConstraint(condition=Q(units__gte=1, unit_minor__gte=0), name="swap_amounts"),
        ]


class Collection(AppendOnly):
    """Money that came in for the order in place of returned goods, once for each reason there is."""

    parent_id = models.UUIDField()
    order_id = models.UUIDField()
    #: `difference`: the new goods cost more; `charge`: the old ones did not come back in time.
    kind = models.CharField(max_length=12)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    tender_kind = models.CharField(max_length=20)
    reference = models.CharField(max_length=120, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order_id", "kind"], name="collection_once"),
            models.CheckConstraint(condition=Q(amount_minor__gte=1), name="collection_amount"),
        ]
