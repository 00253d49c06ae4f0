"""Frozen versions of return policies. Orders point at one by plain id."""

from __future__ import annotations

from typing import Any

from django.db import models

from guicang.kernel.models import AppendOnly


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
