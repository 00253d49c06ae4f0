"""Where transfers go and with which payment file they left. Names and numbers lie in the vault alone."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from guicang.kernel.ids import NIL
from guicang.kernel.models import AppendOnly, Row
from guicang.payments.rules.payees import BANKS, WALLETS


class PayeeAccounts(Row):
    """Which wallets a company pays to besides bank accounts."""

    company_id = models.UUIDField(unique=True)
    alipay = models.BooleanField(default=False)
    wechat = models.BooleanField(default=False)


class Payee(Row):
    """Details that were given for a return's transfers, the `number`-th ones: new ones never replace what paid.

    `second`: somebody else than who typed them has to confirm them before money moves. `dropped`: a transfer came back
    from there.
    """

    company_id = models.UUIDField()
    return_id = models.UUIDField()
    number = models.SmallIntegerField()
    kind = models.CharField(max_length=10)
    second = models.BooleanField()
    dropped = models.BooleanField(default=False)
    typed_kind = models.CharField(max_length=10)
    typed_by = models.UUIDField()
    typed_at = models.DateTimeField()
    confirmed_by = models.UUIDField(default=NIL)
    confirmed_at = models.DateTimeField(null=True)
    command_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["return_id", "number"], name="payee_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="payee_counted"),
            models.CheckConstraint(condition=Q(kind__in=[str(each) for each in (*BANKS, *WALLETS)]), name="payee_kind"),
            models.CheckConstraint(
                condition=Q(confirmed_by=NIL) | ~Q(confirmed_by=F("typed_by")), name="payee_second_person"
            ),
        ]


class PayoutBatch(AppendOnly):
    """A payment file: refunds that went to the bank together."""

    company_id = models.UUIDField()
    number = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    count = models.IntegerField()
    amount_minor = models.BigIntegerField()
    made_by = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company_id", "number"], name="payout_batch_number"),
            models.CheckConstraint(condition=Q(count__gte=1, amount_minor__gte=1), name="payout_batch_of_something"),
        ]
        indexes = [models.Index(fields=["-occurred_at", "-id"], name="payout_batch_newest")]


class PayoutItem(AppendOnly):
    """A refund in a payment file, with the details as they were sent; one that failed may be in a later file too."""

    batch = models.ForeignKey(PayoutBatch, models.PROTECT, related_name="items")
    refund_id = models.UUIDField()
    payee_id = models.UUIDField()
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "refund_id"], name="payout_item_once"),
            models.CheckConstraint(condition=Q(amount_minor__gte=1), name="payout_item_amount"),
        ]
        indexes = [models.Index(fields=["refund_id"], name="payout_item_refund")]
