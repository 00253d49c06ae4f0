"""A return, its lines, who has to agree to it, and the rows that moved it: receipts, inspections, settlements."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from guicang.kernel.ids import NIL
from guicang.kernel.models import AppendOnly, Origin, Row
from guicang.returns import labels, lifecycle
from guicang.returns.models.answers import FieldAnswer
from guicang.returns.models.approvals import ApprovalSeat, ApprovalStage
from guicang.returns.models.evidence import Evidence, Note
from guicang.returns.models.gifts import GiftCode
from guicang.returns.models.money_limits import Insurance, MoneyGrant, MoneyMonth, MoneyRules
from guicang.returns.models.outgoing import Outgoing
from guicang.returns.models.overrides import Override
from guicang.returns.models.owners import Assignment, AssignmentRule
from guicang.returns.models.pricing import AgreedPrice, PriceRules
from guicang.returns.models.quotas import Quota, QuotaRules, QuotaUse
from guicang.returns.models.rebates import RebateAgreement, RebateEntry
from guicang.returns.models.repairs import Repair, RepairPart, RepairPayment
from guicang.returns.models.risk import RiskListing, RiskPeers, RiskRules, RiskScore
from guicang.returns.models.settlements import Settlement, SettlementLine
from guicang.returns.models.swaps import Collection, Swap
from guicang.returns.models.talks import Offer

__all__ = [
    "AgreedPrice",
    "ApprovalSeat",
    "ApprovalStage",
    "Assignment",
    "AssignmentRule",
    "Clock",
    "Collection",
    "Evidence",
    "FieldAnswer",
    "GiftCode",
    "Inspection",
    "Insurance",
    "MoneyGrant",
    "MoneyMonth",
    "MoneyRules",
    "Note",
    "Offer",
    "Outgoing",
    "Override",
    "PriceRules",
    "Quota",
    "QuotaRules",
    "QuotaUse",
    "RebateAgreement",
    "RebateEntry",
    "Receipt",
    "Repair",
    "RepairPart",
    "RepairPayment",
    "Return",
    "ReturnLine",
    "RiskListing",
    "RiskPeers",
    "RiskRules",
    "RiskScore",
    "Settlement",
    "SettlementLine",
    "Swap",
]


class Return(Row):
    """退货单. `state` and the lines' axes are labels: `lifecycle.labels` computes them, steps store them."""

    company_id = models.UUIDField()
    shop_id = models.UUIDField()
    channel_id = models.UUIDField()
    market_id = models.UUIDField()
    warehouse_id = models.UUIDField(default=NIL)
    number = models.CharField(max_length=40)
    customer_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    type = models.CharField(max_length=20, choices=labels.choices(lifecycle.Type))
    #: Why it is of its type, of `classing.Because`; '' for a follow-up, which is of the type of the first.
    type_because = models.CharField(max_length=12, default="")
    #: How it was entered: web, phone, mail, counter, parcel, import, platform.
    entered_by = models.CharField(max_length=12)
    decision = models.CharField(max_length=12, default="pending")
    #: Of `deciders.Decider`: who or what decided; '' while nobody did.
    decided_by = models.CharField(max_length=10, default="")
    ending = models.CharField(max_length=12, default="")
    #: Number of the approval stage that is open; 0: none, so any one person who may authorise decides.
    stage = models.SmallIntegerField(default=0)
    state = models.CharField(max_length=12, choices=labels.choices(lifecycle.State))
    under_way = models.BooleanField(default=False)
    #: Sum of `lifecycle.Leak`: a label too.
    leaks = models.SmallIntegerField(default=0)
    #: The first of its open clocks, and the role that one which ran out went to: labels too.
    due_at = models.DateTimeField(null=True)
    escalated_to = models.CharField(max_length=20, default="")
    #: In whose queue it stands, a label: '' once it is over. Its owner there (NIL: nobody's); the last one, once over.
    department = models.CharField(max_length=12, default="")
    owner_id = models.UUIDField(default=NIL)
    rma_code = models.CharField(max_length=20, default="")
    policy_version_id = models.UUIDField(default=NIL)
    verdict: Any = models.JSONField(default=dict)
    #: How many pictures and documents came with the request, as the verdict counted them; NULL: nobody counted.
    pictures = models.SmallIntegerField(null=True)
    documents = models.SmallIntegerField(null=True)
    #: A return that this one follows: a late parcel, an appeal, goods nobody could match.
    linked_id = models.UUIDField(default=NIL)
    link_kind = models.CharField(max_length=20, default="")
    source_document = models.CharField(max_length=80, default="")
    appeals = models.SmallIntegerField(default=0)
    #: The buyer withdrew from the contract, at `requested_at` (2011/83/EU art. 11, 11a).
    withdrawal = models.BooleanField(default=False)
    requested_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    inspected_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()
    refund_minor = models.BigIntegerField(default=0)
    #: What its refunds say together (`payments.rules.worst`); '': there is none. A label too.
    refund_state = models.CharField(max_length=10, default="", blank=True)
    #: Where the buyer wants the money ('': as the policy says), and that he agreed to store credit (办法 14, 15).
    refund_to = models.CharField(max_length=12, default="", blank=True)
    credit_consented = models.BooleanField(default=False)
    #: Whoever was given it brings it back: no price, no giver, store credit of his own (`steps/return_gift.py`).
    gift = models.BooleanField(default=False)
    #: Of the latest score; NULL: never scored. High: a person is to look (`RiskScore`).
    risk_points = models.IntegerField(null=True, default=None)
    risk_high = models.BooleanField(default=False)
    #: What the policy does by itself waits until somebody has looked; the points that were last looked at, -1: none.
    risk_review = models.BooleanField(default=False)
    risk_seen = models.IntegerField(default=-1)
    #: The customer's quota of the year that it counts in (NIL: of none), what was asked for and what it takes now.
    quota_id = models.UUIDField(default=NIL)
    quota_asked_minor = models.BigIntegerField(default=0)
    quota_minor = models.BigIntegerField(default=0)
    origin = models.CharField(max_length=8, default=Origin.LIVE)
    command_id = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(refund_to="store_credit") | Q(credit_consented=True),
                name="return_credit_consent",
            ),
            models.UniqueConstraint(fields=["number", "company_id"], name="return_number"),
            models.UniqueConstraint(fields=["rma_code"], condition=~Q(rma_code=""), name="return_rma_code"),
            models.UniqueConstraint(
                fields=["source_document", "shop_id", "link_kind"],
                condition=~Q(source_document=""),
                name="return_source_document",
            ),
        ]
        indexes = [
            # What lists are sorted by, with the id that a page goes on after.
            models.Index(fields=["requested_at", "id"], name="return_when"),
            models.Index(fields=["state", "requested_at", "id"], name="return_state"),
            models.Index(fields=["shop_id", "requested_at", "id"], name="return_shop"),
            models.Index(fields=["type", "requested_at", "id"], name="return_type"),
            # The few that are not over, whatever there is: counts of queues, what expires.
            models.Index(
                fields=["state", "company_id", "shop_id", "warehouse_id", "requested_at", "stage"],
                condition=Q(ending="") & ~Q(decision="rejected"),
                name="return_open",
            ),
            # The oldest of them: along the index of all, one would pass every return that is over.
            models.Index(
                fields=["requested_at", "id"],
                condition=Q(ending="") & ~Q(decision="rejected"),
                name="return_open_oldest",
            ),
            # Queues of departments, whose is what, and what is nobody's.
            models.Index(
                fields=["department", "owner_id", "company_id", "shop_id", "warehouse_id", "requested_at"],
                condition=~Q(department=""),
                name="return_department",
            ),
            models.Index(fields=["leaks"], condition=~Q(leaks=0), name="return_leaks"),
            models.Index(fields=["requested_at", "id"], condition=Q(risk_high=True), name="return_risk"),
            models.Index(fields=["customer_id", "requested_at"], name="return_customer"),
            models.Index(
                fields=["decided_by", "requested_at", "id"], condition=~Q(decided_by=""), name="return_decided"
            ),
            models.Index(fields=["linked_id"], condition=~Q(linked_id=NIL), name="return_linked"),
            models.Index(fields=["due_at", "id"], condition=Q(due_at__isnull=False), name="return_due"),
            models.Index(fields=["requested_at", "id"], condition=~Q(escalated_to=""), name="return_escalated"),
            # The few that wait for certain people.
            models.Index(fields=["stage"], condition=~Q(stage=0), name="return_stage"),
        ]


