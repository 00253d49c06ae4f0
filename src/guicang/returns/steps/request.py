"""Request a return: check what can come back, claim it, number the return, store the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from guicang.audit.operations import together
from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome, Refusal, Refused
from guicang.policy.queries import FlowInfo
from guicang.policy.rules import Answered
from guicang.returns import errors
from guicang.returns.classing import type_of
from guicang.returns.deadlines import Timer
from guicang.returns.lifecycle import Leak, LineKind, State
from guicang.returns.models import ReturnLine
from guicang.returns.operations import (
    answering,
    docket,
    money_only,
    overriding,
    pricing,
    quotas,
    refusing,
    saleview,
    scoring,
    swaps,
    withdrawing,
)
from guicang.returns.operations.asking import Declaration, Request, Wanted, wrong_words
from guicang.returns.operations.clocks import platform_clock
from guicang.returns.operations.judging import judge
from guicang.returns.operations.payouts import wrong_wish
from guicang.returns.operations.planning import Planned, estimate, paid_back, reckon, weighed
from guicang.returns.operations.requesting import Told, keep_told, kept, outcome_of, stays, write_requests
from guicang.returns.operations.routing import asks_amounts, flow_for, freeze
from guicang.returns.operations.saleview import Account
from guicang.returns.operations.sight import Sight, look
from guicang.returns.operations.stated import stated
from guicang.returns.operations.taking import give_back, plan_lines
from guicang.returns.steps.authorise import grant

__all__ = ["Declaration", "Request", "Wanted", "preview", "request", "request_once"]

#: What a line of each resolution is, where it refers to an order line.


def request(
    *, requests: Sequence[Request], actor: Actor, now: datetime, origin: str = Origin.LIVE, all_or_nothing: bool = False
) -> list[Outcome]:
    """Make a return of each request; the outcome's id is the return's.

    About 19 statements a thousand, 6 more where approval flows fit, 14 where risk is on, 5 for exceptions, 5 to 12 for
    prices without an order.
    Locks orders, shipment lines, number ranges, audit heads. On history the verdict is stored and never refuses, and
    nobody has to agree; quantities always do.
    """
    return docket.in_chunks(
        requests, _request, "request", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def request_once(item: Request, *, key: str, actor: Actor, now: datetime) -> Outcome:
    """Request once for a form's `key` ('': each time): a second click finds the return that the first one made."""
    refused: list[Outcome] = []

    def act() -> dict[str, str]:
        outcome = request(requests=[item], actor=actor, now=now)[0]
        if not outcome.ok:
            refused.append(outcome)
            raise Refused(outcome.refusals)
        return {"id": str(outcome.id), "granted": "yes" if outcome.data["granted"] else ""}

    try:
        reply = commands.once(_scope(actor), key, asdict(item), actor=actor, now=now, act=act) if key else act()
    except Refused as found:
        return refused[0] if refused else Outcome(0, None, list(found.refusals))
    return Outcome(0, UUID(reply["id"]), data={"granted": bool(reply["granted"])})


def made_under(key: str, actor: Actor) -> UUID | None:
    """The return that a form of this asker made already: nothing of its order may be left to ask for; 1 statement."""
    reply = commands.reply_of(_scope(actor), key) if key else None
    return UUID(reply["id"]) if reply else None


def _scope(actor: Actor) -> str:
    """A key is its asker's own: the same one from somebody else is another key."""
    return f"returns.request:{actor.kind}:{actor.id.hex}"


@dataclass(frozen=True, slots=True)
class Preview:
    """What a request comes to where all of it is granted and accepted: `plans` are what settling it pays.

    `lines` are those of the return, in its order; without plans where `refusals` say why it is not possible.
    """

    refusals: list[Refusal]
    verdict: Mapping[str, Any] = field(default_factory=dict)
    policy_version_id: UUID = NIL
    lines: list[ReturnLine] = field(default_factory=list)
    plans: list[Planned] = field(default_factory=list)
    accounts: Mapping[UUID, Account] = field(default_factory=dict)
    #: What an exchange would give back, give instead and leave open; None without one.
    offer: swaps.Offered | None = None


