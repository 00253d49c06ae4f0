"""A return as its customer sees it: what happens next and by when, its money explained, its story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from guicang.audit import queries as audit
from guicang.audit.queries import HistoryItem
from guicang.insights import progress
from guicang.insights.answers import Answer
from guicang.insights.answers import answers as answers_of
from guicang.insights.buttons import buttons
from guicang.insights.conditions import Found, found
from guicang.insights.dossier import linked
from guicang.insights.given import Credit, Expected, back_of
from guicang.insights.insurance import Cover, cover_of
from guicang.insights.published import Frozen, frozen
from guicang.insights.reckoning import Told, reading
from guicang.insights.shopper import last_day, parts_of
from guicang.insights.sold import sku_names
from guicang.insights.swaps import Exchange, exchange_of
from guicang.insights.verdicts import WayBack, fee_texts, way_back
from guicang.kernel.actor import Actor
from guicang.kernel.ids import NIL
from guicang.logistics.models import Parcel
from guicang.org import queries as org
from guicang.payments.models import Refund
from guicang.payments.queries.payees import shown
from guicang.policy import queries as policies
from guicang.policy.facts import ReasonInfo
from guicang.returns import queries as returns
from guicang.returns.models import Inspection, Return, ReturnLine, Settlement
from guicang.returns.operations.evidence import MOST as MOST_PICTURES
from guicang.returns.operations.repairs import repair_of
from guicang.returns.operations.talks import Outlook, outlook
from guicang.returns.queries import EvidenceInfo
from guicang.returns.repairing import RepairFacts
from guicang.sales.models import Order

#: What customers may do to a return by themselves.
COMMANDS = frozenset({"answer", "appeal", "ship", "cancel", "offer", "accept_offer", "decline_offer"})
COMMANDS |= {"accept_quote", "decline_quote"}
#: What of the trail concerns them; the rest is how the house works.
TOLD = frozenset(
    {
        *("request", "ask", "answer", "authorise", "reject", "appeal", "ship", "receive", "inspect"),
        *("offer", "accept_offer", "decline_offer"),
        *(
            "settle",
            "send_ahead",
            "exchange",
            "collect",
            "reverse_settlement",
            "short_close",
            "quote_repair",
            "accept_quote",
            "decline_quote",
            "finish_repair",
            "pay_repair",
            "turn_repair",
            "send_out",
            "close",
            "cancel",
            "expire",
        ),
    }
)


class Event(NamedTuple):
    """`amount_minor`: of an offer, 0 else."""

    action: str
    at: datetime
    by_customer: bool
    reason: str
    words: str
    amount_minor: int


class Paid(NamedTuple):
    """A settlement with its explanation."""

    at: datetime
    cash_minor: int
    parts: list[Told]
    is_reversal: bool


class Item(NamedTuple):
    row: ReturnLine
    name: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """`send_to`: the return address, else the names of shop and warehouse, '' where none is known yet. `until` is the
    last day for what the customer has to do; `asked`, `refused`: the reason's code.
    """

    header: Return
    items: list[Item]
    shop: str
    send_to: str
    stages: list[progress.Stage]
    waits: progress.Waits | None
    until: datetime | None
    may: frozenset[str]
    events: list[Event]
    paid: list[Paid]
    refunds: list[Refund]
    #: Kind and masked number of the account that each of them goes to, by its details.
    accounts: dict[UUID, tuple[str, str]]
    parcels: list[Parcel]
    #: Of its way back.
    cover: Cover
    words: str
    asked: str
    refused: str
    pictures: list[EvidenceInfo]
    reasons: dict[str, ReasonInfo]
    policy: Frozen | None
    rejected: list[Found]
    answers: list[Answer]
    #: What may be deducted, in sentences.
    fees: list[str]
    talk: Outlook
    exchange: Exchange | None
    repair: RepairFacts | None
    #: The returns that it follows or that follow it: id, number, kind of link.
    chain: list[tuple[UUID, str, str]]
    credit: Credit | None
    refund_expected: Expected | None

    @property
    def transfer(self) -> Refund | None:
        """What goes to an account that he says, and has not arrived; first what nobody knows the account of."""
        waiting = [row for row in self.refunds if row.payee and row.state != "paid"]
        return min(waiting, key=lambda row: row.payee != "missing", default=None)

    @property
    def may_give_account(self) -> bool:
        return any(row.payee and row.state in ("due", "failed") for row in self.refunds)

    @property
    def may_add_pictures(self) -> bool:
        return not self.header.ending and len(self.pictures) < MOST_PICTURES

    @property
    def may_remove_pictures(self) -> bool:
        return not self.header.ending and self.header.decision in ("pending", "info_needed")

    @property
    def seller_pays(self) -> bool | None:
        """Whether sending it back is the seller's to pay, as its verdict or else the reasons have it; None: unclear."""
        if "freight" in self.header.verdict.get("terms", {}):
            return bool(self.header.verdict["terms"]["freight"] == "seller")
        found = {self.reasons[item.row.reason].seller_pays for item in self.items if item.row.reason in self.reasons}
        return found.pop() if len(found) == 1 else None

    @property
    def way_back(self) -> WayBack | None:
        """What sending it back costs, where a table says so."""
        return way_back(self.header.verdict)

    @property
    def turned(self) -> bool:
        """Inspection found another's fault than he said, and who pays the way back is another one."""
        return any(line["terms"].get("turned") for line in self.header.verdict.get("lines", {}).values())

    @property
    def sends_back(self) -> bool:
        """There is something to put into a parcel: an RMA code, and goods that are awaited."""
        return bool(self.header.rma_code) and "ship" in self.may