class Clock(Row):
    """A time that somebody has for something. At most one of a kind runs for a return; all its writes happen under the
    lock of the return. What has stopped stays: it tells who was in time.
    """

    #: Without an index of its own: the one below begins with it.
    parent = models.ForeignKey(Return, models.PROTECT, related_name="clocks", db_index=False)
    kind = models.CharField(max_length=10)
    side = models.CharField(max_length=10)
    set_at = models.DateTimeField()
    due_at = models.DateTimeField()
    warn_at = models.DateTimeField(null=True)
    #: What happens then, and whom it goes to where somebody has to look at it.
    then = models.CharField(max_length=10, default="nothing")
    escalate_to = models.CharField(max_length=20, default="approver")
    warned_at = models.DateTimeField(null=True)
    #: When it really acted, which may be long after it was due. One that escalated goes on until somebody decides.
    acted_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    #: What became of it; '' as long as it runs.
    outcome = models.CharField(max_length=10, default="")
    command_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parent", "kind"], condition=Q(outcome=""), name="clock_open"),
        ]
        indexes = [
            models.Index(fields=["parent", "set_at"], name="clock_parent"),
            # What the worker looks for, and nothing else.
            models.Index(
                fields=["due_at", "id"], condition=Q(outcome="", acted_at=None) & ~Q(then="nothing"), name="clock_due"
            ),
            models.Index(
                fields=["warn_at", "id"],
                condition=Q(outcome="", warned_at=None, warn_at__isnull=False),
                name="clock_warn",
            ),
        ]


