"""The goods ledger: moves that only grow, and the running levels and values they add up to."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from guicang.kernel.ids import NIL
from guicang.kernel.models import AppendOnly, Row

#: Grade of goods nobody has looked at: it has quantity and no value.
UNINSPECTED = "uninspected"
#: Grade of goods as sold.
GRADE_A = "A"


class LocationKind(models.TextChoices):
    SELLABLE = "sellable"  # 可售
    BAY = "bay"  # 待检区
    REFURBISH = "refurbish"  # 待翻新
    SECOND = "second"  # 次品
    STAGING = "staging"  # 待退供应商
    HELD = "held"  # 待寄回: the buyer's own goods, in our hands
    CUSTOMER = "customer"
    TRANSIT = "transit"
    SUPPLIER = "supplier"
    SCRAP = "scrap"
    ADJUSTMENT = "adjustment"
    ERP = "erp"  # handed over to the ERP that owns the goods


REAL = frozenset({"sellable", "bay", "refurbish", "second", "staging", "held"})


class Location(Row):
    """A place in a warehouse. Real ones never run negative; virtual ones stand for the world outside."""

    company_id = models.UUIDField()
    warehouse_id = models.UUIDField()
    kind = models.CharField(max_length=12, choices=LocationKind.choices)
    code = models.CharField(max_length=40)
    virtual = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["warehouse_id", "code"], name="location_code")]


class Grade(Row):
    """成色: what a unit of it is worth of its cost (`worth_ppm`, millionths)."""

    company_id = models.UUIDField()
    code = models.CharField(max_length=12)
    name = models.CharField(max_length=60)
    worth_ppm = models.IntegerField(default=1_000_000)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company_id", "code"], name="grade_code"),
            models.CheckConstraint(condition=Q(worth_ppm__gte=0, worth_ppm__lte=1_000_000), name="grade_worth"),
        ]


class StockMove(AppendOnly):
    """`quantity` units of a SKU from one place and grade to another; a correction is an opposite move."""

    company_id = models.UUIDField()
    owner_id = models.UUIDField()
    sku_id = models.UUIDField()
    lot = models.CharField(max_length=60, default="")
    serial = models.CharField(max_length=80, default="")
    from_location_id = models.UUIDField()
    from_grade = models.CharField(max_length=12)
    to_location_id = models.UUIDField()
    to_grade = models.CharField(max_length=12)
    quantity = models.BigIntegerField()
    weight_g = models.BigIntegerField(default=0)
    event = models.CharField(max_length=20)
    source_kind = models.CharField(max_length=20)
    source_id = models.UUIDField()
    reverses_id = models.UUIDField(default=NIL)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="move_quantity"),
            models.CheckConstraint(
                condition=~Q(from_location_id=F("to_location_id")) | ~Q(from_grade=F("to_grade")), name="move_somewhere"
            ),
        ]
        indexes = [
            models.Index(fields=["sku_id", "occurred_at", "id"], name="move_sku"),
            models.Index(fields=["source_id"], name="move_source"),
        ]


class StockLevel(models.Model):
    """Running balance; its id is derived from its key."""

    id = models.UUIDField(primary_key=True)
    company_id = models.UUIDField()
    owner_id = models.UUIDField()
    sku_id = models.UUIDField()
    lot = models.CharField(max_length=60, default="")
    grade = models.CharField(max_length=12)
    location_id = models.UUIDField()
    virtual = models.BooleanField()
    on_hand = models.BigIntegerField(default=0)
    #: Of these, what is kept for somebody (`Reservation`): nobody else takes it.
    reserved = models.BigIntegerField(default=0)
    weight_g = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sku_id", "lot", "grade", "owner_id", "location_id"], name="level_key"),
            models.CheckConstraint(condition=Q(virtual=True) | Q(on_hand__gte=0), name="level_not_negative"),
            models.CheckConstraint(
                condition=Q(reserved=0) | Q(reserved__gte=0, on_hand__gte=F("reserved")), name="level_reserved"
            ),
        ]
        indexes = [models.Index(fields=["location_id", "sku_id"], name="level_location")]


class Reservation(Row):
    """Units of a level that are kept for one holder: a return whose exchange was granted, later its replacement."""

    level_id = models.UUIDField()
    holder_id = models.UUIDField()
    quantity = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["holder_id", "level_id"], name="reservation_holder"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="reservation_quantity"),
        ]
        indexes = [models.Index(fields=["level_id"], name="reservation_level")]


class StockValue(AppendOnly):
    """A change of a value pool: quantity and cost in or out, provision, or a difference that is only listed."""

    company_id = models.UUIDField()
    owner_id = models.UUIDField()
    pool_id = models.UUIDField()
    sku_id = models.UUIDField()
    grade = models.CharField(max_length=12)
    kind = models.CharField(max_length=12)
    quantity = models.BigIntegerField(default=0)
    cost_minor = models.BigIntegerField(default=0)
    provision_minor = models.BigIntegerField(default=0)
    #: First entry less what left, where an opposite or re-disposing move leaves at today's average.
    difference_minor = models.BigIntegerField(default=0)
    cost_source = models.CharField(max_length=12, default="")
    move_id = models.UUIDField(default=NIL)
    source_kind = models.CharField(max_length=20)
    source_id = models.UUIDField()

    class Meta:
        indexes = [
            models.Index(fields=["pool_id"], name="value_pool"),
            models.Index(fields=["source_id"], name="value_source"),
        ]


class ValuePool(models.Model):
    """Running value of SKU x grade x owner in book minor units; its id is derived from its key."""

    id = models.UUIDField(primary_key=True)
    company_id = models.UUIDField()
    owner_id = models.UUIDField()
    sku_id = models.UUIDField()
    grade = models.CharField(max_length=12)
    quantity = models.BigIntegerField(default=0)
    cost_minor = models.BigIntegerField(default=0)
    provision_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sku_id", "grade", "owner_id"], name="pool_key"),
            models.CheckConstraint(
                condition=Q(quantity__gte=0, cost_minor__gte=0, provision_minor__gte=0), name="pool_not_negative"
            ),
            models.CheckConstraint(condition=Q(provision_minor__lte=F("cost_minor")), name="pool_provision"),
        ]


class CostLayer(Row):
    """FIFO only: what is left of one entry into a pool; a re-entry is a new layer."""

    pool_id = models.UUIDField()
    value_id = models.UUIDField()
    quantity = models.BigIntegerField()
    cost_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=0, cost_minor__gte=0), name="layer_not_negative")
        ]
        indexes = [models.Index(fields=["pool_id", "id"], condition=Q(quantity__gt=0), name="layer_open")]
