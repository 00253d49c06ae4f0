"""Everything about one return, for the page that shows it: at most 55 statements, however long its history.

6 more where it was scored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from guicang.accounting import queries as books
from guicang.audit import queries as audit
from guicang.audit.queries import HistoryItem
from guicang.catalog import queries as catalogue
from guicang.insights import conditions, prices, progress, risk
from guicang.insights.answers import Answer
from guicang.insights.answers import answers as answers_of
from guicang.insights.approvals import Approval, approval
from guicang.insights.buttons import Button, buttons, sends
from guicang.insights.estimates import UNDECIDED, Grading, estimate, gradings
from guicang.insights.given import Back, Credit, Expected, back_of
from guicang.insights.insurance import Cover, cover_of
from guicang.insights.owners import Ownership, ownership
from guicang.insights.reckoning import Reading, reading
from guicang.insights.repairs import parts_of
from guicang.insights.swaps import Exchange, exchange_of
from guicang.insights.verdicts import Explained, explain
from guicang.insights.worklist import customer_names, order_numbers
from guicang.inventory.models import StockMove
from guicang.kernel.actor import Actor
from guicang.kernel.ids import NIL
from guicang.kernel.models import OutboxMessage
from guicang.kernel.money import from_minor
from guicang.logistics.models import Parcel
from guicang.notifications import operations as notices
from guicang.org import queries as org
from guicang.payments.models import Refund
from guicang.policy import queries as policies
from guicang.policy.facts import FieldInfo, ReasonInfo
from guicang.policy.queries import summary
from guicang.returns import lifecycle
from guicang.returns import queries as returns
from guicang.returns.classing import CHANGEABLE
from guicang.returns.models import Clock, Inspection, Return, ReturnLine, Settlement, SettlementLine
from guicang.returns.offers import COMMANDS as OFFERS
from guicang.returns.operations import answering, beyond, evidence, notes, saleview, scoring
from guicang.returns.operations.repairs import repair_of
from guicang.returns.operations.saleview import Account
from guicang.returns.operations.talks import Outlook, outlook
from guicang.returns.queries import EvidenceInfo
from guicang.returns.repairing import COMMANDS as REPAIRS
from guicang.returns.repairing import RepairFacts
from guicang.returns.risk import DEFAULTS, weight_off
from guicang.returns.settlement import Plan
from guicang.returns.steps import collect, deadline, settle
from guicang.sales.models import Tender
from guicang.staff import queries as staff


@dataclass(frozen=True, slots=True)
class Line:
    row: ReturnLine
    code: str
    name: str
    unit: str
    order_number: str
    awaited: int
    pending: int
    to_send: int
    in_bay: int
    due: int
    #: Units that can still be granted.
    grantable: int
    #: By how many percent its parcels are off, from where on that says something.
    weight_off: int
    pictures: list[EvidenceInfo]
    #: What the policy wants it to come back with.
    requires: Sequence[str]
    #: Without an order: how it was priced, and what it pays as fields of forms hold it; '' where nobody did.
    priced: str = ""
    price: str = ""

    @property
    def told(self) -> tuple[UUID, UUID, str]:
        """As the reckoning names it."""
        return self.row.id, self.row.order_line_id, self.name or self.code

    @property
    def key(self) -> str:
        """Its id, as fields of forms are named."""
        return str(self.row.id)


@dataclass(frozen=True, slots=True)
class Dossier:
    header: Return
    lines: list[Line]
    shop: str
    warehouse: str
    goes_to: org.ReturnAddress | None
    customer: str
    orders: dict[UUID, str]
    buttons: list[Button]
    preview: list[Plan]
    #: What all of it would pay, as long as goods are awaited: who decides sees the amount.
    estimate: list[Plan]
    gradings: list[Grading]
    #: Whether the reader may keep something back by hand.
    may_deduct: bool
    settlements: list[Settlement]
    reversed: set[UUID]
    back: Back
    parcels: list[Parcel]
    inspections: list[Inspection]
    moves: list[StockMove]
    entries: list[books.EntryView]
    credit_notes: list[books.CreditNoteView]
    messages: list[OutboxMessage]
    history: list[HistoryItem]
    people: dict[UUID, str]
    chain: list[tuple[UUID, str, str]]
    words: str
    #: {note's id as the trail has it: its words}.
    notes: dict[str, str]
    may_note: bool
    pictures: list[EvidenceInfo]
    may_add_pictures: bool
    may_remove_pictures: bool
    answers: dict[UUID, str]
    reasons: dict[str, ReasonInfo]
    field_answers: list[Answer]
    #: The company's own fields by code.
    fields: dict[str, FieldInfo]
    may_answer: bool
    explained: Explained
    risk: risk.View | None
    exchange: Exchange | None
    repair: RepairFacts | None
    #: Name, units, cost in the books of what was used for it.
    repair_parts: list[tuple[str, int, int]]
    may_collect: bool
    stages: list[progress.Stage]
    approval: Approval | None
    owner: Ownership
    waits: progress.Waits | None
    talk: Outlook
    #: What the policy says of the room for talks, in a sentence; '' where it says nothing.
    room: str
    found: list[conditions.Found]
    #: What its money is told by.
    reading: Reading
    #: All that ever ran, the first due first.
    clocks: list[Clock]
    may_set_deadline: bool
    cover: Cover

    @property
    def refunds(self) -> list[Refund]:
        return self.back.refunds

    @property
    def credit(self) -> Credit | None:
        return self.back.credit

    @property
    def refund_expected(self) -> Expected | None:
        return self.back.expected

    @property
    def running(self) -> list[Clock]:
        return [clock for clock in self.clocks if clock.done_at is None]

    @property
    def types(self) -> list[str]:
        """What it can be changed to."""
        return [str(one) for one in lifecycle.Type if one in CHANGEABLE and one != self.header.type]

    @property
    def owners(self) -> dict[str, str]:
        """{owner's id as the trail has it: name}."""
        return {str(key): name for key, name in self.people.items()}

    @property
    def awaited(self) -> Clock | None:
        """The clock behind what the return waits for."""
        until = self.waits.until if self.waits else None
        return next((clock for clock in self.running if clock.due_at == until), None)

    @property
    def besides(self) -> list[Clock]:
        """What runs besides it."""
        return [clock for clock in self.running if clock is not self.awaited]

    @property
    def platform(self) -> Clock | None:
        return next((clock for clock in self.running if clock.kind == "platform"), None)

    @property
    def units(self) -> int:
        return sum(line.row.requested for line in self.lines if line.row.kind != lifecycle.LineKind.MONEY)

    @property
    def offer_commands(self) -> tuple[str, ...]:
        """Commands of the talk and of a repair, which have places of their own on the page."""
        return OFFERS if self.repair is None else (*OFFERS, *REPAIRS)

    @property
    def repair_commands(self) -> tuple[str, ...]:
        return REPAIRS

    @property
    def may_correct(self) -> bool:
        """Both steps of a correction can be taken here and now."""
        whys = {button.command: button.why for button in self.buttons}
        return not whys.get("reverse_settlement", "state") and whys.get("settle") != "permission"

    @property
    def due_minor(self) -> int:
        """What settling now would pay in cash."""
        return sum(plan.cash_minor for plan in self.preview if not plan.blocked)

    @property
    def main(self) -> str:
        """The one command that brings this return on; '' where nobody here can."""
        free = {button.command for button in self.buttons if not button.why}
        return next((command for command in _NEXT.get(self.header.state, ()) if command in free), "")


_NEXT = {
    "requested": ("authorise",),
    "info_needed": ("answer",),
    "authorised": ("receive", "settle", "send_out"),
    "in_transit": ("receive",),
    "receiving": ("inspect", "receive"),
    "received": ("inspect", "release"),
    "inspected": ("settle", "exchange", "quote_repair", "finish_repair", "pay_repair", "send_out"),
    "settled": ("close", "send_out"),
}


def dossier(return_id: UUID, actor: Actor, now: datetime) -> Dossier | None:
    """The whole return; None where there is none that this actor may see."""
    header = Return.objects.filter(id=return_id).first()
    if header is None or not actor.sees(header.company_id, header.shop_id, header.warehouse_id, header.customer_id):
        return None
    rows = list(ReturnLine.objects.filter(parent_id=return_id).order_by("position"))
    line_ids, sees_books = [row.id for row in rows], actor.may("accounting.view")
    inspections = list(Inspection.objects.filter(line_id__among=line_ids).order_by("occurred_at", "id"))
    settlements = list(Settlement.objects.filter(parent_id=return_id).order_by("occurred_at", "id"))
    orders, warehouses = order_numbers(row.order_id for row in rows), org.warehouses([header.warehouse_id])
    history, accounts = audit.history(return_id), _orders(header, rows)
    talk, chain = outlook(header, rows, now, accounts), approval(header, rows, actor, now)
    fields, pictures = policies.fields_of(header.company_id), returns.evidence_of([return_id]).get(return_id, [])
    clocks, repair = returns.clocks_of([return_id], running=False).get(return_id, []), repair_of(header, rows)
    words, answers = returns.words_of(return_id, [one.command_id for one in history if one.action == "answer"])
    shown = _lines(header, rows, orders, pictures, chain.most if chain else {}, repair)
    return Dossier(
        header=header,
        field_answers=answers_of(return_id, fields),
        fields=fields,
        may_answer=actor.may(answering.CHANGE) and not header.ending,
        explained=explain(header.verdict, header.policy_version_id),
        risk=risk.of_return(header, now),
        exchange=exchange_of(header, rows),
        may_collect=actor.may(collect.PERMISSION),
        lines=shown,
        shop=org.shops([header.shop_id])[header.shop_id].name,
        warehouse=warehouses[header.warehouse_id].name if header.warehouse_id in warehouses else "",
        goes_to=org.return_address(header.warehouse_id),
        customer=customer_names([header.customer_id]).get(header.customer_id, ""),
        orders=orders,
        approval=chain,
        owner=ownership(header, actor),
        buttons=buttons(header, rows, actor, talk, chain, repair),
        repair=repair,
        repair_parts=parts_of(return_id) if repair else [],
        talk=talk,
        room=summary.room_words(header.verdict),
        preview=_due(header, rows, actor, now),
        reading=reading(header.currency, header.policy_version_id, header.verdict, [one.told for one in shown]),
        estimate=estimate(header, rows, actor, now, accounts),
        gradings=gradings(header, rows, actor, now),
        may_deduct=actor.may(beyond.OVERRIDE),
        settlements=settlements,
        reversed={row.reverses_id for row in settlements} - {NIL},
        back=back_of(header, settlements, clocks),
        parcels=list(Parcel.objects.filter(return_id=return_id).order_by("recorded_at", "id")),
        inspections=inspections,
        found=conditions.found(header.verdict, rows, inspections),
        moves=list(StockMove.objects.filter(source_id__among=[return_id, *line_ids]).order_by("occurred_at", "id")),
        entries=books.entries_of([return_id, *line_ids, *[row.id for row in settlements]]) if sees_books else [],
        credit_notes=books.credit_notes_of_settlements([row.id for row in settlements]) if sees_books else [],
        messages=_messages(return_id),
        history=history,
        people=_people(history, talk),
        chain=linked(header),
        stages=progress.stages(header, rows, history),
        waits=progress.waits_for(header, rows, clocks, chain, talk.open, repair),
        clocks=clocks,
        cover=cover_of(header, actor),
        may_set_deadline=actor.may(deadline.SET) and not header.ending and header.decision != "rejected",
        notes={str(note.id): note.text for note in returns.notes_of([return_id]).get(return_id, ())},
        may_note=actor.may(notes.WRITE),
        pictures=pictures,
        may_add_pictures=actor.may(evidence.ADD) and not header.ending,
        may_remove_pictures=actor.may(evidence.REMOVE) and bool(pictures),
        words=words,
        answers=answers,
        reasons=policies.reasons_of(header.company_id),
    )


def _messages(return_id: UUID) -> list[OutboxMessage]:
    told = OutboxMessage.objects.filter(aggregate_id=return_id, topic=notices.TOPIC)
    return list(told.order_by("created_at", "id"))


def _due(header: Return, rows: Sequence[ReturnLine], actor: Actor, now: datetime) -> list[Plan]:
    """What settling now would pay; nothing where nothing is due."""
    due = any(lifecycle.unsettled(row) for row in rows if row.resolution not in lifecycle.EXCHANGED)
    return settle.preview(settle.Settlement(header.id), actor, now) if due else []


def _orders(header: Return, rows: Sequence[ReturnLine]) -> Mapping[UUID, Account] | None:
    """The orders of a request as settlements see them, for its talk and its estimate; None once it is decided."""
    if header.state not in UNDECIDED:
        return None
    return saleview.accounts({row.order_id for row in rows} - {NIL}, lock=False)


def units_of(settlement_id: UUID) -> dict[UUID, int]:
    """Units that a settlement settled, by return line; 1 statement."""
    rows = SettlementLine.objects.filter(settlement_id=settlement_id, quantity__gt=0).order_by("id")
    return dict(rows.values_list("line_id", "quantity"))


def ways_back(found: Dossier) -> list[tuple[str, int, str]]:
    """(kind of tender, amount, reference) of what was refunded, a row a tender; 1 statement."""
    kinds = dict(Tender.objects.filter(id__among=[row.tender_id for row in found.refunds]).values_list("id", "kind"))
    return [(kinds.get(row.tender_id, ""), row.amount_minor, row.reference) for row in found.refunds]


def _lines(
    header: Return,
    rows: Sequence[ReturnLine],
    orders: Mapping[UUID, str],
    pictures: Sequence[EvidenceInfo],
    most: Mapping[UUID, int],
    repair: RepairFacts | None,
) -> list[Line]:
    skus = catalogue.skus({row.sku_id for row in rows} - {NIL})
    weights = {key: weight_off(*both) for key, both in scoring.grams(rows).items()}
    found = []
    for row in rows:
        sku = skus.get(row.sku_id)
        found.append(
            Line(
                row,
                code=sku.code if sku else "",
                name=sku.name if sku else "",
                unit=sku.unit if sku else "",
                order_number=orders.get(row.order_id, ""),
                awaited=lifecycle.awaited(row),
                pending=lifecycle.pending(row),
                to_send=sends(row, repair),
                in_bay=lifecycle.in_bay(row),
                due=lifecycle.unsettled(row),
                grantable=most.get(row.id, row.requested),
                weight_off=weights.get(row.id, 0) if weights.get(row.id, 0) >= DEFAULTS["weight"].start else 0,
                pictures=[one for one in pictures if one.line_id == row.id],
                requires=conditions.terms_of(header.verdict, row.id).get("requires", ()),
                priced=prices.sentence(row.priced, header.currency),
                price=f"{from_minor(row.recorded_minor, header.currency):f}" if row.recorded_minor is not None else "",
            )
        )
    return found


def _people(history: Sequence[HistoryItem], talk: Outlook) -> dict[UUID, str]:
    """Names of the staff in the history and the talk, and of the owners it had; 1 statement."""
    acted = {item.actor_id for item in history if item.actor_kind == "staff"}
    acted |= {UUID(item.after["owner_id"]) for item in history if item.after.get("owner_id")} - {NIL}
    return staff.names(list(acted | {one.actor_id for one in talk.offers if one.actor_kind == "staff"}))


def linked(header: Return) -> list[tuple[UUID, str, str]]:
    """(id, number, how they are linked) of the returns that this one follows or that follow it; 1 statement."""
    columns = ("id", "number", "link_kind", "requested_at")
    follows = Return.objects.filter(id=header.linked_id).order_by().values_list(*columns)
    followed = Return.objects.filter(linked_id=header.id).exclude(linked_id=NIL).order_by().values_list(*columns)
    rows = follows.union(followed).order_by("requested_at")
    return [(key, number, header.link_kind if key == header.linked_id else kind) for key, number, kind, _ in rows]
