"""Whose a return is: every time that somebody got or gave it, and what a company says about who gets it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from guicang.kernel.ids import NIL
from guicang.kernel.models import Row


class Assignment(Row):
    """A return got an owner, or lost one (NIL), while it stood with a department."""

    append_only = True

    parent = models.ForeignKey("returns.Return", models.PROTECT, related_name="assignments")
    department = models.CharField(max_length=12)
    owner_id = models.UUIDField()
    customer_id = models.UUIDField()
    #: Of `departments.How`: by hand, or by the rule of the company.
    how = models.CharField(max_length=12)
    command_id = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [
            # Whose turn it is: the one who was given something the longest ago.
            models.Index(fields=["owner_id", "department", "id"], condition=Q(how="in_turn"), name="assignment_turn"),
            # Who had this customer last.
            models.Index(
                fields=["customer_id", "department", "id"], condition=~Q(owner_id=NIL), name="assignment_customer"
            ),
        ]


class AssignmentRule(Row):
    """Who gets a return when it comes to a department of a company; without a row nobody does."""

    company_id = models.UUIDField()
    department = models.CharField(max_length=12)
    way = models.CharField(max_length=12)
    role = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company_id", "department"], name="assignment_rule_department"),
            models.CheckConstraint(
                condition=Q(way__in=["nobody", "in_turn", "last_person"]), name="assignment_rule_way"
            ),
        ]
