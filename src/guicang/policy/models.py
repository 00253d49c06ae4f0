"""Frozen versions of return policies, which orders point at by plain id, and the reasons that forms offer."""

from __future__ import annotations

from typing import Any

from django.db import models

from guicang.kernel.models import AppendOnly, Row


class PolicyVersion(AppendOnly):
    """`terms` as data (see `policy.rules.Terms`); in force from `effective_from` until a later version."""

    company_id = models.UUIDField()
    code = models.CharField(max_length=60)
    number = models.IntegerField()
    name = models.CharField(max_length=120)
    effective_from = models.DateTimeField()
    #: The plain default until a merchant states a policy; a back-fill may replace it once.
    provisional = models.BooleanField(default=False)
    terms: Any = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company_id", "code", "number"], name="policy_version_number")]


class ReturnReason(Row):
    """Why something comes back, as `policy.facts` says; archived, never deleted: returns keep its code."""

    company_id = models.UUIDField()
    code = models.CharField(max_length=40)
    zh = models.CharField(max_length=80)
    en = models.CharField(max_length=80)
    fault = models.CharField(max_length=10)
    asks_evidence = models.BooleanField(default=False)
    before_shipment = models.BooleanField(default=False)
    position = models.IntegerField()
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company_id", "code"], name="return_reason_code"),
            models.CheckConstraint(
                condition=models.Q(fault__in=["seller", "carrier", "buyer", "none"]), name="return_reason_fault"
            ),
        ]
