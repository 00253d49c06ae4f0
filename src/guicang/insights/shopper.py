"""What customers see of their orders and returns. Every read is bounded by orders that were proved."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from guicang.insights.credit import Worth, choice
from guicang.insights.orders import lines_of
from guicang.insights.published import Frozen, frozen
from guicang.insights.reckoning import SUM, Reading, Told, read_request, tell
from guicang.insights.sold import sku_names
from guicang.insights.swaps import Exchange, Variant, offered_in, variants_of
from guicang.insights.verdicts import Explained, Fee, explain, fees
from guicang.kernel.actor import Actor
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refusal
from guicang.org import queries as org
from guicang.policy import queries as policies
from guicang.policy.facts import FieldInfo, ReasonInfo, offered
from guicang.policy.queries.words import sentence
from guicang.policy.rules import Verdict
from guicang.returns.lifecycle import Type
from guicang.returns.models import Return, ReturnLine
from guicang.returns.operations.judging import outlook
from guicang.returns.operations.sight import knows_withdrawal
from guicang.returns.steps.authorise import SEND_BACK_DAYS
from guicang.returns.steps.request import Preview, Request, preview
from guicang.sales.models import LineKind, Order, OrderLine


class Bought(NamedTuple):
    name: str
    units: int


class ReturnHead(NamedTuple):
    id: UUID
    number: str
    state: str
    type: str
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class OrderCard:
    id: UUID
    number: str
    shop: str
    ordered_at: datetime
    currency: str
    total_minor: int
    goods: list[Bought]
    returns: list[ReturnHead]
    policy: Frozen
    #: Whether its policy knows a right of withdrawal.
    withdrawal: bool


def orders(proved: Mapping[UUID, UUID]) -> list[OrderCard]:
    """Cards of the proved orders (order: customer), newest first; at most 9 statements."""
    rows = list(Order.objects.filter(id__among=sorted(proved)).order_by("-ordered_at", "-id"))
    rows = [row for row in rows if row.customer_id == proved[row.id]]
    shops = org.shops({row.shop_id for row in rows})
    goods = _goods([row.id for row in rows])
    returns = _returns(proved)
    policy = frozen((row.id, row.shop_id, row.policy_version_id) for row in rows)
    rights = gives_right({row.policy_version_id for row in rows})
    return [
        OrderCard(
            row.id,
            row.number,
            shops[row.shop_id].name,
            row.ordered_at,
            row.currency,
            row.total_minor,
            goods.get(row.id, []),
            returns.get(row.id, []),
            policy[row.id],
            row.policy_version_id in rights,
        )
        for row in rows
    ]


def gives_right(version_ids: Iterable[UUID]) -> set[UUID]:
    """The versions that know a right of withdrawal; 1 statement where one was not read yet."""
    return {key for key, book in policies.books(version_ids).items() if knows_withdrawal([book])}


def _goods(order_ids: list[UUID]) -> dict[UUID, list[Bought]]:
    """What was bought, a bundle by its parts; 2 statements."""
    lines = OrderLine.objects.filter(order_id__among=order_ids, kind=LineKind.GOODS).order_by("position")
    rows = list(lines.values_list("order_id", "sku_id", "ordered"))
    names = sku_names({sku_id for _, sku_id, _ in rows})
    found: dict[UUID, list[Bought]] = {}
    for order_id, sku_id, units in rows:
        found.setdefault(order_id, []).append(Bought(names.get(sku_id, ""), units))
    return found


def _returns(proved: Mapping[UUID, UUID]) -> dict[UUID, list[ReturnHead]]:
    """Returns by order, the newest first; 2 statements."""
    pairs = ReturnLine.objects.filter(order_id__among=sorted(proved)).values_list("order_id", "parent_id").distinct()
    orders_by_return: dict[UUID, UUID] = {parent_id: order_id for order_id, parent_id in pairs}
    found: dict[UUID, list[ReturnHead]] = {}
    rows = Return.objects.filter(id__among=sorted(orders_by_return)).order_by("-requested_at", "-id")
    for *head, customer_id in rows.values_list(*ReturnHead._fields, "customer_id"):
        order_id = orders_by_return[head[0]]
        if customer_id == proved[order_id]:
            found.setdefault(order_id, []).append(ReturnHead(*head))
    return found


class Choice(NamedTuple):
    """A line as it can be chosen: `most` units by the type of the return."""

    id: UUID
    name: str
    ordered: int
    paid_minor: int
    most: Mapping[str, int]
    #: The last day for goods; None before anything was shipped. `refused`: what the policy has against them.
    until: datetime | None = None
    refused: tuple[str, ...] = ()
    #: What it can be exchanged for besides the same once more.
    variants: tuple[Variant, ...] = ()
    sku_id: UUID = NIL


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be asked for of an order.

    What the policy has against a line holds for goods that come back without a fault of the seller; of those at
    fault a person decides. `reasons` are all of the company's, the archived ones too.
    """

    order_id: UUID
    shop_id: UUID
    customer_id: UUID
    number: str
    shop: str
    currency: str
    lines: list[Choice]
    reasons: dict[str, ReasonInfo]
    policy: Frozen
    withdrawal: bool
    #: The company's own fields that customers are asked.
    fields: dict[str, FieldInfo]

    @property
    def types(self) -> list[str]:
        """Types of which at least one unit can be chosen."""
        return [kind for kind in TYPES if any(line.most[kind] for line in self.lines)]

    @property
    def until(self) -> datetime | None:
        """The first of the lines' last days."""
        return min((line.until for line in self.lines if line.until), default=None)

    @property
    def refused(self) -> list[str]:
        """What the policy has against all of it; nothing while some of it can come back."""
        return self.against({line.id for line in self.lines if line.until or line.refused}, every=True)

    def against(self, chosen: Collection[UUID], *, every: bool = False) -> list[str]:
        """What it has against the chosen lines; with `every` only where it has something against each of them."""
        found = [line.refused for line in self.lines if line.id in chosen]
        if every and not all(found):
            return []
        return list(dict.fromkeys(text for texts in found for text in texts))

    def offered(self, kind: str, chosen: Collection[UUID] = ()) -> list[ReasonInfo]:
        """The reasons that a type of return offers: for goods that are refused otherwise, for repairs and for what is
        sent once more, those of the seller's or the carrier's fault.

        Before lines are `chosen`: by what holds for all of them.
        """
        unshipped = kind == Type.UNSHIPPED
        faulty = bool(self.against(chosen) if chosen else self.refused) and not unshipped
        return offered(self.reasons.values(), unshipped=unshipped, faulty=faulty or kind in AT_FAULT)


