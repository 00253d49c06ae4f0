"""What a company says about the price of a return without an order, and the prices it agreed with customers."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from guicang.kernel.models import Row
from guicang.returns.pricing import FOREVER


class PriceRules(Row):
    """A version of the rules (`returns.pricing.Rules`) of a company for a group of customers ('': all others)."""

    append_only = True

    company_id = models.UUIDField()
    tier = models.CharField(max_length=40, default="", blank=True)
    number = models.IntegerField()
    rules: Any = models.JSONField()
    command_id = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company_id", "tier", "number"], name="price_rules_number")]


class AgreedPrice(Row):
    """A price agreed with a customer for a unit, tax within, from a day until a day (both count)."""

    company_id = models.UUIDField()
    shop_id = models.UUIDField()
    customer_id = models.UUIDField()
    sku_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    since = models.DateField()
    until = models.DateField(default=FOREVER)
    price_minor = models.BigIntegerField()
    command_id = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "sku_id", "currency", "since"], name="agreed_price_key"),
            models.CheckConstraint(condition=Q(price_minor__gte=0), name="agreed_price_amount"),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="agreed_price_days"),
        ]
        # The newest first, page by page.
        indexes = [models.Index(fields=["recorded_at", "id"], name="agreed_price_newest")]
