"""Talks about keeping the goods for a part of the money."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from guicang.kernel.ids import NIL
from guicang.kernel.models import Row


class Offer(Row):
    """A part refund for keeping the goods, as one side offered it to the other. Numbered within its return.

    `state`: of `offers.OfferState`. An open one past `expires_at` binds nobody, whether or not that was written down.
    """

    parent = models.ForeignKey("returns.Return", models.PROTECT, related_name="offers", db_index=False)
    number = models.SmallIntegerField()
    #: Who made it: staff or customer.
    side = models.CharField(max_length=10)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(default=NIL)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    command_id = models.UUIDField()
    decided_command_id = models.UUIDField(default=NIL)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parent", "number"], name="offer_number"),
            models.UniqueConstraint(fields=["parent"], condition=Q(state="open"), name="offer_open_once"),
            models.CheckConstraint(condition=Q(amount_minor__gte=1), name="offer_amount"),
        ]
