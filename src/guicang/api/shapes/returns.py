"""A return as programs read it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from guicang.api.parsing import Reference, Shown, show
from guicang.api.problems import Finding, finding
from guicang.api.shapes.approvals import Approval, approval
from guicang.api.shapes.books import CreditNote, Entry
from guicang.api.shapes.parts import (
    Answer,
    Change,
    Clock,
    Component,
    Inspection,
    Linked,
    Message,
    Offer,
    Parcel,
    Refund,
    ReturnMove,
    Risk,
    RiskMoment,
    RiskPart,
    Settlement,
    Talk,
    components,
)
from guicang.insights.choices import Choice as Compared
from guicang.insights.dossier import Dossier
from guicang.insights.reckoning import Reading, read_request
from guicang.insights.risk import Moment
from guicang.insights.verdicts import fees
from guicang.insights.worklist import Row
from guicang.returns.lifecycle import LineKind, State, Type
from guicang.returns.settlement import Plan
from guicang.returns.steps.request import Preview as Asked


class ReturnRow(Shown):
    """A return in a list. `held`: somebody has to decide about goods that are not what was sold.

    `unlike`: units that inspection found otherwise than declared, or incomplete.
    `department`: in whose queue it stands, '' once it is over; `owner_id`: whose it is there, null: nobody's.
    `due_at`: when the first of its clocks runs out; `escalated_to`: the role that has to look at it, '' for none.
    `withdrawal`: the buyer withdrew from the contract, at `requested_at`.
    """

    id: UUID
    number: str
    rma_code: str
    type: Type
    state: State
    currency: str
    customer_id: UUID
    customer: str
    shop_id: UUID
    shop: str
    warehouse_id: Reference
    requested_at: datetime
    expires_at: datetime | None
    due_at: datetime | None
    escalated_to: str
    refund_minor: int
    risk_points: int | None
    risk_high: bool
    withdrawal: bool
    risk_review: bool
    department: str
    owner_id: Reference
    owner: str
    held: bool
    units: int
    unlike: int
    order_numbers: list[str]


class WorkQueue(Shown):
    """A list of work: how many returns wait in it, and since when the oldest was asked for."""

    code: str
    count: int
    oldest: datetime | None


class Line(Shown):
    """received = pending + accepted + rejected; disposed + in the bay = received. `due`: units to be settled."""

    id: UUID
    position: int
    kind: LineKind
    resolution: Type
    order_id: Reference
    order_number: str
    order_line_id: Reference
    sku_id: Reference
    code: str
    name: str
    unit: str
    lot: str
    serial: str
    reason: str
    condition: str
    money_kind: str
    requested: int
    authorised: int
    expected: int
    received: int
    lost: int
    short_closed: int
    accepted: int
    rejected: int
    disposed: int
    settled: int
    sent: int
    awaited: int
    pending: int
    to_send: int
    in_bay: int
    due: int
    reception: str
    acceptance: str
    money: str
    held: bool
    hold_decision: str
    unlike: int
    refund_minor: int


class Possible(Shown):
    """A command, and `why` it cannot be given now: '' it can, else state, permission, goods, stage (`approval.why`)."""

    command: str
    why: str


class Preview(Shown):
    """What settling now would pay for one order (null: without one); `blocked` names what stands in the way."""

    order_id: Reference
    currency: str
    cash_minor: int
    shipping_minor: int
    explanation: list[Component]
    blocked: list[str]


class CreditGiven(Shown):
    """Refunded money in the customer's balance and the bonus on it; `until`: when the bonus runs out, null: never."""

    money_minor: int
    bonus_minor: int
    until: datetime | None


class RefundExpected(Shown):
    """`due_at`: the first instant after the last day to pay; null before its clock runs: `days` after receipt."""

    due_at: datetime | None
    days: int | None


class Repair(Shown):
    """How the repair stands: '' not looked at, quoted, agreed, declined, done. `price_minor`: the customer's, with its
    tax; `owed_minor`: what of it he still has to pay."""

    state: str
    in_warranty: bool
    price_minor: int
    tax_minor: int
    labour_minutes: int
    paid: bool
    owed_minor: int


class Insurance(Shown):
    """运费险 of the way back, by buyer, shop or platform. `state`: insured, filed, paid or refused, on `day`."""

    state: str
    insured_by: str
    insurer: str
    policy_number: str
    amount_minor: int
    day: date


class ReturnSheet(Shown):
    """Everything on a return. `next_command` is the one that brings it on; `version` is its ETag. `approval`: who has
    to agree, null where any one person who may authorise decides. `refund_to`: where the customer wants his money,
    '' as the policy says; `store_credit`: what of it is in his balance; `refund_expected`: by when it is to be paid,
    null once it is."""

    id: UUID
    version: int
    company_id: UUID
    shop_id: UUID
    shop: str
    warehouse_id: Reference
    warehouse: str
    market_id: UUID
    customer_id: UUID
    customer: str
    number: str
    rma_code: str
    type: Type
    type_because: str
    state: State
    currency: str
    entered_by: str
    source_document: str
    origin: str
    verdict: dict[str, Any]
    withdrawal: bool
    refund_minor: int
    refund_to: str
    credit_consented: bool
    store_credit: CreditGiven | None
    refund_expected: RefundExpected | None
    requested_at: datetime
    decided_at: datetime | None
    expires_at: datetime | None
    received_at: datetime | None
    inspected_at: datetime | None
    settled_at: datetime | None
    ended_at: datetime | None
    due_at: datetime | None
    escalated_to: str
    department: str
    owner_id: Reference
    owner: str
    clocks: list[Clock]
    lines: list[Line]
    commands: list[Possible]
    next_command: str
    approval: Approval | None
    preview: list[Preview]
    estimate: list[Preview]
    settlements: list[Settlement]
    refunds: list[Refund]
    parcels: list[Parcel]
    inspections: list[Inspection]
    moves: list[ReturnMove]
    entries: list[Entry]
    credit_notes: list[CreditNote]
    messages: list[Message]
    history: list[Change]
    linked: list[Linked]
    offers: list[Offer]
    talk: Talk | None
    repair: Repair | None
    risk: Risk | None
    insurance: Insurance | None
    fields: list[Answer]


