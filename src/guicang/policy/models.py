"""Frozen versions of a company's return policies, the draft of the next one, and the reasons that forms offer.

Orders point at a version by plain id.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from guicang.kernel.ids import NIL
from guicang.kernel.models import AppendOnly, Row


class PolicyVersion(AppendOnly):
    """`statement` as data (see `policy.rules.Statement`); in force from `effective_from` until a later version."""

    company_id = models.UUIDField()
    number = models.IntegerField()
    name = models.CharField(max_length=120)
    effective_from = models.DateTimeField()
    #: The plain default until a merchant states a policy; a back-fill may replace it once.
    provisional = models.BooleanField(default=False)
    statement: Any = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company_id", "number"], name="policy_version_number")]


class PolicyDraft(Row):
    """What will be the next version, while it is written: one for a company. `revision` rises with every change."""

    company_id = models.UUIDField(unique=True)
    name = models.CharField(max_length=120)
    statement: Any = models.JSONField(default=dict)
    #: The version it began as a copy of; NIL: of none.
    base_id = models.UUIDField(default=NIL)
    revision = models.IntegerField(default=1)
    changed_by = models.UUIDField(default=NIL)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(revision__gte=1), name="policy_draft_revision")]


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
                condition=Q(fault__in=["seller", "carrier", "buyer", "none"]), name="return_reason_fault"
            ),
        ]
