"""Which step carries out which command, and how what an item says reaches it: one entry a command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.api.inputs import (
    AcceptOfferItem,
    AnswerQuoteItem,
    AskItem,
    AuthoriseItem,
    CancelItem,
    ClearRiskItem,
    DecideItem,
    DeclineOfferItem,
    FinishRepairItem,
    InspectItem,
    Item,
    OfferItem,
    PayRepairItem,
    PriceItem,
    QuoteRepairItem,
    ReceiveItem,
    RedisposeItem,
    RejectItem,
    ReleaseItem,
    RetypeItem,
    ReverseItem,
    SendOutItem,
    SettleItem,
    ShipItem,
    ShortCloseItem,
    TurnRepairItem,
)
from guicang.kernel.actor import Actor
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.refusal import Outcome
from guicang.returns import errors
from guicang.returns import queries as returns
from guicang.returns.steps.accept_offer import Acceptance, accept_offer
from guicang.returns.steps.accept_quote import QuoteAcceptance, accept_quote
from guicang.returns.steps.answer import Answer, answer
from guicang.returns.steps.appeal import Appeal, appeal
from guicang.returns.steps.ask import Question, ask
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.cancel import Cancellation, cancel
from guicang.returns.steps.clear_risk import Clearing, clear_risk
from guicang.returns.steps.close import Closing, close
from guicang.returns.steps.decline_offer import Declination, decline_offer
from guicang.returns.steps.decline_quote import QuoteDeclination, decline_quote
from guicang.returns.steps.exchange import Exchanging, exchange
from guicang.returns.steps.expire import Expiry, expire
from guicang.returns.steps.finish_repair import Repaired, finish_repair
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.offer import Offering, offer
from guicang.returns.steps.pay_repair import RepairPaid, pay_repair
from guicang.returns.steps.price import Pricing, price
from guicang.returns.steps.quote_repair import Quote, quote_repair
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.redispose import Redisposition, redispose
from guicang.returns.steps.reject import Rejection, reject
from guicang.returns.steps.release import Release, release
from guicang.returns.steps.retype import Retyping, retype
from guicang.returns.steps.reverse_settlement import Reversal, reverse_settlement
from guicang.returns.steps.send_ahead import Ahead, send_ahead
from guicang.returns.steps.send_out import SendingOut, send_out
from guicang.returns.steps.settle import Settlement, settle
from guicang.returns.steps.ship import Sending, ship
from guicang.returns.steps.short_close import ShortClosing, short_close
from guicang.returns.steps.turn_repair import Turning, turn_repair


@dataclass(frozen=True, slots=True)
class Order:
    """One item of a set: the return, and what is said of it."""

    id: UUID
    said: Any


Run = Callable[[Sequence[Order], Actor, datetime], list[Outcome]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A command: what an item says, the step, and whether one return asks for `If-Match`."""

    item: type[Item]
    run: Run
    careful: bool = False


def _plain(step: Callable[..., list[Outcome]], name: str, make: Callable[[UUID, Any], Any]) -> Run:
    """`step(name=[...])` over one object an item."""

    def run(orders: Sequence[Order], actor: Actor, now: datetime) -> list[Outcome]:
        return step(**{name: [make(order.id, order.said) for order in orders], "actor": actor, "now": now})

    return run


def _receive(orders: Sequence[Order], actor: Actor, now: datetime) -> list[Outcome]:
    silent = [order.id for order in orders if not order.said.lines]
    awaited = returns.awaited_units(silent) if silent else {}
    return receive(receipts=[_arrival(order, awaited) for order in orders], actor=actor, now=now)


def _arrival(order: Order, awaited: dict[UUID, dict[UUID, int]]) -> Receiving:
    said = [
        Arrived(one.line_id or NIL, one.units, one.sku_id or NIL, one.weight_g, one.lot) for one in order.said.lines
    ]
    came = said or [Arrived(line, units) for line, units in awaited.get(order.id, {}).items()]
    return Receiving(order.id, came, key=order.said.key or f"api:{new_id().hex}", weight_g=order.said.weight_g)


def _short_close(orders: Sequence[Order], actor: Actor, now: datetime) -> list[Outcome]:
    silent = [order.id for order in orders if not order.said.units]
    awaited = returns.awaited_units(silent) if silent else {}
    closings = [
        ShortClosing(order.id, order.said.units or awaited.get(order.id, {}), order.said.reason, order.said.lost)
        for order in orders
    ]
    return short_close(closings=closings, actor=actor, now=now)


def _parts(key: UUID, said: InspectItem) -> Inspecting:
    return Inspecting(
        key,
        [
            Part(
                one.line_id,
                one.units,
                one.disposition,
                one.accepted,
                one.grade,
                one.worth_minor,
                one.found_condition,
                one.found_serial,
                one.missing,
                one.found_fault,
            )
            for one in said.parts
        ],
    )


def _own(parents: Callable[[list[UUID]], dict[UUID, UUID]], column: str, run: Run) -> Run:
    """`run` for the items whose row (`column`) is one of their return's own; the others are refused."""

    def checked(orders: Sequence[Order], actor: Actor, now: datetime) -> list[Outcome]:
        found = parents([getattr(order.said, column) for order in orders])
        mine = [place for place, order in enumerate(orders) if found.get(getattr(order.said, column)) == order.id]
        done = dict(zip(mine, run([orders[place] for place in mine], actor, now) if mine else [], strict=True))
        refused = Outcome(0, None, [errors.NotFound()])
        return [done.get(place, refused) for place in range(len(orders))]

    return checked


