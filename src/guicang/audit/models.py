"""The trail: one append-only chain per aggregate, and 64 counted heads per company."""

from __future__ import annotations

from django.db import models

from guicang.kernel.ids import NIL
from guicang.kernel.models import AppendOnly


class AuditRow(AppendOnly):
    """Who did what to which aggregate, why, before and after.

    `before` and `after` are canonical JSON kept as text: the MAC covers the stored bytes, which a
    JSON column would be free to rewrite. They and `reason` hold codes and references only, never
    personal data: a person can be erased and the chain stays whole.
    """

    company_id = models.UUIDField()
    aggregate_kind = models.CharField(max_length=40)
    aggregate_id = models.UUIDField()
    seq = models.IntegerField()
    action = models.CharField(max_length=60)
    reason = models.CharField(max_length=200, default="")
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(default=NIL)
    before = models.TextField(default="{}")
    after = models.TextField(default="{}")
    key_id = models.CharField(max_length=40)
    format_version = models.SmallIntegerField()
    previous_mac = models.CharField(max_length=64, default="")
    mac = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["aggregate_id", "seq"], name="audit_row_chain"),
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="audit_row_seq_from_one"),
        ]
        indexes = [
            # The first link of each chain stands for the aggregate: a list of all that ever existed.
            models.Index(fields=["aggregate_kind", "aggregate_id"], condition=models.Q(seq=1), name="audit_row_first"),
        ]


class AuditHead(models.Model):
    """How many audit rows a company has in one of 64 buckets of aggregates, under a MAC of its own.

    A chain alone cannot tell that its tail, or all of it, was removed; the count can.
    """

    id = models.UUIDField(primary_key=True)
    company_id = models.UUIDField()
    bucket = models.SmallIntegerField()
    count = models.BigIntegerField(default=0)
    key_id = models.CharField(max_length=40)
    mac = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company_id", "bucket"], name="audit_head_key"),
            models.CheckConstraint(
                condition=models.Q(bucket__gte=0, bucket__lt=64, count__gte=0), name="audit_head_range"
            ),
        ]
