"""What a company says about risk, what is usual there, its lists of customers, and the scores of returns."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from guicang.kernel.models import Row


class RiskRules(Row):
    """What a company says about risk, a version a row (see `risk.Rules`); the highest number holds."""

    append_only = True

    company_id = models.UUIDField()
    number = models.IntegerField()
    rules: Any = models.JSONField()
    command_id = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company_id", "number"], name="risk_rules_number")]


class RiskPeers(Row):
    """A company's customers together, as counted at one time: what is usual there."""

    append_only = True

    company_id = models.UUIDField()
    customers = models.BigIntegerField()
    orders = models.BigIntegerField()
    returned = models.BigIntegerField()
    #: What a customer begins with (`risk.Prior`); 0 and 0 where too little is known.
    prior_returned_milli = models.BigIntegerField()
    prior_orders_milli = models.BigIntegerField()
    #: The median of what returns paid back, in the company's currency; 0 where none is known.
    usual_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company_id", "recorded_at"], name="risk_peers_once")]


class RiskScore(Row):
    """The points of a return at one moment of its life, with every part; nobody changes what was known then."""

    append_only = True

    parent = models.ForeignKey("returns.Return", models.PROTECT, related_name="risk_scores")
    #: request, receipt or inspection.
    moment = models.CharField(max_length=12)
    points = models.IntegerField()
    #: [{code, points, figures}]
    parts: Any = models.JSONField(default=list)
    #: The customer's list at that time: allow, block or ''.
    listed = models.CharField(max_length=8, default="")
    threshold = models.IntegerField()
    high = models.BooleanField()
    rules_number = models.IntegerField()
    #: What scores to come count: asked for at the last moment; what it would pay back (NULL: not known).
    last_day = models.BooleanField(default=False)
    amount_minor = models.BigIntegerField(null=True)
    command_id = models.UUIDField()
    recorded_at = models.DateTimeField()


class RiskListing(Row):
    """A customer whose points are set aside (allow), or whose every request somebody looks at (block), until then."""

    company_id = models.UUIDField()
    customer_id = models.UUIDField()
    kind = models.CharField(max_length=8)
    reason = models.CharField(max_length=40)
    until = models.DateTimeField()
    created_at = models.DateTimeField()
    ended = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id"], condition=Q(ended=False), name="risk_listing_one"),
            models.CheckConstraint(condition=Q(kind__in=["allow", "block"]), name="risk_listing_kind"),
        ]
        indexes = [models.Index(fields=["company_id", "until"], condition=Q(ended=False), name="risk_listing_open")]