#: What customers ask for by themselves, in the order in which it is offered.
TYPES = (
    *(Type.REFUND, Type.EXCHANGE, Type.REPAIR, Type.RESHIP),
    *(Type.MONEY_ONLY, Type.REFUND_ONLY, Type.UNSHIPPED),
)
#: What sets right goods that came wrong, or did not come: nothing else is a reason for it.
AT_FAULT = (Type.REPAIR, Type.RESHIP)
#: Of these no policy says whether they are offered: one is an agreement, the other nothing that was shipped.
_ALWAYS = (Type.MONEY_ONLY, Type.UNSHIPPED)


def offer(order_id: UUID, customer_id: UUID, now: datetime) -> Offer | None:
    """An order as its buyer may return it; None where it is not this customer's. At most 23 statements."""
    order = Order.objects.filter(id=order_id, customer_id=customer_id).first()
    if order is None:
        return None
    rows = [line for line in lines_of(order_id) if line.kind in (LineKind.GOODS, LineKind.BUNDLE)]
    reasons = policies.reasons_of(order.company_id)
    faulty = bool(offered(reasons.values(), faulty=True))
    shipped = [line.id for line in rows if line.shipped and line.kind == LineKind.GOODS]
    verdicts = outlook(order.id, order.shop_id, customer_id, shipped, now) if shipped else {}
    names = sku_names({line.sku_id for line in rows})
    others = variants_of(rows, order)
    choices = []
    for line in rows:
        verdict = verdicts.get(line.id)
        refused = [] if verdict is None else [one for one in verdict.reasons if one.answer == "refuse"]
        free = 0 if refused and not faulty else line.free
        most = _most(free, line.unshipped, verdict, faulty=faulty)
        name = names.get(line.sku_id, line.code)
        until = last_day(verdict.deadline if verdict else None)
        against = tuple(sentence(one.as_data()) for one in refused)
        instead = tuple(others.get(line.sku_id, ()))
        choices.append(Choice(line.id, name, line.ordered, line.paid_minor, most, until, against, instead, line.sku_id))
    return Offer(
        order.id,
        order.shop_id,
        customer_id,
        order.number,
        org.shops([order.shop_id])[order.shop_id].name,
        order.currency,
        choices,
        reasons,
        frozen([(order.id, order.shop_id, order.policy_version_id)])[order.id],
        bool(gives_right([order.policy_version_id])),
        {code: one for code, one in policies.fields_of(order.company_id).items() if one.asks("customer")},
    )


