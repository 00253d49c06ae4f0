"""Parcels on their way, to us or back to the buyer."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from guicang.kernel.ids import NIL
from guicang.kernel.models import Row


class ParcelState(models.TextChoices):
    ANNOUNCED = "announced"
    IN_TRANSIT = "in_transit"
    ARRIVED = "arrived"
    LOST = "lost"


class Parcel(Row):
    """`return_id`, `order_id`: NIL where nobody knows yet what the parcel is."""

    company_id = models.UUIDField()
    warehouse_id = models.UUIDField()
    inbound = models.BooleanField(default=True)
    carrier = models.CharField(max_length=40, default="")
    tracking = models.CharField(max_length=80, default="")
    state = models.CharField(max_length=12, choices=ParcelState.choices, default=ParcelState.IN_TRANSIT)
    #: Refused at the door, intercepted, or sent back by the carrier: starts without an RMA.
    refused = models.BooleanField(default=False)
    return_id = models.UUIDField(default=NIL)
    order_id = models.UUIDField(default=NIL)
    sent_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    weight_g = models.BigIntegerField(default=0)
    command_id = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tracking", "carrier", "company_id"], condition=~Q(tracking=""), name="parcel_tracking"
            ),
        ]
        indexes = [models.Index(fields=["return_id"], name="parcel_return")]


class FreightTable(Row):
    """What the way back costs a company in a currency, a version a row (see `rules.Rate`); the highest holds."""

    append_only = True

    company_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    number = models.IntegerField()
    rates: Any = models.JSONField()
    command_id = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company_id", "currency", "number"], name="freight_table_number")
        ]
