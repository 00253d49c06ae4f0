"""How much money without goods each role may grant, what was granted by month, and insurance of the way back."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from guicang.kernel.models import Row


class MoneyRules(Row):
    """A version of a company's limits (`returns.limits.Rules`); the highest number holds."""

    append_only = True

    company_id = models.UUIDField()
    number = models.IntegerField()
    rules: Any = models.JSONField()
    command_id = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company_id", "number"], name="money_rules_number")]


class MoneyMonth(Row):
    """What was granted in a month to a customer, or by a member of staff: the sum of `MoneyGrant`. A derived id."""

    company_id = models.UUIDField()
    kind = models.CharField(max_length=8)
    owner_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    month = models.IntegerField()
    given_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner_id", "company_id", "kind", "currency", "month"], name="money_month_key"
            ),
            models.CheckConstraint(condition=Q(given_minor__gte=0), name="money_month_given"),
            models.CheckConstraint(condition=Q(kind__in=["customer", "agent"]), name="money_month_kind"),
        ]


class MoneyGrant(Row):
    """Money without goods that a member of staff granted with a return."""

    append_only = True

    parent_id = models.UUIDField()
    customer_month_id = models.UUIDField()
    agent_month_id = models.UUIDField()
    amount_minor = models.BigIntegerField()
    command_id = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parent_id"], name="money_grant_once"),
            models.CheckConstraint(condition=Q(amount_minor__gte=1), name="money_grant_amount"),
        ]


class Insurance(Row):
    """运费险 of a return: who insured its way back, and what became of the claim."""

    parent_id = models.UUIDField(unique=True)
    insured_by = models.CharField(max_length=10)
    insurer = models.CharField(max_length=60, default="", blank=True)
    policy_number = models.CharField(max_length=60, default="", blank=True)
    state = models.CharField(max_length=10)
    amount_minor = models.BigIntegerField(default=0)
    #: The day of what its state says.
    day = models.DateField()
    changed_at = models.DateTimeField()
    command_id = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(insured_by__in=["buyer", "shop", "platform"]), name="insurance_by"),
            models.CheckConstraint(
                condition=Q(state__in=["insured", "filed", "paid", "refused"]), name="insurance_state"
            ),
            models.CheckConstraint(
                condition=Q(state="paid", amount_minor__gte=1) | (~Q(state="paid") & Q(amount_minor__gte=0)),
                name="insurance_amount",
            ),
        ]
