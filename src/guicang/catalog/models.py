"""What can be sold and come back: products, SKUs, barcodes, units, bundles, serials."""

from __future__ import annotations

from django.db import models

from guicang.kernel.fields import ExactDecimalField
from guicang.kernel.ids import NIL
from guicang.kernel.models import Row


class Product(Row):
    company_id = models.UUIDField()
    code = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    category = models.CharField(max_length=80, default="")
    brand = models.CharField(max_length=80, default="")
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company_id", "code"], name="product_code")]


class Sku(Row):
    """The unit of stock and claims. Quantities everywhere are integers of its base unit."""

    company_id = models.UUIDField()
    product_id = models.UUIDField(default=NIL)
    #: Exactly as the source writes it: codes that differ only by case are two SKUs, and reported.
    code = models.CharField(max_length=80)
    name = models.CharField(max_length=200, default="")
    variant = models.CharField(max_length=120, default="")
    category = models.CharField(max_length=80, default="")
    brand = models.CharField(max_length=80, default="")
    unit = models.CharField(max_length=20, default="件")
    is_bundle = models.BooleanField(default=False)
    returnable = models.BooleanField(default=True)
    tracks_lot = models.BooleanField(default=False)
    tracks_serial = models.BooleanField(default=False)
    weight_g = models.BigIntegerField(default=0)
    standard_cost_minor = models.BigIntegerField(null=True)
    #: What a unit sells for today, stated as the orders of the shop state prices; NULL: nobody said.
    list_price_minor = models.BigIntegerField(null=True)
    tax_rate = ExactDecimalField(default=0)
    supplier_id = models.UUIDField(default=NIL)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "company_id"], name="sku_code"),
            models.CheckConstraint(condition=models.Q(weight_g__gte=0), name="sku_weight"),
        ]
        # What the editor of policies offers.
        indexes = [
            models.Index(fields=["company_id", "category"], condition=~models.Q(category=""), name="sku_category"),
            models.Index(fields=["company_id", "brand"], condition=~models.Q(brand=""), name="sku_brand"),
            # The variants of a product, which an exchange offers.
            models.Index(fields=["product_id"], condition=~models.Q(product_id=NIL), name="sku_product"),
        ]


class Barcode(Row):
    """A scannable code for `quantity` base units of a SKU."""

    company_id = models.UUIDField()
    code = models.CharField(max_length=80)
    sku = models.ForeignKey(Sku, models.PROTECT)
    quantity = models.BigIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company_id", "code"], name="barcode_code"),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="barcode_quantity"),
        ]


class UnitConversion(Row):
    """One `unit` is `factor` base units: a carton of 12, a kilogram of 1000 g."""

    sku = models.ForeignKey(Sku, models.PROTECT)
    unit = models.CharField(max_length=20)
    factor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sku", "unit"], name="unit_of_sku"),
            models.CheckConstraint(condition=models.Q(factor__gte=1), name="unit_factor"),
        ]


class BundleComponent(Row):
    """Today's composition; an order line freezes its own copy, so that editing this changes nothing sold."""

    bundle = models.ForeignKey(Sku, models.PROTECT, related_name="components")
    component = models.ForeignKey(Sku, models.PROTECT, related_name="+")
    position = models.SmallIntegerField()
    quantity = models.BigIntegerField()
    price_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bundle", "position"], name="bundle_position"),
            models.CheckConstraint(condition=models.Q(quantity__gte=1, price_minor__gte=0), name="bundle_amounts"),
        ]


class Lot(Row):
    """A batch 批次 of a SKU, with the last day on which it may be sold as it is."""

    sku = models.ForeignKey(Sku, models.PROTECT, db_index=False)
    code = models.CharField(max_length=60)
    best_before = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sku", "code"], name="lot_code")]


class Serial(Row):
    """One physical unit. Its latest sale is the only one that can be refunded."""

    sku = models.ForeignKey(Sku, models.PROTECT)
    number = models.CharField(max_length=80)
    latest_shipment_line_id = models.UUIDField(default=NIL)
    open_return_line_id = models.UUIDField(default=NIL)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sku", "number"], name="serial_number")]