def _most(free: int, unshipped: int, verdict: Verdict | None, *, faulty: bool) -> dict[str, int]:
    """Units by type. `faulty`: some reason says that the goods came wrong."""
    offers = None if verdict is None else verdict.resolutions
    most: dict[str, int] = {**dict.fromkeys(TYPES, free), Type.UNSHIPPED: unshipped}
    if verdict is None or not verdict.terms.get("keep_offer_bp"):
        most[Type.MONEY_ONLY] = 0
    gone = [kind for kind in AT_FAULT if not faulty]
    gone += [kind for kind in TYPES if offers is not None and kind not in (*offers, *_ALWAYS)]
    return {**most, **dict.fromkeys(gone, 0)}


def last_day(deadline: datetime | None) -> datetime | None:
    """An instant of the last day on which something may still be done: deadlines are stored exclusive."""
    return deadline - timedelta(microseconds=1) if deadline else None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a request pays where all of it is accepted, or why it is not possible.

    `blocked`: money cannot be told yet (a dispute is open). `postage_minor`: paid for the way there and decided later.
    `fees`: what of it was taken off as the policy says.
    """

    refusals: list[Refusal]
    explained: Explained | None = None
    until: datetime | None = None
    parts: list[Told] = field(default_factory=list)
    tenders: list[tuple[str, int]] = field(default_factory=list)
    cash_minor: int = 0
    postage_minor: int = 0
    blocked: bool = False
    days: int = SEND_BACK_DAYS
    fees: list[Fee] = field(default_factory=list)
    exchange: Exchange | None = None
    #: What it would be worth as store credit, where the policy lets the buyer choose.
    choice: Worth | None = None

    @property
    def fees_minor(self) -> int:
        return sum(one.amount_minor for one in self.fees)


def estimate(item: Request, actor: Actor, now: datetime) -> Estimate:
    """The request's refund, component by component, by the settlement's own path; at most 17 statements."""
    said = preview(item, actor=actor, now=now)
    verdict: Mapping[str, Any] = said.verdict
    explained = explain(verdict, said.policy_version_id, internal=False) if verdict else None
    if said.refusals:
        return Estimate(said.refusals, explained)
    deadline = datetime.fromisoformat(verdict["deadline"]) if verdict.get("deadline") else None
    sales = [said.accounts[each.order_id].sale for each in said.plans]
    return Estimate(
        [],
        explained,
        last_day(deadline),
        _parts(said),
        _tenders(said),
        sum(each.plan.cash_minor for each in said.plans),
        sum(s.shipping_standard_minor + s.shipping_surcharge_minor - s.shipping_refunded_minor for s in sales),
        any(each.plan.blocked for each in said.plans),
        verdict.get("terms", {}).get("ship_days", SEND_BACK_DAYS),
        fees(verdict, said.policy_version_id, [each.plan for each in said.plans]),
        offered_in(said.offer),
        choice(verdict, said.plans, said.accounts),
    )


def _parts(said: Preview) -> list[Told]:
    read = read_request(said)
    return [] if read is None else [part for each in said.plans for part in parts_of(each.plan.explanation, read)]


def parts_of(explanation: Iterable[Mapping[str, Any]], read: Reading) -> list[Told]:
    """The components of a settlement without the one that repeats the sum."""
    return [one for one in tell(explanation, read) if one.label != SUM]


def _tenders(said: Preview) -> list[tuple[str, int]]:
    return [
        (said.accounts[each.order_id].tender_kinds[tender], amount)
        for each in said.plans
        for tender, amount in each.plan.tenders
    ]