def is_of(return_id: UUID, proved: Mapping[UUID, UUID]) -> UUID | None:
    """The customer of a return of one of the proved orders (order: customer); None for any other. 2 statements."""
    customer_id = Return.objects.filter(id=return_id).values_list("customer_id", flat=True).first()
    orders = ReturnLine.objects.filter(parent_id=return_id).values_list("order_id", flat=True)
    return customer_id if customer_id in {proved.get(order_id) for order_id in orders} - {None} else None


def sheet(return_id: UUID, customer_id: UUID, now: datetime) -> Sheet:
    """The whole return; whose it is was asked before (`is_of`). At most 34 statements."""
    header = Return.objects.get(id=return_id)
    rows = list(ReturnLine.objects.filter(parent_id=return_id).order_by("position"))
    names = sku_names({row.sku_id for row in rows})
    history = audit.history(return_id)
    clocks = returns.clocks_of([return_id]).get(return_id, [])
    settlements = list(Settlement.objects.filter(parent_id=return_id).order_by("occurred_at", "id"))
    lines = [(row.id, row.order_line_id, names.get(row.sku_id, "")) for row in rows]
    read = reading(header.currency, header.policy_version_id, header.verdict, lines)
    back = back_of(header, settlements, clocks)
    talk = outlook(header, rows, now)
    # What the house has promised itself is no business of his.
    own = [one for one in clocks if one.side == "customer"]
    repair = repair_of(header, rows)
    waits = progress.waits_for(header, rows, own, offer=talk.open, repair=repair)
    fields = policies.fields_of(header.company_id)
    shop = org.shops([header.shop_id])[header.shop_id].name
    words, answers = returns.words_of(return_id, [one.command_id for one in history if one.action == "answer"])
    actor = Actor(kind="customer", id=customer_id)
    may = {one.command for one in buttons(header, rows, actor, talk, repair=repair) if not one.why} & COMMANDS
    return Sheet(
        header=header,
        items=[Item(row, names.get(row.sku_id, "")) for row in rows],
        shop=shop,
        send_to=_send_to(shop, header.warehouse_id),
        stages=progress.stages(header, rows, history),
        waits=waits,
        until=last_day(waits.until if waits else None),
        may=frozenset(may - {"appeal"} if header.appeals else may),
        events=_events(history, answers),
        paid=[
            Paid(row.occurred_at, row.cash_minor, parts_of(row.explanation, read), bool(row.reverses_id.int))
            for row in settlements
        ],
        refunds=back.refunds,
        accounts=shown(row.payee_id for row in back.refunds),
        cover=cover_of(header, actor),
        parcels=list(Parcel.objects.filter(return_id=return_id).order_by("recorded_at", "id")),
        words=words,
        asked=_reason(history, "ask") if header.state == "info_needed" else "",
        refused=_reason(history, "reject") if header.state == "rejected" else "",
        pictures=own_pictures(return_id),
        reasons=policies.reasons_of(header.company_id),
        policy=_policy(header, rows),
        rejected=_rejected(header, rows),
        answers=[one for one in answers_of(return_id, fields) if one.field.asked_of != "staff" and one.value],
        fees=fee_texts(header.verdict, header.policy_version_id),
        talk=talk,
        exchange=exchange_of(header, rows),
        repair=repair,
        chain=linked(header),
        credit=back.credit,
        refund_expected=back.expected,
    )


def _rejected(header: Return, rows: Sequence[ReturnLine]) -> list[Found]:
    """How what was not taken was found; 1 statement where anything was rejected."""
    lines = [row.id for row in rows if row.rejected]
    looked = Inspection.objects.filter(line_id__among=lines, accepted=False).order_by("occurred_at", "id")
    return found(header.verdict, rows, looked) if lines else []


def _policy(header: Return, rows: Sequence[ReturnLine]) -> Frozen | None:
    """The version that holds for the order that comes back, None without one; at most 3 statements."""
    order_id = next((row.order_id for row in rows if row.order_id.int), NIL)
    version = Order.objects.filter(id=order_id).values_list("policy_version_id", flat=True).first()
    return frozen([(order_id, header.shop_id, version)])[order_id] if version else None


def _send_to(shop: str, warehouse_id: UUID) -> str:
    """2 statements."""
    address = org.return_address(warehouse_id)
    if address is not None:
        return str(address)
    warehouse = org.warehouses([warehouse_id]).get(warehouse_id)
    return f"{shop} · {warehouse.name}" if warehouse else ""


def own_pictures(return_id: UUID) -> list[EvidenceInfo]:
    """The customer's pictures and documents of a return, oldest first: those of staff are no part of his page.

    2 statements.
    """
    shown = returns.evidence_of([return_id]).get(return_id, [])
    return [one for one in shown if one.side == "customer" and not one.erased]


def _events(history: Sequence[HistoryItem], answers: Mapping[UUID, str]) -> list[Event]:
    """The story, the newest first."""
    return [
        Event(
            item.action,
            item.occurred_at,
            item.actor_kind == "customer",
            item.reason,
            answers.get(item.command_id, "") if item.action == "answer" else "",
            item.after.get("amount_minor", 0),
        )
        for item in reversed(history)
        # A word of one stage of ours is not yet the answer.
        if item.action in TOLD and (item.action != "authorise" or item.after.get("decision") == "authorised")
    ]


def _reason(history: Sequence[HistoryItem], action: str) -> str:
    return next((item.reason for item in reversed(history) if item.action == action), "")