def _redisposition(key: UUID, said: RedisposeItem) -> Redisposition:
    return Redisposition(said.inspection_id, said.units, said.disposition, said.reason, said.grade, said.worth_minor)


KINDS: dict[str, Kind] = {
    "ask": Kind(AskItem, _plain(ask, "questions", lambda key, said: Question(key, said.reason))),
    "answer": Kind(Item, _plain(answer, "answers", lambda key, said: Answer(key))),
    "authorise": Kind(
        AuthoriseItem,
        _plain(
            authorise,
            "authorisations",
            lambda key, said: Authorisation(key, said.units, said.reason, said.expires_at, stage=said.stage),
        ),
    ),
    "retype": Kind(
        RetypeItem,
        _plain(retype, "retypings", lambda key, said: Retyping(key, said.type, said.reason)),
    ),
    "price": Kind(PriceItem, _plain(price, "pricings", lambda key, said: Pricing(key, said.amounts, said.reason))),
    "reject": Kind(
        RejectItem,
        _plain(reject, "rejections", lambda key, said: Rejection(key, said.reason, stage=said.stage)),
    ),
    "offer": Kind(OfferItem, _plain(offer, "offers", lambda key, said: Offering(key, said.amount_minor, said.reason))),
    "accept_offer": Kind(
        AcceptOfferItem,
        _plain(accept_offer, "acceptances", lambda key, said: Acceptance(key, said.number, said.reason)),
    ),
    "decline_offer": Kind(
        DeclineOfferItem, _plain(decline_offer, "declinations", lambda key, said: Declination(key, said.number))
    ),
    "appeal": Kind(DecideItem, _plain(appeal, "appeals", lambda key, said: Appeal(key, said.reason))),
    "cancel": Kind(CancelItem, _plain(cancel, "cancellations", lambda key, said: Cancellation(key, said.reason))),
    "ship": Kind(
        ShipItem,
        _plain(
            ship,
            "shipments",
            lambda key, said: Sending(key, said.carrier, said.tracking, said.sent_at, said.weight_g),
        ),
    ),
    "receive": Kind(ReceiveItem, _receive),
    "short_close": Kind(ShortCloseItem, _short_close),
    "inspect": Kind(InspectItem, _plain(inspect, "inspections", _parts)),
    "redispose": Kind(
        RedisposeItem,
        _own(returns.parents_of_inspections, "inspection_id", _plain(redispose, "redispositions", _redisposition)),
    ),
    "release": Kind(
        ReleaseItem,
        _plain(release, "releases", lambda key, said: Release(key, said.accept, said.reason, said.line_ids)),
    ),
    "clear_risk": Kind(ClearRiskItem, _plain(clear_risk, "clearings", lambda key, said: Clearing(key, said.reason))),
    "settle": Kind(
        SettleItem,
        _plain(
            settle,
            "settlements",
            lambda key, said: Settlement(
                key,
                said.units,
                said.shipping,
                said.ahead,
                deductions=said.deductions,
                reason=said.reason,
                reference=said.reference,
                refund_to=said.refund_to,
                consented=said.consented,
                on_account=said.on_account,
                goodwill_minor=said.goodwill_minor,
            ),
        ),
        careful=True,
    ),
    "exchange": Kind(Item, _plain(exchange, "exchanges", lambda key, said: Exchanging(key)), careful=True),
    "send_ahead": Kind(Item, _plain(send_ahead, "aheads", lambda key, said: Ahead(key)), careful=True),
    "reverse_settlement": Kind(
        ReverseItem,
        _own(
            returns.parents_of_settlements,
            "settlement_id",
            _plain(reverse_settlement, "reversals", lambda key, said: Reversal(said.settlement_id, said.reason)),
        ),
        careful=True,
    ),
    "quote_repair": Kind(
        QuoteRepairItem,
        _plain(quote_repair, "quotes", lambda key, said: Quote(key, said.in_warranty, said.price_minor)),
    ),
    "accept_quote": Kind(
        AnswerQuoteItem, _plain(accept_quote, "acceptances", lambda key, said: QuoteAcceptance(key, said.price_minor))
    ),
    "decline_quote": Kind(
        AnswerQuoteItem,
        _plain(decline_quote, "declinations", lambda key, said: QuoteDeclination(key, said.price_minor)),
    ),
    "finish_repair": Kind(
        FinishRepairItem,
        _plain(finish_repair, "repaired", lambda key, said: Repaired(key, said.parts, said.labour_minutes)),
    ),
    "pay_repair": Kind(
        PayRepairItem,
        _plain(pay_repair, "payments", lambda key, said: RepairPaid(key, said.way, said.reference)),
        careful=True,
    ),
    "turn_repair": Kind(
        TurnRepairItem,
        _plain(
            turn_repair,
            "turnings",
            lambda key, said: Turning(key, said.reason, said.to, said.disposition, said.grade),
        ),
    ),
    "send_out": Kind(
        SendOutItem,
        _plain(send_out, "sendings", lambda key, said: SendingOut(key, said.carrier, said.tracking, said.units)),
    ),
    "close": Kind(Item, _plain(close, "closings", lambda key, said: Closing(key))),
    "expire": Kind(Item, _plain(expire, "expiries", lambda key, said: Expiry(key))),
}
