"""What went to buyers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from guicang.kernel.ids import NIL
from guicang.kernel.models import AppendOnly


class Outgoing(AppendOnly):
    """Units of a line that left for the buyer: his own (`stock` False), or the same goods from stock once more."""

    parent_id = models.UUIDField()
    line_id = models.UUIDField()
    quantity = models.BigIntegerField()
    stock = models.BooleanField()
    #: NIL: they went back at the instant of a past inspection, whose move says it.
    move_id = models.UUIDField(default=NIL)
    parcel_id = models.UUIDField(default=NIL)
    #: What goods from stock cost, in minor units of the books.
    cost_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(quantity__gte=1, cost_minor__gte=0), name="outgoing_amounts")]
        indexes = [
            models.Index(fields=["line_id"], name="outgoing_line"),
            models.Index(fields=["parent_id"], name="outgoing_parent"),
        ]
