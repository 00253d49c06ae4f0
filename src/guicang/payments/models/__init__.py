"""Money that goes back by a tender, who carries that out, and what stands in its way."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin, Row
from guicang.payments.models.credit import (
    AdjustmentState,
    Coupon,
    CreditAccount,
    CreditAdjustment,
    CreditLot,
    CreditMovement,
    CreditPart,
    CreditRules,
    MovementKind,
)
from guicang.payments.models.drawers import CashMove, DrawerRules, Shift, Till
from guicang.payments.models.payees import Payee, PayeeAccounts, PayoutBatch, PayoutItem
from guicang.payments.rules import KINDS, UNPAID, Method, State, Way
from guicang.payments.rules.payees import PayeeState

__all__ = [
    "AdjustmentState",
    "CashMove",
    "Coupon",
    "CreditAccount",
    "CreditAdjustment",
    "CreditLot",
    "CreditMovement",
    "CreditPart",
    "CreditRules",
    "Dispute",
    "DrawerRules",
    "MovementKind",
    "Payee",
    "PayeeAccounts",
    "PayoutBatch",
    "PayoutItem",
    "Refund",
    "RefundWay",
    "Shift",
    "Till",
]


class RefundWay(Row):
    """How a company carries out refunds to one kind of tender; `kind` '': to all that have no row of their own."""

    company_id = models.UUIDField()
    kind = models.CharField(max_length=20, blank=True)
    way = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company_id", "kind"], name="refund_way_kind"),
            models.CheckConstraint(condition=Q(way__in=[str(each) for each in Way]), name="refund_way_known"),
            models.CheckConstraint(condition=Q(kind__in=list(KINDS)), name="refund_way_kind_known"),
        ]


class Refund(Row):
    """One intent to pay back by one tender; `intent_key` is the same across all its retries.

    It counts as refunded by its tender from the start: what failed stays owed, and is paid again or another way.
    """

    company_id = models.UUIDField()
    shop_id = models.UUIDField()
    order_id = models.UUIDField()
    tender_id = models.UUIDField()
    settlement_id = models.UUIDField()
    return_id = models.UUIDField()
    intent_key = models.CharField(max_length=80)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    #: Kind of the tender; `method` '': back by it, else how the money goes instead.
    kind = models.CharField(max_length=20)
    method = models.CharField(max_length=12, default="", blank=True)
    #: Points, coupons: back to where they came from, whatever is asked (HARD-CASES 9).
    promotional = models.BooleanField(default=False)
    #: The buyer agreed to store credit instead of his money (办法 14, 15).
    consented = models.BooleanField(default=False)
    way = models.CharField(max_length=10)
    state = models.CharField(max_length=10)
    reference = models.CharField(max_length=120, default="")
    #: Whether the books hold it in refunds to pay until it is paid, and as how much.
    posted = models.BooleanField(default=False)
    book_minor = models.BigIntegerField(default=0)
    #: Who settled and who paid: two people where it is done by hand. NIL: the program.
    settled_by = models.UUIDField(default=NIL)
    paid_by = models.UUIDField(default=NIL)
    paid_at = models.DateTimeField(null=True)
    #: Why it failed last, as a code.
    failure = models.CharField(max_length=60, default="", blank=True)
    attempts = models.SmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    reverses_id = models.UUIDField(default=NIL)
    #: Whether it is known where a transfer goes, the details that say so, and who typed those (NIL: nobody yet).
    payee = models.CharField(max_length=12, default="", blank=True)
    payee_id = models.UUIDField(default=NIL)
    payee_by = models.UUIDField(default=NIL)
    #: The payment file that it was submitted with last.
    batch_id = models.UUIDField(default=NIL)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    command_id = models.UUIDField()
    origin = models.CharField(max_length=8, default=Origin.LIVE)

    @property
    def in_hand(self) -> bool:
        """Whether a provider has it and is still asked: what is parked waits for a person instead."""
        return self.way == Way.PORT and self.state == State.SUBMITTED and self.next_attempt_at is not None

    @property
    def executable(self) -> bool:
        """Whether a provider can be asked for it now."""
        return self.way == Way.PORT and self.payee in (PayeeState.NONE, PayeeState.READY)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["intent_key"], name="refund_intent"),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="refund_amount"),
            models.CheckConstraint(condition=Q(method__in=["", *map(str, Method)]), name="refund_method"),
            models.CheckConstraint(condition=Q(way__in=[str(each) for each in Way]), name="refund_carried_out"),
            models.CheckConstraint(condition=Q(state__in=[str(each) for each in State]), name="refund_state"),
            models.CheckConstraint(condition=~Q(method="store_credit") | Q(consented=True), name="refund_consent"),
            models.CheckConstraint(
                condition=Q(promotional=False) | Q(method__in=["", "credited", "exchange"]), name="refund_promotional"
            ),
            models.CheckConstraint(condition=~Q(way="at_once") | Q(state="paid"), name="refund_at_once"),
            # What takes money back has been taken back.
            models.CheckConstraint(condition=Q(amount_minor__gt=0) | Q(state="paid"), name="refund_taken_back"),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(way__in=["port", "platform"]) | ~Q(batch_id=NIL),
                name="refund_submitted",
            ),
            models.CheckConstraint(condition=Q(payee__in=[str(each) for each in PayeeState]), name="refund_payee"),
            models.CheckConstraint(
                condition=~Q(state__in=["submitted", "paid"]) | Q(payee__in=["", "ready"]), name="refund_payee_ready"
            ),
            models.CheckConstraint(
                condition=Q(payee__in=["", "missing"], payee_id=NIL, payee_by=NIL)
                | (Q(payee__in=["unconfirmed", "ready"]) & ~Q(payee_id=NIL)),
                name="refund_payee_given",
            ),
            # Who says where the money goes does not say that it went.
            models.CheckConstraint(
                condition=~Q(way="by_hand", state="paid") | Q(payee_by=NIL) | ~Q(paid_by=F("payee_by")),
                name="refund_payee_typed",
            ),
            models.CheckConstraint(
                condition=~Q(way="by_hand", state="paid") | ~Q(paid_by=F("settled_by")), name="refund_second_person"
            ),
            models.CheckConstraint(condition=Q(attempts__gte=0), name="refund_attempts"),
        ]
        indexes = [
            models.Index(fields=["order_id"], name="refund_order"),
            models.Index(fields=["tender_id"], name="refund_tender"),
            models.Index(fields=["settlement_id"], name="refund_settlement"),
            models.Index(fields=["return_id"], name="refund_return"),
            models.Index(fields=["batch_id"], condition=~Q(batch_id=NIL), name="refund_batch"),
            # The few that are not paid.
            models.Index(
                fields=["state", "occurred_at", "id"],
                condition=Q(state__in=[str(each) for each in UNPAID]),
                name="refund_unpaid",
            ),
        ]


class Dispute(Row):
    """A chargeback: while it is open its amount cannot be refunded by that tender."""

    tender_id = models.UUIDField()
    amount_minor = models.BigIntegerField()
    reference = models.CharField(max_length=120)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tender_id", "reference"], name="dispute_key"),
            models.CheckConstraint(condition=Q(amount_minor__gte=1), name="dispute_amount"),
        ]