def preview(item: Request, *, actor: Actor, now: datetime) -> Preview:
    """The request as the step would take it, read without locks, and its money by the path of `settle`.

    About 14 statements, 16 more where risk is on. Raises Refused(NotPermitted).
    """
    docket.permit(actor, "request")
    context = Context(NIL, actor, now)
    item = pricing.priced([item], context)[0]
    sight = look([item], lock=False)
    if misstated := wrong_words(item, context, sight.shops):
        return Preview(misstated)
    accounts, currency = saleview.accounts(sight.orders, lock=False), _currency(item, sight)
    counting = _counting([item], sight, context, lock=False)
    found = _judged(item, sight, _Desk(accounts, counting, counts=True), context)
    verdict, rows = found.verdict, found.lines
    if found.refusals:
        return Preview(found.refusals, verdict, _policy(rows, sight))
    watch = scoring.look_at([item], sight, context)
    verdict = watch.weigh(item, rows, verdict, currency, found.amount)["verdict"]
    if stays(verdict, context):
        rows = [kept(row) for row in rows]
    lines, plans = estimate(currency, rows, accounts, stated(verdict))
    offer = swaps.offered(currency, rows, found.instead, accounts)
    return Preview([], verdict, _policy(rows, sight), lines, plans, accounts, offer)


def _request(chunk: Sequence[Request], context: Context) -> list[Outcome]:
    # What is granted at once locks rows after the trail of the request: the trail is written at the end of both.
    with together():
        return _request_within(pricing.priced(chunk, context), context)


def _request_within(chunk: Sequence[Request], context: Context) -> list[Outcome]:
    sight = look(chunk)
    watch = scoring.look_at(chunk, sight, context)
    counting = _counting(chunk, sight, context, lock=True)
    amounts = watch.on or counting.on or any(item.override for item in chunk) or asks_amounts(sight)
    desk = _Desk(saleview.accounts(sight.orders, lock=False) if amounts else {}, counting, amounts)
    outcomes, made, exceptions = [], [], []
    declared: list[withdrawing.Made] = []
    told: dict[UUID, Told] = {}
    flows: dict[UUID, FlowInfo] = {}
    timers: dict[UUID, list[Timer]] = {}
    wishes: list[dict[str, Any]] = []
    for index, item in enumerate(chunk):
        if misstated := wrong_words(item, context, sight.shops):
            outcomes.append(Outcome(index, refusals=misstated))
            continue
        found = _judged(item, sight, desk, context)
        if found.refusals:
            give_back(found.lines, sight)
            outcomes.append(Outcome(index, refusals=found.refusals))
            continue
        weighed = watch.weigh(item, found.lines, found.verdict, _currency(item, sight), found.amount)
        lines = [kept(line) for line in found.lines] if stays(weighed["verdict"], context) else found.lines
        header = _header(item, lines, weighed["verdict"], sight, context) | weighed
        counting.take(header)
        made.append((header, lines))
        wishes += [{**row, "parent_id": header["id"]} for row in found.instead]
        exceptions.extend(overriding.of_request(header, found.amount, context))
        paid, points = (found.amount, header["currency"]), weighed.get("risk_points")
        flow = flow_for(item, lines, sight, header["verdict"], paid, points, found.asked)
        platform = platform_clock(header["requested_at"], item.platform_due_at, item.platform_then)
        timers[header["id"]] = [*platform, *freeze(flow, header, flows, context)]
        declared.append((item, header, lines))
        told[header["id"]] = Told(header, next((line["order_id"] for line in lines), NIL), found.answers)
        if item.source_document:
            sight.documents[item.shop_id, item.source_document, item.link_kind] = header["id"]
        outcomes.append(outcome_of(index, header, lines))
    write_requests(made, timers, flows, told, sight, context)
    overriding.write(exceptions)
    swaps.write(wishes)
    watch.write()
    counting.write()
    withdrawing.keep_said(declared, context)
    withdrawing.acknowledge(declared, sight, context)
    keep_told(told.values(), sight, context)
    grant(refusing.reasons([header for header, _ in made], context), outcomes, context)
    return outcomes


class _Desk(NamedTuple):
    """What a set is judged by; `counts`: whether somebody asks what its requests would pay back."""

    accounts: Mapping[UUID, Account]
    counting: quotas.Counting
    counts: bool


class _Judged(NamedTuple):
    """A request with its lines, what it would pay back, its answers and wishes, the verdict, and why it is refused."""

    lines: list[dict[str, Any]]
    amount: int | None
    answers: answering.Kept
    asked: dict[UUID, dict[str, Answered]]
    verdict: dict[str, Any]
    instead: list[dict[str, Any]]
    refusals: list[Refusal]