class PreviewLine(Shown):
    """A line as the return would have it; a bundle's line stands as its components."""

    order_line_id: Reference
    sku_id: Reference
    kind: LineKind
    resolution: Type
    reason: str
    serial: str
    units: int


class Fee(Shown):
    """A fee that the policy names, in words, and how much of it the plans deduct."""

    line_id: UUID
    text: str
    amount_minor: int


class Choice(Shown):
    """What could be asked for instead of the same goods. `code`: a type of return, or store_credit; `kind`: the type
    that asks for it. `worth_minor`: in money, in store credit with its bonus, or in goods, to which the customer adds
    `pays_minor` or gets `back_minor`."""

    code: str
    kind: Type
    worth_minor: int
    fees_minor: int
    sends_back: bool
    seller_pays: bool
    review: bool
    chosen: bool
    bonus_minor: int
    bonus_days: int
    pays_minor: int
    back_minor: int


class RequestPreview(Shown):
    """What a request would come to where all of it is granted and accepted; nothing was written.

    `possible` false: `errors` say why. `verdict`: what the policy says. `refund_minor`: the money of all `plans`, which
    are those of settling it, component by component. `fees`: what of it they deduct as the policy says. `choices`:
    what else could be asked for and what each is worth; empty where there is no choice, or lines ask for several.
    """

    possible: bool
    errors: list[Finding]
    verdict: dict[str, Any]
    lines: list[PreviewLine]
    refund_minor: int
    plans: list[Preview]
    fees: list[Fee]
    choices: list[Choice]


def request_preview(found: Asked, choices: Iterable[Compared]) -> RequestPreview:
    read = read_request(found)
    plans = [preview(each.plan, read) for each in found.plans]
    return RequestPreview(
        possible=not found.refusals,
        errors=[finding(refusal) for refusal in found.refusals],
        verdict=dict(found.verdict),
        lines=[show(PreviewLine, line, units=line.requested) for line in found.lines],
        refund_minor=sum(plan.cash_minor for plan in plans),
        plans=plans,
        fees=_all(Fee, fees(found.verdict, found.policy_version_id, [each.plan for each in found.plans])),
        choices=_all(Choice, choices),
    )


def row(found: Row) -> ReturnRow:
    return show(ReturnRow, found)


def sheet(found: Dossier, version: int) -> ReturnSheet:
    """The whole dossier; no statement."""
    return show(
        ReturnSheet,
        found,
        found.header,
        version=version,
        owner=found.owner.name,
        lines=[show(Line, line, line.row) for line in found.lines],
        store_credit=show(CreditGiven, found.credit) if found.credit else None,
        refund_expected=show(RefundExpected, found.refund_expected) if found.refund_expected else None,
        commands=found.buttons,
        fields=[show(Answer, one, one.field) for one in found.field_answers],
        next_command=found.main,
        approval=approval(found.approval),
        preview=[preview(plan, found.reading) for plan in found.preview],
        estimate=[preview(plan, found.reading) for plan in found.estimate],
        settlements=[_settlement(one, found) for one in found.settlements],
        clocks=_all(Clock, found.clocks),
        refunds=_all(Refund, found.refunds),
        parcels=_all(Parcel, found.parcels),
        inspections=_all(Inspection, found.inspections),
        moves=[show(ReturnMove, one, line_id=one.source_id) for one in found.moves],
        entries=_all(Entry, found.entries),
        credit_notes=_all(CreditNote, found.credit_notes),
        messages=_all(Message, found.messages),
        history=[show(Change, one, actor=found.people.get(one.actor_id, "")) for one in found.history],
        offers=[show(Offer, one, actor=found.people.get(one.actor_id, "")) for one in found.talk.offers],
        talk=show(Talk, found.talk.at_stake) if found.talk.at_stake else None,
        insurance=show(Insurance, found.cover) if found.cover.state else None,
        risk=show(Risk, found.risk, moments=[_moment(one) for one in found.risk.moments]) if found.risk else None,
        linked=[Linked(id=key, number=number, kind=kind) for key, number, kind in found.chain],
    )


def _moment(found: Moment) -> RiskMoment:
    return show(RiskMoment, found, parts=_all(RiskPart, found.parts))


def _settlement(one: Any, found: Dossier) -> Settlement:
    told = components(one.explanation, found.reading)
    return show(Settlement, one, reversed=one.id in found.reversed, explanation=told)


def preview(plan: Plan, read: Reading | None) -> Preview:
    return show(
        Preview,
        plan,
        order_id=plan.sale.id,
        currency=plan.sale.currency,
        blocked=[code for code, _ in plan.blocked],
        explanation=components(plan.explanation, read),
    )


def _all(kind: type[Any], rows: Iterable[Any]) -> list[Any]:
    return [show(kind, one) for one in rows]
