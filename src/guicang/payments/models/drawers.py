"""Cash in drawers: what lies in each, who has it, and every movement of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from guicang.kernel.ids import NIL
from guicang.kernel.models import AppendOnly, Row
from guicang.payments.rules.drawers import GIVING, REASONS, RUNNING, TAKING, CashKind, ShiftState


class DrawerRules(Row):
    """Up to which difference a company books what was counted without a second person."""

    company_id = models.UUIDField(unique=True)
    limit_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(limit_minor__gte=0), name="drawer_limit")]


class Till(Row):
    """The cash of a drawer (its id is the drawer's); the row is its lock. `moves`: how many there were."""

    company_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    balance_minor = models.BigIntegerField(default=0)
    moves = models.IntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(balance_minor__gte=0), name="till_balance")]


class Shift(Row):
    """A person's time at a drawer, begun and ended by a count. `expected_minor`, `counted_minor`: of the last one."""

    till = models.ForeignKey(Till, models.PROTECT, related_name="shifts")
    company_id = models.UUIDField()
    shop_id = models.UUIDField()
    number = models.IntegerField()
    person_id = models.UUIDField()
    state = models.CharField(max_length=10)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    float_minor = models.BigIntegerField()
    expected_minor = models.BigIntegerField()
    counted_minor = models.BigIntegerField()
    #: Who agreed to a difference beyond the company's limit; NIL: nobody had to.
    decided_by = models.UUIDField(default=NIL)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["till", "number"], name="shift_number"),
            models.UniqueConstraint(
                fields=["till"], condition=Q(state__in=[str(each) for each in RUNNING]), name="shift_one_a_drawer"
            ),
            models.UniqueConstraint(
                fields=["person_id"], condition=Q(state__in=[str(each) for each in RUNNING]), name="shift_one_a_person"
            ),
            models.CheckConstraint(condition=Q(state__in=[str(each) for each in ShiftState]), name="shift_state"),
            models.CheckConstraint(
                condition=Q(float_minor__gte=0, expected_minor__gte=0, counted_minor__gte=0), name="shift_amounts"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=NIL) | ~Q(decided_by=F("person_id")), name="shift_second_person"
            ),
        ]
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="shift_newest"),
            models.Index(fields=["person_id"], name="shift_person"),
        ]


class CashMove(AppendOnly):
    """A movement of a drawer's cash, the `number`-th, and what lay there after it.

    `source_id`: the refund or collection that it is; `booked`: whether our books have it.
    """

    shift = models.ForeignKey(Shift, models.PROTECT, related_name="moves")
    till_id = models.UUIDField()
    company_id = models.UUIDField()
    number = models.IntegerField()
    kind = models.CharField(max_length=12)
    amount_minor = models.BigIntegerField()
    balance_minor = models.BigIntegerField()
    reason = models.CharField(max_length=20, default="")
    source_id = models.UUIDField(default=NIL)
    return_id = models.UUIDField(default=NIL)
    actor_id = models.UUIDField()
    booked = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["till_id", "number"], name="cash_move_number"),
            models.UniqueConstraint(fields=["kind", "source_id"], condition=~Q(source_id=NIL), name="cash_move_once"),
            models.CheckConstraint(condition=Q(balance_minor__gte=0), name="cash_move_balance"),
            models.CheckConstraint(condition=Q(kind__in=[str(each) for each in CashKind]), name="cash_move_kind"),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="cash_move_amount"),
            models.CheckConstraint(
                condition=(~Q(kind__in=[str(each) for each in GIVING]) | Q(amount_minor__lt=0))
                & (~Q(kind__in=[str(each) for each in TAKING]) | Q(amount_minor__gt=0)),
                name="cash_move_sign",
            ),
            models.CheckConstraint(condition=Q(reason__in=["", *REASONS]), name="cash_move_reason"),
        ]
        indexes = [models.Index(fields=["return_id"], condition=~Q(return_id=NIL), name="cash_move_return")]
