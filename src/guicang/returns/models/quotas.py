"""What a company says about how much a customer may send back in a year, and what each used of it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from guicang.kernel.models import Row


class QuotaRules(Row):
    """A version of the rules (`returns.quotas.Rules`) of a company for a group of customers ('': all others)."""

    append_only = True

    company_id = models.UUIDField()
    tier = models.CharField(max_length=40, default="", blank=True)
    number = models.IntegerField()
    rules: Any = models.JSONField()
    command_id = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company_id", "tier", "number"], name="quota_rules_number")]


class Quota(Row):
    """What a customer used of his quota of a year, in one currency: the sum of `QuotaUse`. Its id is derived."""

    company_id = models.UUIDField()
    customer_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    year = models.SmallIntegerField()
    used_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "company_id", "currency", "year"], name="quota_key"),
            models.CheckConstraint(condition=Q(used_minor__gte=0), name="quota_used"),
        ]


class QuotaUse(Row):
    """What a return took of a quota, or gave back of it."""

    append_only = True

    quota_id = models.UUIDField()
    parent_id = models.UUIDField()
    amount_minor = models.BigIntegerField()
    command_id = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount_minor=0), name="quota_use_amount")]
        indexes = [
            models.Index(fields=["quota_id"], name="quota_use_quota"),
            models.Index(fields=["parent_id"], name="quota_use_return"),
        ]
