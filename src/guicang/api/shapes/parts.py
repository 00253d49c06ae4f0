"""What a return consists of, as programs read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.api.parsing import Reference, Shown
from guicang.insights.reckoning import Reading, sentence
from guicang.returns import offers
from guicang.returns.deadlines import Kind, Side, Then
from guicang.returns.lifecycle import Disposition


class Component(Shown):
    """One component of a refund, in order: what it is, what it was computed from, and by which rule.

    `text`: the rule with its numbers, in the language asked for.
    """

    label: str
    basis: dict[str, Any]
    rule: str
    amount_minor: int
    text: str


def components(explanation: Iterable[Mapping[str, Any]], read: Reading | None) -> list[Component]:
    return [
        Component(
            label=one["label"],
            basis=one["basis"],
            rule=one["rule"],
            amount_minor=one["amount_minor"],
            text=sentence(one, read) if read else "",
        )
        for one in explanation
    ]


class Settlement(Shown):
    """`cash_minor` goes back by the tenders; the rest of the credit settles what is open."""

    id: UUID
    order_id: Reference
    currency: str
    credit_minor: int
    tax_minor: int
    shipping_minor: int
    expense_minor: int
    cash_minor: int
    unapplied_minor: int
    points: int
    explanation: list[Component]
    reverses_id: Reference
    reversed: bool
    occurred_at: datetime


class Refund(Shown):
    """`kind` of the tender; `method` '': back by it, else how the money goes instead. `way`: who carries it out."""

    id: UUID
    settlement_id: UUID
    tender_id: UUID
    amount_minor: int
    currency: str
    kind: str
    method: str
    way: str
    state: str
    reference: str
    failure: str
    paid_at: datetime | None
    occurred_at: datetime


class Parcel(Shown):
    id: UUID
    carrier: str
    tracking: str
    state: str
    inbound: bool
    sent_at: datetime | None
    arrived_at: datetime | None
    weight_g: int


class Inspection(Shown):
    """`reverses_id`: the inspection whose disposition this one changed."""

    id: UUID
    line_id: UUID
    quantity: int
    accepted: bool
    grade: str
    disposition: Disposition
    found_condition: str
    found_serial: str
    missing: list[str]
    found_fault: str
    reverses_id: Reference
    occurred_at: datetime


class ReturnMove(Shown):
    """Goods of a line that went from one place or grade to another."""

    id: UUID
    line_id: UUID
    sku_id: UUID
    event: str
    quantity: int
    lot: str
    serial: str
    from_grade: str
    to_grade: str
    occurred_at: datetime


class Clock(Shown):
    """A time that somebody has for something; `due_at` is exclusive: at that instant it is too late.

    `then`: what happens by itself; `acted_at`: when it really did. `outcome`: '' while it runs, then met, late, acted,
    replaced or stopped.
    """

    id: UUID
    kind: Kind
    side: Side
    set_at: datetime
    due_at: datetime
    warn_at: datetime | None
    then: Then
    escalate_to: str
    warned_at: datetime | None
    acted_at: datetime | None
    done_at: datetime | None
    outcome: str


class Message(Shown):
    """A notice or hand-over that this return caused; what it says is not shown."""

    id: UUID
    topic: str
    created_at: datetime
    done_at: datetime | None
    dead_at: datetime | None
    attempts: int


class Change(Shown):
    """A link of the audit trail: codes, amounts and references, never personal data."""

    seq: int
    action: str
    reason: str
    actor_kind: str
    actor_id: Reference
    actor: str
    occurred_at: datetime
    recorded_at: datetime
    origin: str
    before: dict[str, Any]
    after: dict[str, Any]


class Linked(Shown):
    id: UUID
    number: str
    kind: str


class Answer(Shown):
    """An answer to one of the company's own fields, of a line or (null) of the return.

    `value`: the text, the number, the day, the code of the option, yes or no; '' where it was erased with its person.
    """

    code: str
    zh: str
    en: str
    kind: str
    line_id: Reference
    value: str


class Offer(Shown):
    """A part refund for keeping the goods. `side`: who made it. An open one past its time is shown as expired."""

    number: int
    side: offers.Side
    amount_minor: int
    currency: str
    state: offers.OfferState
    actor: str
    made_at: datetime
    expires_at: datetime
    decided_at: datetime | None


class Talk(Shown):
    """What can be offered: at most `planned_minor`, by staff without an exception `room_minor`, for `hours`."""

    planned_minor: int
    room_minor: int
    hours: int


class RiskPart(Shown):
    """What counts, how many points, and why in a sentence."""

    code: str
    points: int
    text: str


class RiskMoment(Shown):
    """The points at one moment: request, receipt or inspection. `high`: a person is to look. Never an answer."""

    moment: str
    at: datetime
    points: int
    threshold: int
    high: bool
    listed: str
    parts: list[RiskPart]


class Risk(Shown):
    """`moments`, the latest first; the customer's orders and those with a return, percent of his and of all."""

    points: int
    high: bool
    moments: list[RiskMoment]
    orders: int
    returned: int
    rate: int | None
    peers: int | None
