"""What a return paid, and of which lines; these rows only grow."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from guicang.kernel.ids import NIL
from guicang.kernel.models import AppendOnly


class Settlement(AppendOnly):
    """What a return paid at one go, for one order (NIL: without an order), with its explanation."""

    parent = models.ForeignKey("returns.Return", models.PROTECT, related_name="settlements")
    company_id = models.UUIDField()
    order_id = models.UUIDField(default=NIL)
    customer_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    credit_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField(default=0)
    funded_minor = models.BigIntegerField(default=0)
    shipping_minor = models.BigIntegerField(default=0)
    shipping_tax_minor = models.BigIntegerField(default=0)
    #: Nothing had been shipped yet, so the fee was never billed: it comes back from the advance.
    shipping_unbilled = models.BooleanField(default=False)
    #: What past documents paid beyond the remainder of their sales, and what they paid for no sale that is known.
    price_difference_minor = models.BigIntegerField(default=0)
    unlinked_minor = models.BigIntegerField(default=0)
    expense_minor = models.BigIntegerField(default=0)
    #: What was kept back, with the tax within it.
    fee_minor = models.BigIntegerField(default=0)
    fee_tax_minor = models.BigIntegerField(default=0)
    unapplied_minor = models.BigIntegerField(default=0)
    cash_minor = models.BigIntegerField(default=0)
    points = models.BigIntegerField(default=0)
    booked = models.BooleanField()
    entry_id = models.UUIDField(default=NIL)
    reverses_id = models.UUIDField(default=NIL)
    #: The rules it was made under (`returns.settlement.Rules`): taken back, it is under the same.
    rules: Any = models.JSONField(default=dict)
    #: Ordered components: [{label, basis, rule, amount_minor}]; customer, agent and auditor read the same.
    explanation: Any = models.JSONField(default=list)

    class Meta:
        indexes = [
            models.Index(fields=["order_id"], condition=~Q(order_id=NIL), name="settlement_order"),
            models.Index(fields=["reverses_id"], condition=~Q(reverses_id=NIL), name="settlement_reverses"),
        ]


class SettlementLine(AppendOnly):
    """`target_minor`: the buyer's share by the allocation rule, before `withheld_minor`; `credit_minor`: what was
    credited of the sale. Without units: what is withheld on another line of the order changed.
    """

    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="lines")
    line = models.ForeignKey("returns.ReturnLine", models.PROTECT, related_name="settlement_lines")
    order_line_id = models.UUIDField(default=NIL)
    quantity = models.BigIntegerField()
    target_minor = models.BigIntegerField()
    withheld_minor = models.BigIntegerField(default=0)
    credit_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField(default=0)
    funded_minor = models.BigIntegerField(default=0)
    goodwill_minor = models.BigIntegerField(default=0)
    price_difference_minor = models.BigIntegerField(default=0)
    unlinked_minor = models.BigIntegerField(default=0)
    expense_minor = models.BigIntegerField(default=0)
    fee_minor = models.BigIntegerField(default=0)
    fee_tax_minor = models.BigIntegerField(default=0)
    #: What was kept back, by fee.
    fees: Any = models.JSONField(default=dict)
    #: Of goods sold by weight, what of `OrderLine.settled_measure` it moved.
    measure = models.BigIntegerField(default=0)
    #: The sale had not been shipped: credited without touching revenue.
    unshipped = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["order_line_id"], condition=~Q(order_line_id=NIL), name="settlement_line_order_line")
        ]