def _judged(item: Request, sight: Sight, desk: _Desk, context: Context) -> _Judged:
    lines, refusals = plan_lines(item, sight)
    currency = _currency(item, sight)
    plans = reckon(currency, lines, desk.accounts) if desk.counts else None
    amount = None if plans is None else paid_back(plans)
    answers, wrong = answering.read(item, lines, sight, context)
    asked = _conditional(item, answers, sight)
    verdict, more = judge(item, lines, sight, context, weighed(lines, plans), asked)
    counted = quotas.counted(plans, lines, verdict)
    verdict, above = desk.counting.weigh(item, sight.shops[item.shop_id].company_id, counted, currency, verdict)
    instead, unknown = swaps.wished(item, lines, sight, context.actor)
    refusals = [*refusals, *wrong, *more, *above, *unknown]
    refusals += [*_refuse_whole(item, lines, sight, context), *_wish(item, verdict, context)]
    return _Judged(lines, amount, answers, asked, verdict, instead, refusals)


def _counting(chunk: Sequence[Request], sight: Sight, context: Context, *, lock: bool) -> quotas.Counting:
    known = [item for item in chunk if item.shop_id in sight.shops]
    companies = {key: shop.company_id for key, shop in sight.shops.items()}
    return quotas.look_at(known, companies, [_currency(item, sight) for item in known], context, lock=lock)


def _conditional(item: Request, answers: answering.Kept, sight: Sight) -> dict[UUID, dict[str, Answered]]:
    """What rules and flows may ask about."""
    return answering.conditional(sight.fields[sight.shops[item.shop_id].company_id], answers) if answers else {}


def _refuse_whole(item: Request, lines: Sequence[Mapping[str, Any]], sight: Sight, context: Context) -> list[Refusal]:
    refusals = [*refusing.wrong(lines, sight, context), *money_only.wrong(item, lines, sight, context)]
    if context.actor.kind == "customer" and context.actor.id != item.customer_id:
        refusals.append(errors.NotFound())
    if item.source_document and (item.shop_id, item.source_document, item.link_kind) in sight.documents:
        refusals.append(errors.DocumentKnown(document=item.source_document))
    return refusals


def _wish(item: Request, verdict: Mapping[str, Any], context: Context) -> list[Refusal]:
    """Why the money cannot go where the buyer wants it."""
    return wrong_wish(
        item.refund_to, item.consented, verdict, customer=context.actor.kind == "customer" and not item.gift
    )


def _policy(lines: Sequence[Mapping[str, Any]], sight: Sight) -> UUID:
    """The version that the first order was made under; NIL without an order: the plain default."""
    return next((sight.orders[line["order_id"]].policy_version_id for line in lines if line["order_id"] != NIL), NIL)


def _currency(item: Request, sight: Sight) -> str:
    heads = [sight.lines[line.order_line_id] for line in item.lines if line.order_line_id in sight.lines]
    order = sight.orders[heads[0].order_id] if heads else None
    return order.currency if order else (item.currency or sight.shops[item.shop_id].currency)


def _header(
    item: Request, lines: Sequence[Mapping[str, Any]], verdict: Mapping[str, Any], sight: Sight, context: Context
) -> dict[str, Any]:
    shop, asked_at = sight.shops[item.shop_id], item.occurred_at or context.now
    orders = [sight.orders[line["order_id"]] for line in lines if line["order_id"] != NIL]
    rows = [row for line in lines for row in sight.shipped.get(line["order_line_id"], ())[:1]]
    kinds = [line["kind"] for line in lines]
    typed = type_of([(line["kind"], line["resolution"]) for line in lines])
    return {
        "company_id": shop.company_id,
        "shop_id": shop.id,
        "channel_id": shop.channel_id,
        "market_id": orders[0].market_id if orders else shop.market_id,
        "warehouse_id": item.warehouse_id if item.warehouse_id != NIL or not rows else rows[0].warehouse_id,
        "customer_id": item.customer_id,
        "currency": _currency(item, sight),
        "type": str(typed.type),
        "type_because": str(typed.because),
        "entered_by": item.entered_by,
        "state": str(State.REQUESTED),
        "due_at": None,
        "leaks": int(Leak.PARCELS_UNKNOWN) if LineKind.BLIND in kinds else 0,
        "policy_version_id": _policy(lines, sight),
        "verdict": dict(verdict),
        "quota_id": NIL,
        "quota_asked_minor": 0,
        "quota_minor": 0,
        "pictures": item.pictures,
        "withdrawal": item.withdrawal is not None,
        "documents": item.documents,
        "refund_to": item.refund_to,
        "credit_consented": bool(item.refund_to) and item.consented,
        "gift": item.gift,
        "linked_id": item.linked_id,
        "link_kind": item.link_kind,
        "source_document": item.source_document,
        "requested_at": asked_at,
        "decided_at": None,
        "expires_at": None,
        "received_at": None,
        "inspected_at": None,
        "settled_at": None,
        "ended_at": None,
        "changed_at": context.now,
        **context.stamps,
    }
