"""What was sold: orders, shipments, payments, invoices. Facts, and the counters that CHECKs compare.

The counters (claimed, refunded, credited ...) change only through `sales.operations`;
`verify` recomputes each from the rows that caused it.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from guicang.kernel.fields import ExactDecimalField
from guicang.kernel.ids import NIL
from guicang.kernel.models import AppendOnly, Origin, Row
from guicang.sales.kinds import DepositKind, Funder, LineKind, ReturnLabel
from guicang.sales.setoffs import SetOff

__all__ = [
    "Cancellation",
    "Funder",
    "Invoice",
    "InvoiceLine",
    "LineDiscount",
    "LineKind",
    "Order",
    "OrderLine",
    "OrderRevision",
    "Payment",
    "ReturnLabel",
    "SetOff",
    "Shipment",
    "ShipmentLine",
    "Tender",
]


class Order(Row):
    """An order as its source states it, with what was frozen when it was first seen."""

    company_id = models.UUIDField()
    shop_id = models.UUIDField()
    channel_id = models.UUIDField()
    market_id = models.UUIDField()
    number = models.CharField(max_length=80)
    customer_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    #: Book units for one unit of `currency`, frozen: revenue is reversed at it.
    fx_rate = ExactDecimalField(default=1)
    ordered_at = models.DateTimeField()
    status = models.CharField(max_length=40, default="")
    return_label = models.CharField(max_length=12, choices=ReturnLabel.choices, default=ReturnLabel.NONE)
    facts_as_of = models.DateTimeField(null=True)
    revision = models.IntegerField(default=1)
    tax_inclusive = models.BooleanField(default=True)
    shipping_standard_minor = models.BigIntegerField(default=0)
    shipping_surcharge_minor = models.BigIntegerField(default=0)
    shipping_tax_minor = models.BigIntegerField(default=0)
    shipping_refunded_minor = models.BigIntegerField(default=0)
    shipping_booked = models.BooleanField(default=False)
    points_earned = models.BigIntegerField(default=0)
    points_spent = models.BigIntegerField(default=0)
    points_taken_back = models.BigIntegerField(default=0)
    deposit_minor = models.BigIntegerField(default=0)
    deposit_kind = models.CharField(max_length=8, choices=DepositKind.choices, default="")
    balance_minor = models.BigIntegerField(default=0)
    customer_tier = models.CharField(max_length=40, default="")
    sold_by = models.CharField(max_length=80, default="")
    shipped_by = models.CharField(max_length=80, default="")
    #: False: the seller records that nobody told the buyer of his right of withdrawal (2011/83/EU art. 10).
    withdrawal_informed = models.BooleanField(default=True)
    #: [{id, mode, threshold_minor, members: [line_key], gifts: [{line_key, value_minor}], shipping_minor}]; mode keep,
    #: reprice or '' (not said); shipping_minor: the freight that it waived.
    promotions: Any = models.JSONField(default=list)
    #: The return whose goods this order replaces (换货); NIL: an order as any other.
    return_id = models.UUIDField(default=NIL)
    policy_version_id = models.UUIDField(default=NIL)
    policy_provisional = models.BooleanField(default=True)
    #: What the buyer owes for the whole order: paid shares of all lines and shipping.
    total_minor = models.BigIntegerField()
    captured_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    #: Of `refunded_minor`, what was given besides the price: compensation, freight, differences of past documents.
    extra_minor = models.BigIntegerField(default=0)
    #: Of `total_minor`, what was credited for returned or cancelled goods and shipping.
    credited_minor = models.BigIntegerField(default=0)
    #: What was kept back of refunds in fees: the buyer owes it besides `total_minor`.
    fees_minor = models.BigIntegerField(default=0)
    #: What is withheld of what was settled, by cause (`returns.settlement.resettling`); the lines' sum.
    withheld: Any = models.JSONField(default=dict)
    #: What the books hold of this order, in its currency: open receivable (< 0: a credit not yet paid out)
    #: and advance 合同负债 (paid before shipment).
    #: receivable - advance = shipped - captured - set off - credited + fees + refunded.
    receivable_minor = models.BigIntegerField(default=0)
    advance_minor = models.BigIntegerField(default=0)
    #: What other orders' credits paid of this one, less what this one's credit paid of others (`SetOff`).
    set_off_minor = models.BigIntegerField(default=0)
    origin = models.CharField(max_length=8, default=Origin.LIVE)
    command_id = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number", "shop_id"], name="order_number"),
            models.UniqueConstraint(fields=["return_id"], condition=~Q(return_id=NIL), name="order_return"),
            models.CheckConstraint(
                condition=Q(shipping_refunded_minor__gte=0)
                & Q(shipping_refunded_minor__lte=F("shipping_standard_minor") + F("shipping_surcharge_minor")),
                name="order_shipping_once",
            ),
            models.CheckConstraint(
                condition=Q(points_taken_back__gte=0, points_taken_back__lte=F("points_earned")),
                name="order_points_once",
            ),
            models.CheckConstraint(
                condition=Q(extra_minor__gte=0, refunded_minor__range=(F("extra_minor"), F("captured_minor"))),
                name="order_refunded",
            ),
            models.CheckConstraint(condition=Q(credited_minor__range=(0, F("total_minor"))), name="order_credited"),
            models.CheckConstraint(condition=Q(advance_minor__gte=0), name="order_advance"),
            models.CheckConstraint(condition=Q(fees_minor__gte=0), name="order_fees"),
        ]
        indexes = [
            models.Index(fields=["customer_id", "ordered_at"], name="order_customer"),
            models.Index(fields=["ordered_at", "id"], name="order_when"),
            models.Index(fields=["shop_id", "ordered_at", "id"], name="order_shop"),
            models.Index(
                fields=["return_label", "ordered_at", "id"], condition=~Q(return_label="none"), name="order_label"
            ),
            models.Index(fields=["command_id"], name="order_command"),
        ]


class OrderLine(Row):
    """A line with its frozen amounts. gross - discounts = paid; paid + funded = sold (what is invoiced).

    Net and tax lie within `sold_minor`; `settled_minor` is the sum of targets given for `settled` units.
    """

    #: Without an index of its own, here and below: a unique key begins with it.
    order = models.ForeignKey(Order, models.PROTECT, related_name="lines", db_index=False)
    position = models.IntegerField()
    line_key = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=LineKind.choices, default=LineKind.GOODS)
    sku_id = models.UUIDField(default=NIL)
    bundle_line_id = models.UUIDField(default=NIL)
    per_bundle = models.BigIntegerField(default=0)
    ordered = models.BigIntegerField()
    cancelled = models.BigIntegerField(default=0)
    shipped = models.BigIntegerField(default=0)
    settled = models.BigIntegerField(default=0)
    unit_price = ExactDecimalField()
    list_price_minor = models.BigIntegerField(null=True)
    gross_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField()
    funded_minor = models.BigIntegerField(default=0)
    sold_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField(default=0)
    tax_rate = ExactDecimalField(default=0)
    settled_minor = models.BigIntegerField(default=0)
    settled_measure = models.BigIntegerField(default=0)  # of goods sold by weight: settled grams times `ordered`
    #: Cancelled units whose money was settled, and that money: it never was revenue.
    cancelled_settled = models.BigIntegerField(default=0)
    cancelled_minor = models.BigIntegerField(default=0)
    credited_minor = models.BigIntegerField(default=0)
    credited_tax_minor = models.BigIntegerField(default=0)
    credited_funded_minor = models.BigIntegerField(default=0)
    #: Of the share of what is settled, what was not given back because of what the buyer keeps.
    withheld_minor = models.BigIntegerField(default=0)
    goodwill_minor = models.BigIntegerField(default=0)
    #: [[[settled, not cancelled] measure when given, minor]]: goodwill on price, spread over what was not settled then.
    goodwill: Any = models.JSONField(default=list)
    is_gift = models.BooleanField(default=False)
    gift_value_minor = models.BigIntegerField(default=0)
    promotion_id = models.CharField(max_length=80, default="")
    non_returnable_confirmed_at = models.DateTimeField(null=True)  # the buyer's recorded confirmation (消法 25)
    weight_g = models.BigIntegerField(default=0)
    #: Of the SKU when the line was recorded, since the catalogue changes and verdicts do not; '' where it had none.
    category = models.CharField(max_length=80, default="")
    brand = models.CharField(max_length=80, default="")
    by_weight = models.BooleanField(default=False)  # `paid_minor` is for `weight_g`, each piece pays its own

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "line_key"], name="order_line_key"),
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position"),
            models.CheckConstraint(
                condition=Q(ordered__gte=1, cancelled__gte=0, shipped__gte=0)
                & Q(ordered__gte=F("cancelled") + F("shipped")),
                name="order_line_quantities",
            ),
            models.CheckConstraint(
                condition=Q(settled__gte=0, settled__lte=F("ordered") - F("cancelled_settled")),
                name="order_line_settled",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_settled__gte=0, cancelled_settled__lte=F("cancelled")),
                name="order_line_cancelled_settled",
            ),
            models.CheckConstraint(
                condition=Q(credited_minor__gte=0, cancelled_minor__gte=0)
                & Q(credited_minor__lte=F("sold_minor") - F("cancelled_minor")),
                name="order_line_credited",
            ),
            models.CheckConstraint(
                condition=Q(credited_tax_minor__gte=0, credited_tax_minor__lte=F("tax_minor")),
                name="order_line_credited_tax",
            ),
            models.CheckConstraint(condition=Q(sold_minor=F("paid_minor") + F("funded_minor")), name="order_line_sold"),
            models.CheckConstraint(condition=Q(withheld_minor__gte=0), name="order_line_withheld"),
            models.CheckConstraint(
                condition=Q(settled_measure__gte=0, settled_measure__lte=F("ordered") * F("weight_g"))
                & (Q(by_weight=True, weight_g__gte=1) | Q(by_weight=False, settled_measure=0)),
                name="order_line_by_weight",
            ),
            models.CheckConstraint(
                condition=Q(paid_minor__gte=0, funded_minor__gte=0, gross_minor__gte=0), name="order_line_amounts"
            ),
        ]
        # The newest sales of a SKU too: ids follow the time at which rows were written.
        indexes = [models.Index(fields=["sku_id", "id"], name="order_line_sku")]


class LineDiscount(AppendOnly):
    """One discount on one line, with who pays for it; frozen."""

    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="discounts", db_index=False)
    position = models.SmallIntegerField()
    funder = models.CharField(max_length=10, choices=Funder.choices)
    amount_minor = models.BigIntegerField()
    promotion_id = models.CharField(max_length=80, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order_line", "position"], name="line_discount_position"),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="line_discount_amount"),
        ]


class Cancellation(AppendOnly):
    """Units that will not be shipped: the rows behind `OrderLine.cancelled`."""

    order_line = models.ForeignKey(OrderLine, models.PROTECT)
    quantity = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(quantity__gte=1), name="cancellation_quantity")]


class Shipment(Row):
    """Goods that left for the buyer. The modes are frozen: later changes of ownership never reach back."""

    company_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, related_name="shipments", db_index=False)
    warehouse_id = models.UUIDField()
    number = models.CharField(max_length=120)
    carrier = models.CharField(max_length=40, default="")
    tracking = models.CharField(max_length=80, default="")
    shipped_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    moved = models.BooleanField()
    booked = models.BooleanField()
    value_minor = models.BigIntegerField(default=0)
    entry_id = models.UUIDField(default=NIL)
    origin = models.CharField(max_length=8, default=Origin.LIVE)
    command_id = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "number"], name="shipment_number")]
        indexes = [models.Index(fields=["tracking"], condition=~Q(tracking=""), name="shipment_tracking")]


class ShipmentLine(Row):
    """Units of one order line that left. `claimed`: held by returns, whether they came back yet or not."""

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="lines", db_index=False)
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="shipment_lines")
    sku_id = models.UUIDField()
    lot = models.CharField(max_length=60, default="")
    serial = models.CharField(max_length=80, default="")
    shipped = models.BigIntegerField()
    claimed = models.BigIntegerField(default=0)
    #: Units accepted back into a value pool, and the cost they brought: target(returned) of the issue cost.
    returned = models.BigIntegerField(default=0)
    issue_cost_minor = models.BigIntegerField(null=True)
    cost_source = models.CharField(max_length=12, default="")
    returned_cost_minor = models.BigIntegerField(default=0)
    weight_g = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shipment", "order_line", "lot", "serial"], name="shipment_line_key"),
            models.CheckConstraint(condition=Q(shipped__gte=1), name="shipment_line_shipped"),
            models.CheckConstraint(
                condition=Q(claimed__gte=0, claimed__lte=F("shipped")), name="shipment_line_claimed"
            ),
            models.CheckConstraint(
                condition=Q(returned__gte=0, returned__lte=F("claimed")), name="shipment_line_returned"
            ),
        ]
        indexes = [
            models.Index(fields=["sku_id"], name="shipment_line_sku"),
            models.Index(fields=["sku_id", "serial"], condition=~Q(serial=""), name="shipment_line_serial"),
        ]


class Tender(Row):
    """One way an order was paid: what it captured, what went back by it, what its payer disputes."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="tenders", db_index=False)
    position = models.SmallIntegerField()
    kind = models.CharField(max_length=20)
    reference = models.CharField(max_length=120, default="")
    currency = models.CharField(max_length=3)
    #: Points, coupons: their value goes back to where it came from, never to cash.
    promotional = models.BooleanField(default=False)
    captured_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    disputed_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="tender_position"),
            models.UniqueConstraint(fields=["order", "kind", "reference"], name="tender_key"),
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0, refunded_minor__lte=F("captured_minor")), name="tender_refunded"
            ),
            models.CheckConstraint(
                condition=Q(disputed_minor__gte=0, disputed_minor__lte=F("captured_minor")), name="tender_disputed"
            ),
        ]


