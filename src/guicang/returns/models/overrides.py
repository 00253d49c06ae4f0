"""Exceptions to the policy that staff made, each as a row."""

from __future__ import annotations

from django.db import models

from guicang.kernel.ids import NIL
from guicang.kernel.models import Row


class Override(Row):
    """An exception to the policy: who made it, why, and how much it was about. `deed`: the command that made it.

    request: the policy refused; offer, accept_offer: more than the room that it leaves for talks.
    """

    append_only = True

    parent = models.ForeignKey("returns.Return", models.PROTECT, related_name="overrides")
    company_id = models.UUIDField()
    shop_id = models.UUIDField()
    deed = models.CharField(max_length=12)
    reason = models.CharField(max_length=40)
    #: NIL: the program itself.
    actor_id = models.UUIDField(default=NIL)
    #: What all of it would pay back, or what was offered; NULL: not known.
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    recorded_at = models.DateTimeField()
    command_id = models.UUIDField()

    class Meta:
        indexes = [
            models.Index(fields=["company_id", "recorded_at", "id"], name="override_company"),
            models.Index(fields=["recorded_at", "id"], name="override_when"),
        ]
