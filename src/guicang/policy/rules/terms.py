"""A policy as data: whom and what it is for, and what it says. `Statement` is the whole of it, and one TOML file.

A statement is a list of policies. Each says some things about some sales and is silent about the rest; for every term
the first policy from the top that is for the sale and says something decides (`rules.book`). So an exception stands
above the rule, and a rule for all stands at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, get_args

from pydantic import Field, ValidationError, field_validator, model_validator

from guicang.policy.rules.answers import FieldRule, once_each
from guicang.policy.rules.parts import Codes, Part

Fault = Literal["seller", "buyer", "carrier", "none"]
FAULTS: tuple[str, ...] = get_args(Fault)
#: Whose cost it is where goods came wrong, broken or late: never the buyer's (消法 24).
SELLERS_SIDE: tuple[Fault, ...] = ("seller", "carrier")
Requirement = Literal["packaging", "tags", "accessories", "seal", "serial"]
#: What goods can be wanted to come back with.
REQUIREMENTS: tuple[str, ...] = get_args(Requirement)
#: A whole, in hundredths of a percent.
WHOLE_BP = 10_000


class NotAPolicy(ValueError):
    """`faults`: where in the statement, and what is wrong there."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{place}: {what}" for place, what in faults))
        self.faults = faults


class Scope(Part):
    """The sales that a policy is for: every list that is not empty has to hold one of the sale's. Empty: all sales.

    `categories`: 美妆 holds 美妆/护肤 too. `sold_from` and `sold_until`: days of the order in the market's zone,
    both included.
    """

    categories: Codes = ()
    brands: Codes = ()
    skus: Codes = ()
    channels: Codes = ()
    shops: Codes = ()
    markets: Codes = ()
    tiers: Codes = ()
    sellers: Codes = ()
    payments: Codes = ()
    sold_from: date | None = None
    sold_until: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Scope:
        if self.sold_from and self.sold_until and self.sold_from > self.sold_until:
            raise ValueError("sold_from lies after sold_until")
        return self


class Fee(Part):
    """What is kept back. `value`: hundredths of a percent of the refund, or minor units; counted per `per`. Freight of
    the kind `table` is what the company's table says of the way back, once per return.

    `faults`: on whose side the reason lies; `conditions`: as declared at the request. Empty: whatever it is.
    """

    kind: Literal["percent", "fixed", "table"]
    value: int = Field(default=0, ge=0, le=10**12)
    per: Literal["unit", "line", "return"] = "line"
    faults: tuple[Fault, ...] = ("buyer", "none")
    conditions: Codes = ()
    grades: Codes = ()
    taxed: bool = True
    #: restocking: for the work; value: what goods lost by more use than trying them takes (2011/83, 14.2); freight:
    #: for a way back that the shop paid.
    what: Literal["restocking", "value", "freight"] = "restocking"

    @model_validator(mode="after")
    def _at_most_all(self) -> Fee:
        if self.kind == "percent" and self.value > WHOLE_BP:
            raise ValueError("a fee cannot be more than all of it")
        if self.kind == "percent" and self.per != "line":
            raise ValueError("a percentage is of the line")
        by_table = self.kind == "table"
        if by_table and (self.what != "freight" or self.per != "return" or self.value):
            raise ValueError("a table says what freight costs, once per return")
        if not by_table and not self.value:
            raise ValueError("a fee of nothing is none")
        return self