class ReturnLine(Row):
    """One line: what was asked for, what came, what was decided about it, what it paid.

    received = pending + accepted + rejected; disposed + still in the bay = received.
    """

    #: Without an index of its own, as all keys that a unique key begins with.
    parent = models.ForeignKey(Return, models.PROTECT, related_name="lines", db_index=False)
    position = models.SmallIntegerField()
    kind = models.CharField(max_length=10, choices=labels.choices(lifecycle.LineKind))
    resolution = models.CharField(max_length=20, choices=labels.choices(lifecycle.Type))
    order_id = models.UUIDField(default=NIL)
    order_line_id = models.UUIDField(default=NIL)
    shipment_line_id = models.UUIDField(default=NIL)
    sku_id = models.UUIDField(default=NIL)
    lot = models.CharField(max_length=60, default="")
    serial = models.CharField(max_length=80, default="")
    reason = models.CharField(max_length=40, default="")
    condition = models.CharField(max_length=40, default="")
    #: Kind of a money-only line: postage, discount, fee, manual, goodwill, compensation.
    money_kind = models.CharField(max_length=12, default="")
    requested = models.BigIntegerField(default=0)
    authorised = models.BigIntegerField(default=0)
    expected = models.BigIntegerField(default=0)
    received = models.BigIntegerField(default=0)
    lost = models.BigIntegerField(default=0)
    short_closed = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    disposed = models.BigIntegerField(default=0)
    settled = models.BigIntegerField(default=0)
    #: Units that went to the buyer: his own back to him, or the same goods once more.
    sent = models.BigIntegerField(default=0)
    #: Units held on the shipment line.
    claimed = models.BigIntegerField(default=0)
    reception = models.CharField(max_length=10, default="")
    acceptance = models.CharField(max_length=12, default="")
    money = models.CharField(max_length=10, default="")
    #: Found goods do not match (a swapped serial): no refund until somebody decides.
    held = models.BooleanField(default=False)
    #: What somebody decided about a hold: accept or reject; '' while nobody did.
    hold_decision = models.CharField(max_length=8, default="")
    unit_weight_g = models.BigIntegerField(default=0)
    #: Its goods were sold by weight: they are weighed when they come, and paid back by what they weighed at the sale.
    by_weight = models.BooleanField(default=False)
    #: The amount of a money-only line, or what a past document paid; NULL: the planner computes it.
    recorded_minor = models.BigIntegerField(null=True)
    #: Without an order: which source priced it (`returns.pricing`), '' while nothing did, and what that went by.
    price_rule = models.CharField(max_length=12, default="")
    priced: Any = models.JSONField(default=dict)
    refund_minor = models.BigIntegerField(default=0)
    #: What its goods gave back before fees, and what was kept back of it: {fee: minor}.
    share_minor = models.BigIntegerField(default=0)
    fees: Any = models.JSONField(default=dict)
    #: Units that inspection found otherwise than the buyer declared, or incomplete.
    unlike = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parent", "position"], name="return_line_position"),
            models.CheckConstraint(
                condition=Q(authorised__gte=0, authorised__lte=F("requested")), name="return_line_authorised"
            ),
            models.CheckConstraint(
                condition=Q(expected__gte=0, expected__lte=F("authorised")), name="return_line_expected"
            ),
            models.CheckConstraint(
                condition=Q(received__gte=0, lost__gte=0, short_closed__gte=0)
                & (Q(kind__in=["surplus", "wrong"]) | Q(expected__gte=F("received") + F("lost") + F("short_closed"))),
                name="return_line_received",
            ),
            models.CheckConstraint(
                condition=Q(accepted__gte=0, rejected__gte=0) & Q(received__gte=F("accepted") + F("rejected")),
                name="return_line_inspected",
            ),
            models.CheckConstraint(
                condition=Q(disposed__gte=0) & Q(accepted__gte=F("disposed") - F("rejected")),
                name="return_line_disposed",
            ),
            models.CheckConstraint(
                condition=Q(settled__gte=0, settled__lte=F("authorised")), name="return_line_settled"
            ),
            models.CheckConstraint(
                condition=Q(claimed__gte=0, claimed__lte=F("requested")), name="return_line_claimed"
            ),
            models.CheckConstraint(
                condition=Q(sent__gte=0) & (Q(sent__lte=F("authorised")) | Q(sent__lte=F("received"))),
                name="return_line_sent",
            ),
            models.CheckConstraint(condition=Q(unlike__gte=0, unlike__lte=F("received")), name="return_line_unlike"),
        ]
        indexes = [
            models.Index(fields=["order_id"], condition=~Q(order_id=NIL), name="return_line_order"),
            models.Index(fields=["order_line_id"], condition=~Q(order_line_id=NIL), name="return_line_order_line"),
            models.Index(
                fields=["shipment_line_id"], condition=~Q(shipment_line_id=NIL), name="return_line_shipment_line"
            ),
        ]


