"""Slips by which whoever was given something can give it back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from guicang.kernel.models import Row


class GiftCode(Row):
    """The code on the slip of an order that was a gift. Only its digest is kept; a new slip ends the one before."""

    order_id = models.UUIDField()
    digest = models.CharField(max_length=64, unique=True)
    ended = models.BooleanField(default=False)
    command_id = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order_id"], condition=Q(ended=False), name="gift_code_one"),
        ]