class Terms(Part):
    """What a policy says; None: nothing about it. Amounts in minor units of the statement's currency.

    - `days` counted from the day after `counted_from`, the last one included; with `counting` hours each is 24 h.
      `fault_days` likewise where the seller or the carrier is at fault, else `days`.
    - `holidays_extend`: a last day that is a holiday in the market moves to the next working day (民法典 203).
    - `withdrawal`: the buyer has the statutory right to withdraw from the contract (2011/83/EU art. 9): without a
      reason, by the function for it, counted from the last delivery of the order, a year longer where nobody told him.
    - `excluded`: by_law needs no consent (消法 25.1); confirmed needs the buyer's recorded one (消法 25.2).
    - `conditions`, `reasons`, `resolutions`: what is accepted, an empty list accepts nothing.
    - `requires`: what the goods have to come back with, told beforehand and looked at on inspection.
    - `shelf_days`: how many days its lot must still be good for, where it is to be sold again as new.
    - `proof`: what is asked for: order (that it is known), invoice (issued by us, or attached), or none. `evidence`:
      when pictures are.
    - `fields`: what follows from answers to the company's own fields.
    - `review_hours`, `ship_days`, `answer_days`, `refund_days`: how long staff, the buyer and the refund may take.
      `review_then`, `answer_then`, `refund_then`: what happens once they took longer; `warn_hours` before it does,
      whoever it is up to is told.
    - `repair_days`: how long a repair may take, counted from the day after the goods were looked at.
    - `advance_days`, `advance_then`: how long goods may take whose replacement left first, and whether the new ones are
      charged then or somebody looks at it.
    - `freight_fault`, `freight_choice`: who pays the way back for the seller's or carrier's fault, and for the rest.
    - `refund_when`: what the refund waits for: granted, posted (the way back was recorded with its number), received,
      inspected. Before the goods were looked at a customer is never paid more than `ahead_most_minor` in all.
    - `refund_parts`: goods that come in several parcels are refunded parcel by parcel, or once the last of them came
      (end).
    - `discount_mode`, `gifts`: where the promotion itself says nothing. `lost_shipping`: once what is kept misses the
      threshold for free shipping, its freight is charged; give_back: and given back when nothing is kept.
      `deposit`: whether who cancels a pre-sale before the rest is paid forfeits an earnest deposit (定金).
      `refund_first`: kinds of tenders that are refunded before the others; the rest in proportion.
    - `keep_offer_bp`: a buyer who keeps the goods instead of sending them back may have this part of the refund.
    - `keep_below_minor`: worth less, the goods may stay with the buyer. `approve_below_minor`: allowed and at most
      this much is granted without a person. `room_bp`: how far staff may go in talks, hundredths of a percent.
      `offer_hours`: how long an offer in them holds.
    - `price_match_days`: so long after the order a buyer gets back what the price dropped (价保).
    """

    days: int | None = Field(default=None, ge=0, le=3650)
    counted_from: Literal["order", "shipment", "delivery"] | None = None
    counting: Literal["days", "hours"] | None = None
    holidays_extend: bool | None = None
    fault_days: int | None = Field(default=None, ge=0, le=3650)
    withdrawal: bool | None = None
    excluded: Literal["no", "by_law", "confirmed"] | None = None
    conditions: Codes | None = None
    requires: tuple[Requirement, ...] | None = None
    shelf_days: int | None = Field(default=None, ge=0, le=3650)
    reasons: Codes | None = None
    resolutions: Codes | None = None
    proof: Literal["order", "invoice", "none"] | None = None
    evidence: Literal["never", "fault", "always"] | None = None
    evidence_from_minor: int | None = Field(default=None, ge=0, le=10**12)
    fields: tuple[FieldRule, ...] | None = Field(default=None, max_length=50)
    refund_to: Literal["original", "store_credit", "choice"] | None = None
    refund_days: int | None = Field(default=None, ge=0, le=365)
    refund_when: Literal["inspected", "received", "posted", "granted"] | None = None
    refund_parts: Literal["parcel", "end"] | None = None
    ahead_most_minor: int | None = Field(default=None, ge=1, le=10**12)
    fees: tuple[Fee, ...] | None = None
    freight_fault: Literal["seller", "buyer"] | None = None
    freight_choice: Literal["seller", "buyer"] | None = None
    shipping_refund: Literal["none", "proportional", "last_unit", "statutory"] | None = None
    discount_mode: Literal["keep", "reprice"] | None = None
    gifts: Literal["keep", "charge"] | None = None
    lost_shipping: Literal["no", "charge", "give_back"] | None = None
    deposit: Literal["keep", "give_back"] | None = None
    refund_first: Codes | None = None
    keep_offer_bp: int | None = Field(default=None, ge=1, le=WHOLE_BP)
    keep_below_minor: int | None = Field(default=None, ge=0, le=10**12)
    approve_below_minor: int | None = Field(default=None, ge=0, le=10**12)
    room_bp: int | None = Field(default=None, ge=0, le=WHOLE_BP)
    offer_hours: int | None = Field(default=None, ge=1, le=2400)
    price_match_days: int | None = Field(default=None, ge=1, le=365)
    review_hours: int | None = Field(default=None, ge=1, le=2400)
    ship_days: int | None = Field(default=None, ge=1, le=365)
    repair_days: int | None = Field(default=None, ge=1, le=365)
    advance_days: int | None = Field(default=None, ge=1, le=365)
    advance_then: Literal["hold", "charge"] | None = None
    answer_days: int | None = Field(default=None, ge=1, le=365)
    review_then: Literal["nothing", "escalate", "approve"] | None = None
    answer_then: Literal["nothing", "expire", "cancel", "reject"] | None = None
    refund_then: Literal["nothing", "escalate", "refund"] | None = None
    warn_hours: int | None = Field(default=None, ge=0, le=240)

    @field_validator("fields")
    @classmethod
    def _fields_once(cls, said: tuple[FieldRule, ...] | None) -> tuple[FieldRule, ...] | None:
        return said and once_each(said)

    def said(self) -> dict[str, Any]:
        """The terms that it says something about."""
        return {name: value for name in TERMS if (value := getattr(self, name)) is not None}


