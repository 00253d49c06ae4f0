"""Frozen versions of a company's return policies, the draft of the next one, runs over the past, the reasons that
forms offer, what else they ask, and who has to agree.

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


class Simulation(Row):
    """A statement replayed over past requests of a company, and what came of it; the last ones are kept.

    queued -> running -> done | failed | cancelled; a failed or cancelled one can go on. `statement` is what was tried,
    as it was then. `effect` is `policy.rules.Effect` over all requests up to `reached`.
    """

    company_id = models.UUIDField()
    name = models.CharField(max_length=120)
    statement: Any = models.JSONField(default=dict)
    #: The version that it is compared with; NIL: for each order the one it is frozen to.
    baseline_id = models.UUIDField(default=NIL)
    baseline_name = models.CharField(max_length=120, default="")
    since = models.DateTimeField()
    until = models.DateTimeField()
    amounts = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default="queued")
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    #: When the last request counted was made, and its id.
    reached_at = models.DateTimeField(null=True)
    reached_id = models.UUIDField(default=NIL)
    effect: Any = models.JSONField(default=dict)
    #: Why it failed, a code.
    fault = models.CharField(max_length=40, default="")
    #: How often it was queued: part of the message's key.
    starts = models.IntegerField(default=1)
    cancel_wanted = models.BooleanField(default=False)
    actor_id = models.UUIDField(default=NIL)
    created_at = models.DateTimeField()
    queued_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "done", "failed", "cancelled"]), name="simulation_state"
            )
        ]
        indexes = [models.Index(fields=["company_id", "-created_at"], name="simulation_of_company")]


class PolicyReview(Row):
    """How often a company wants to look at what its policy does, and since when that time runs."""

    company_id = models.UUIDField(unique=True)
    months = models.SmallIntegerField()
    looked_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(months__gte=1, months__lte=60), name="policy_review_months")]


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


class CustomField(Row):
    """Something more that a company asks about a return, as `policy.facts.FieldInfo` says.

    Archived, never deleted: answers point at it. Code, kind and place stay, since answers are of that kind and place.
    """

    company_id = models.UUIDField()
    code = models.CharField(max_length=40)
    zh = models.CharField(max_length=80)
    en = models.CharField(max_length=80)
    help_zh = models.CharField(max_length=160, default="")
    help_en = models.CharField(max_length=160, default="")
    kind = models.CharField(max_length=10)
    #: Of a choice: [{code, zh, en}], in the order in which they are offered.
    options: Any = models.JSONField(default=list)
    asked_of = models.CharField(max_length=10)
    #: Asked for every line; else once for the return.
    per_line = models.BooleanField(default=False)
    required = models.BooleanField(default=False)
    position = models.IntegerField()
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company_id", "code"], name="custom_field_code"),
            models.CheckConstraint(
                condition=Q(kind__in=["text", "number", "date", "choice", "yes_no"]), name="custom_field_kind"
            ),
            models.CheckConstraint(
                condition=Q(asked_of__in=["customer", "staff", "both"]), name="custom_field_asked_of"
            ),
        ]


class ApprovalFlow(Row):
    """Who has to agree to which returns, as `policy.rules.Flow` says; the first from the top that fits applies.

    Archived, never deleted: returns keep its id. A return keeps the stages as they were when it was requested.
    """

    company_id = models.UUIDField()
    code = models.CharField(max_length=40)
    zh = models.CharField(max_length=80)
    en = models.CharField(max_length=80)
    conditions: Any = models.JSONField(default=dict)
    stages: Any = models.JSONField(default=list)
    position = models.IntegerField()
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company_id", "code"], name="approval_flow_code")]
