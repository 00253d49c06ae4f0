"""Plain masters: who keeps books, who sells, where goods lie. Archived, never deleted."""

from __future__ import annotations

from django.db import models

from guicang.kernel.models import Row


class Ownership(models.TextChoices):
    """Owned: every movement comes in here. Mirrored: an ERP owns it and is handed what we do."""

    OWNED = "owned"
    MIRRORED = "mirrored"


class Master(Row):
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Company(Master):
    """A legal entity 账套 with its books. `books_from`: shipments and payments before it are facts without entries."""

    currency = models.CharField(max_length=3)
    zone = models.CharField(max_length=40, default="Asia/Shanghai")
    chart = models.CharField(max_length=20, default="cas")
    cost_method = models.CharField(max_length=10, default="average")
    write_down = models.CharField(max_length=10, default="direct")
    books = models.CharField(max_length=10, choices=Ownership.choices, default=Ownership.OWNED)
    books_from = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="company_code"),
            models.CheckConstraint(condition=models.Q(cost_method__in=["average", "fifo"]), name="company_cost_method"),
            models.CheckConstraint(
                condition=models.Q(write_down__in=["direct", "provision"]), name="company_write_down"
            ),
        ]


class Channel(Master):
    """Where orders come from: a platform, our own site, a counter."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code"], name="channel_code")]


class Market(Master):
    """A country or region whose law and calendar count: deadlines run in its zone."""

    zone = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code"], name="market_code")]


class Shop(Master):
    """A store on a channel, or a street shop; external order numbers are unique within it."""

    company = models.ForeignKey(Company, models.PROTECT)
    channel = models.ForeignKey(Channel, models.PROTECT)
    market = models.ForeignKey(Market, models.PROTECT)
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code"], name="shop_code")]


class Drawer(Master):
    """A cash drawer of a shop's counter, in the currency of the shop; what lies in it is the business of `payments`."""

    shop = models.ForeignKey(Shop, models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code"], name="drawer_code")]


class Warehouse(Master):
    """`goods_from`: shipments before it are facts without moves. `return_*`: where customers send goods to."""

    company = models.ForeignKey(Company, models.PROTECT)
    return_to = models.CharField(max_length=80, default="", blank=True)
    return_phone = models.CharField(max_length=40, default="", blank=True)
    return_address = models.CharField(max_length=300, default="", blank=True)
    goods = models.CharField(max_length=10, choices=Ownership.choices, default=Ownership.OWNED)
    goods_from = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code"], name="warehouse_code")]