TERMS: tuple[str, ...] = tuple(Terms.model_fields)
#: Where no policy says anything: 30 days from shipment, nothing asked for, every request goes to a person.
SILENT: Mapping[str, Any] = {
    "days": 30,
    "counted_from": "shipment",
    "counting": "days",
    "holidays_extend": False,
    "fault_days": None,
    "withdrawal": False,
    "excluded": "no",
    "conditions": None,
    "requires": (),
    "shelf_days": None,
    "reasons": None,
    "resolutions": None,
    "proof": "order",
    "evidence": "never",
    "evidence_from_minor": None,
    "fields": (),
    "refund_to": "original",
    "refund_days": None,
    "refund_when": None,
    "refund_parts": "parcel",
    "ahead_most_minor": None,
    "fees": (),
    "freight_fault": "seller",
    "freight_choice": "buyer",
    "shipping_refund": "none",
    "discount_mode": "keep",
    "gifts": "keep",
    "lost_shipping": "no",
    "deposit": "keep",
    "refund_first": None,
    "keep_offer_bp": None,
    "keep_below_minor": None,
    "approve_below_minor": None,
    "room_bp": None,
    "offer_hours": None,
    "price_match_days": None,
    "review_hours": None,
    "ship_days": None,
    "repair_days": None,
    "advance_days": None,
    "advance_then": None,
    "answer_days": None,
    # What is late is shown as late; a question that nobody answers lets the return expire. (`returns.deadlines`)
    "review_then": None,
    "answer_then": None,
    "refund_then": None,
    "warn_hours": None,
}


class Policy(Part):
    """`code` names it in verdicts for ever; `zh` and `en` are what people read."""

    code: str = Field(min_length=1, max_length=40, pattern=r"^[a-z0-9][a-z0-9_-]*$")
    zh: str = Field(min_length=1, max_length=80)
    en: str = Field(default="", max_length=80)
    #: The rule it carries out: an article of a law, a clause of a contract.
    source: str = Field(default="", max_length=120)
    scope: Scope = Scope()
    terms: Terms = Terms()


class Statement(Part):
    """All policies of a company, the first one first. `currency` is that of every amount in it."""

    currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$")
    policies: tuple[Policy, ...] = Field(default=(), max_length=200)

    @model_validator(mode="after")
    def _codes_once(self) -> Statement:
        codes = [policy.code for policy in self.policies]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"two policies have the code {', '.join(twice)}")
        return self

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Statement:
        """Raises `NotAPolicy` with every fault and where it stands."""
        try:
            return cls.model_validate(dict(data))
        except ValidationError as found:
            faults = [(".".join(map(str, fault["loc"])) or "-", fault["msg"]) for fault in found.errors()]
            raise NotAPolicy(faults) from None

    def as_data(self) -> dict[str, Any]:
        """As versions keep it: only what is said."""
        return self.model_dump(mode="json", exclude_defaults=True, exclude_none=True) | {"currency": self.currency}


#: The plain default until a merchant states a policy.
PLAIN = Statement.from_data({"policies": [{"code": "plain", "zh": "默认", "en": "Default", "terms": {"days": 30}}]})