class Payment(AppendOnly):
    """Money that came in by a tender. `payment_key` makes the same notice count once."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="payments", db_index=False)
    tender = models.ForeignKey(Tender, models.PROTECT, related_name="payments")
    payment_key = models.CharField(max_length=200)
    amount_minor = models.BigIntegerField()
    booked = models.BooleanField()
    entry_id = models.UUIDField(default=NIL)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "payment_key"], name="payment_once"),
            models.CheckConstraint(condition=Q(amount_minor__gte=1), name="payment_amount"),
        ]


class Invoice(Row):
    """A blue invoice as issued; red ones are credit notes of `accounting` that link here."""

    company_id = models.UUIDField()
    order = models.ForeignKey(Order, models.PROTECT, related_name="invoices")
    number = models.CharField(max_length=40)
    issued_at = models.DateTimeField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company_id", "number"], name="invoice_number")]


class InvoiceLine(Row):
    """`invoiced_minor` includes tax; credit notes never pass it, in amount or in tax."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="lines", db_index=False)
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="invoice_lines")
    quantity = models.BigIntegerField()
    invoiced_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    credited_minor = models.BigIntegerField(default=0)
    credited_tax_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invoice", "order_line"], name="invoice_line_key"),
            models.CheckConstraint(
                condition=Q(credited_minor__gte=0, credited_minor__lte=F("invoiced_minor")),
                name="invoice_line_credited",
            ),
            models.CheckConstraint(
                condition=Q(credited_tax_minor__gte=0, credited_tax_minor__lte=F("tax_minor")),
                name="invoice_line_credited_tax",
            ),
        ]


class OrderRevision(AppendOnly):
    """What a later export changed on an order: {column: [before, after]}, never personal data."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="revisions", db_index=False)
    number = models.IntegerField()
    facts_as_of = models.DateTimeField(null=True)
    changes: Any = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "number"], name="order_revision_number")]
