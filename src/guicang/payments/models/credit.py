"""Store credit: accounts with their balance, the lots it lies in, and the movements that made it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from guicang.kernel.fields import ExactDecimalField
from guicang.kernel.ids import NIL
from guicang.kernel.models import AppendOnly, Row


class MovementKind(models.TextChoices):
    ISSUED = "issued"
    BONUS = "bonus"
    SPENT = "spent"
    RESTORED = "restored"
    EXPIRED = "expired"
    TAKEN_BACK = "taken_back"
    BONUS_BACK = "bonus_back"
    ADJUSTED = "adjusted"


class CreditAccount(models.Model):
    """What a company owes a customer in one currency as store credit; its id is derived, its row the lock."""

    id = models.UUIDField(primary_key=True)
    company_id = models.UUIDField()
    customer_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    balance_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company_id", "customer_id", "currency"], name="credit_account_key"),
            models.CheckConstraint(condition=Q(balance_minor__gte=0), name="credit_balance"),
        ]
        indexes = [models.Index(fields=["customer_id"], name="credit_account_customer")]


class CreditLot(Row):
    """Credit that came in at one time and runs out at one time: refunded money, or a bonus."""

    account = models.ForeignKey(CreditAccount, models.PROTECT, related_name="lots")
    kind = models.CharField(max_length=10)
    issued_minor = models.BigIntegerField()
    left_minor = models.BigIntegerField()
    expires_at = models.DateTimeField(null=True)
    settlement_id = models.UUIDField(default=NIL)
    rate = ExactDecimalField(default=1)
    warned = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(left_minor__gte=0, left_minor__lte=F("issued_minor")), name="credit_left"
            ),
            models.CheckConstraint(condition=Q(kind__in=["money", "bonus"]), name="credit_lot_kind"),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(left_minor__gt=0), name="credit_lot_ending")]


class CreditMovement(AppendOnly):
    """A change of a balance. `key` makes the same act count once; `entry_id` NIL: it lies in its cause's entry."""

    account = models.ForeignKey(CreditAccount, models.PROTECT, related_name="movements", db_index=False)
    kind = models.CharField(max_length=10, choices=MovementKind.choices)
    amount_minor = models.BigIntegerField()
    key = models.CharField(max_length=120)
    settlement_id = models.UUIDField(default=NIL)
    order_id = models.UUIDField(default=NIL)
    reason = models.CharField(max_length=40, default="")
    booked = models.BooleanField()
    entry_id = models.UUIDField(default=NIL)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="credit_movement_once"),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="credit_movement_amount"),
        ]
        indexes = [
            models.Index(fields=["order_id"], condition=~Q(order_id=NIL), name="credit_movement_order"),
            models.Index(fields=["settlement_id"], condition=~Q(settlement_id=NIL), name="credit_movement_settled"),
        ]


class CreditPart(AppendOnly):
    """What a movement put into a lot or took out of it."""

    movement = models.ForeignKey(CreditMovement, models.PROTECT, related_name="parts")
    lot = models.ForeignKey(CreditLot, models.PROTECT, related_name="parts")
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount_minor=0), name="credit_part_amount")]


class CreditRules(Row):
    """What a company says about store credit of a currency, a version a row (see `rules.Rules`); the highest holds."""

    append_only = True

    company_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    number = models.IntegerField()
    rules: Any = models.JSONField()
    command_id = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company_id", "currency", "number"], name="credit_rules_number")]


class AdjustmentState(models.TextChoices):
    WAITING = "waiting"
    DONE = "done"
    DECLINED = "declined"


class CreditAdjustment(Row):
    """A change by hand that somebody asked for; a second person decides. `reason` is a code of `facts.REASONS`."""

    account = models.ForeignKey(CreditAccount, models.PROTECT, related_name="adjustments")
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=AdjustmentState.choices, default=AdjustmentState.WAITING)
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField()
    decided_by = models.UUIDField(default=NIL)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount_minor=0), name="credit_adjustment_amount"),
            models.CheckConstraint(condition=~Q(decided_by=F("asked_by")), name="credit_adjustment_second"),
        ]
        indexes = [models.Index(fields=["account"], condition=Q(state="waiting"), name="credit_adjustment_open")]


class Coupon(Row):
    """A code that wins a customer back, issued by rule after a settled return; redeemed once, or it runs out."""

    company_id = models.UUIDField()
    customer_id = models.UUIDField()
    return_id = models.UUIDField()
    code = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    percent_bp = models.IntegerField()
    value_minor = models.BigIntegerField()
    least_minor = models.BigIntegerField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    redeemed_at = models.DateTimeField(null=True)
    redeemed_key = models.CharField(max_length=120, default="")
    purchase_minor = models.BigIntegerField(default=0)
    taken_off_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="coupon_code"),
            models.UniqueConstraint(fields=["return_id"], name="coupon_return"),
            models.CheckConstraint(
                condition=Q(taken_off_minor__gte=0, taken_off_minor__lte=F("purchase_minor")), name="coupon_taken_off"
            ),
        ]
        indexes = [models.Index(fields=["company_id", "issued_at"], name="coupon_issued")]
