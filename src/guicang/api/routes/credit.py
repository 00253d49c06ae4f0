"""Store credit: balances, spending on an order, changes by hand; win-back coupons, redeemed once."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from guicang.api import errors
from guicang.api.acts import KEY, Key, Made, acted
from guicang.api.bearer import Caller, actor_of, caller_of
from guicang.api.parsing import Given, Word, show
from guicang.api.service import operation
from guicang.api.shapes import credit as shapes
from guicang.insights import credit as reading
from guicang.kernel.commands import begin, input_hash
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refused
from guicang.payments.operations import adjusting, coupons
from guicang.payments.operations.credit import AccountKey
from guicang.sales import queries as sold
from guicang.trade.operations.later import PERMISSION as RECORD
from guicang.trade.steps.spend_credit import Spending, spend_credit

router = Router()
READ: dict[str, Any] = {"permission": "payments.view_credit", "tags": "store credit"}
Amount = Annotated[int, Field(strict=True, ge=1, le=10**12)]


class Looking(Given):
    """`number`: of an order or a return of the customer; left out: the largest balances."""

    number: Word = ""


class Spend(Given):
    """`amount_minor` of the buyer's store credit, in the order's currency."""

    amount_minor: Amount


class Adjust(Given):
    """`amount_minor` below zero takes away; `reason`: goodwill, entered_wrongly, carried_over, paid_out or other."""

    amount_minor: Annotated[int, Field(strict=True, ge=-(10**9), le=10**9)]
    reason: Word


class Decide(Given):
    answer: Literal["grant", "decline"]


class Redeem(Given):
    """A purchase of `purchase_minor`, before the coupon."""

    code: Annotated[Word, Field(min_length=1, max_length=40)]
    currency: Annotated[Word, Field(min_length=3, max_length=3)]
    purchase_minor: Amount


@operation(router, "GET", "/credit", answer=list[shapes.CreditAccount], **READ)
def list_credit(request: HttpRequest, looking: Query[Looking]) -> list[shapes.CreditAccount]:
    """Store credit accounts, the largest balances first, at most 100. 5 statements."""
    rows, _ = reading.accounts(actor_of(request).scope, looking.number)
    return [show(shapes.CreditAccount, row) for row in rows]


@operation(router, "GET", "/credit/{pk}", answer=shapes.CreditSheet, **READ)
def read_credit(request: HttpRequest, pk: UUID) -> shapes.CreditSheet:
    """An account: what it holds until when, its newest 100 movements, what waits. At most 10 statements."""
    caller = caller_of(request)
    return show(shapes.CreditSheet, _sheet(caller, pk))


def _sheet(caller: Caller, pk: UUID) -> reading.Sheet:
    """Raises Refused(NotThere)."""
    sheet = reading.account(caller.actor.scope, pk, caller.now)
    if sheet is None:
        raise Refused([errors.NotThere()])
    return sheet


@operation(router, "POST", "/orders/{pk}/spend-credit", permission=RECORD, answer=shapes.Spent, tags="store credit")
def spend_store_credit(
    request: HttpRequest, response: HttpResponse, pk: UUID, body: Spend, key: Key = KEY
) -> shapes.Spent:
    """Pay an order with its buyer's store credit: checked and taken in one transaction, the payment recorded with it.

    The same `Idempotency-Key` again answers the same and takes nothing.
    """

    def act(caller: Caller) -> dict[str, Any]:
        order = sold.order_heads([pk]).get(pk)
        if order is None or not caller.actor.scope.holds(order.company_id, order.shop_id, NIL):
            raise Refused([errors.NotThere()])
        spending = Spending(order.shop_id, order.number, body.amount_minor, input_hash(key)[:40])
        (outcome,) = spend_credit(spendings=[spending], actor=caller.actor, now=caller.now)
        if not outcome.ok:
            raise Refused(outcome.refusals)
        return {"order_id": str(pk), "left_minor": outcome.data["left_minor"]}

    payload = {"order": str(pk), **body.model_dump(mode="json")}
    return shapes.Spent(**acted(request, response, "spend_store_credit", key, payload, act))


@operation(router, "POST", "/credit/{pk}/adjust", permission=adjusting.ASK, answer=Made, tags="store credit")
def adjust_credit(request: HttpRequest, response: HttpResponse, pk: UUID, body: Adjust, key: Key = KEY) -> Made:
    """Ask for a change by hand: nothing moves before a second person decided."""

    def act(caller: Caller) -> dict[str, Any]:
        account = _sheet(caller, pk).account
        context = begin("credit.adjust", actor=caller.actor, now=caller.now, items=1)
        name = AccountKey(account.company_id, account.customer_id, account.currency)
        return {"id": str(adjusting.ask_adjustment(context, name, body.amount_minor, body.reason))}

    payload = {"account": str(pk), **body.model_dump(mode="json")}
    return Made(**acted(request, response, "adjust_credit", key, payload, act))


@operation(
    router,
    "POST",
    "/credit/adjustments/{pk}/decide",
    permission=adjusting.DECIDE,
    answer=Made,
    tags="store credit",
)
def decide_adjustment(request: HttpRequest, response: HttpResponse, pk: UUID, body: Decide, key: Key = KEY) -> Made:
    """Grant or decline a change by hand that somebody else asked for."""

    def act(caller: Caller) -> dict[str, Any]:
        context = begin("credit.decide", actor=caller.actor, now=caller.now, items=1)
        adjusting.decide_adjustment(context, pk, grant=body.answer == "grant")
        return {"id": str(pk)}

    payload = {"adjustment": str(pk), **body.model_dump(mode="json")}
    return Made(**acted(request, response, "decide_adjustment", key, payload, act))


@operation(router, "GET", "/coupons", answer=shapes.Coupons, **READ)
def list_coupons(request: HttpRequest) -> shapes.Coupons:
    """Win-back coupons: how many were issued, redeemed and ran out, what they brought; the newest. 5 statements."""
    caller = caller_of(request)
    figures, rows = reading.coupons(caller.actor.scope, caller.now)
    return shapes.Coupons(
        figures=[show(shapes.CouponSums, one) for one in figures], items=[show(shapes.Coupon, row) for row in rows]
    )


@operation(router, "POST", "/coupons/redeem", permission=coupons.REDEEM, answer=shapes.Redeemed, tags="store credit")
def redeem_coupon(request: HttpRequest, response: HttpResponse, body: Redeem, key: Key = KEY) -> shapes.Redeemed:
    """Redeem a coupon against a purchase, once. The same `Idempotency-Key` again answers the same."""

    def act(caller: Caller) -> dict[str, Any]:
        context = begin("coupons.redeem", actor=caller.actor, now=caller.now, items=1)
        name = input_hash(key)[:40]
        return coupons.redeem_coupon(context, body.code, body.currency, body.purchase_minor, name)

    return shapes.Redeemed(**acted(request, response, "redeem_coupon", key, body.model_dump(mode="json"), act))