class Receipt(AppendOnly):
    """Units of a line that arrived; `receipt_key` makes the same message count once."""

    line = models.ForeignKey(ReturnLine, models.PROTECT, related_name="receipts")
    parcel_id = models.UUIDField(default=NIL)
    receipt_key = models.CharField(max_length=120)
    #: Of what the whole message said: the same key with other units is another message and refused.
    input_hash = models.CharField(max_length=64, default="")
    quantity = models.BigIntegerField()
    weight_g = models.BigIntegerField(default=0)
    move_id = models.UUIDField(default=NIL)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["receipt_key", "line"], name="receipt_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="receipt_quantity"),
        ]


class Inspection(AppendOnly):
    """Units of a line with one grade and one disposition; a re-disposition is a row that reverses another."""

    line = models.ForeignKey(ReturnLine, models.PROTECT, related_name="inspections")
    quantity = models.BigIntegerField()
    accepted = models.BooleanField()
    grade = models.CharField(max_length=12, default="")
    disposition = models.CharField(max_length=12, choices=labels.choices(lifecycle.Disposition))
    found_condition = models.CharField(max_length=40, default="")
    found_serial = models.CharField(max_length=80, default="")
    #: Of what the policy wants it to come back with (`policy.rules.REQUIREMENTS`), what was not there.
    missing: Any = models.JSONField(default=list)
    #: On whose side it lies, as somebody found; '' where nobody said.
    found_fault = models.CharField(max_length=8, default="")
    location_id = models.UUIDField(default=NIL)
    move_id = models.UUIDField(default=NIL)
    cost_minor = models.BigIntegerField(default=0)
    worth_minor = models.BigIntegerField(default=0)
    cost_source = models.CharField(max_length=12, default="")
    reverses_id = models.UUIDField(default=NIL)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(quantity__gte=1), name="inspection_quantity")]
        indexes = [models.Index(fields=["reverses_id"], condition=~Q(reverses_id=NIL), name="inspection_reverses")]
