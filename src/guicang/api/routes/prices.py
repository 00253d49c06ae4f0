"""Prices of returns without an order: rules, prices agreed with customers, and such a return entered."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from guicang.api import errors, replies
from guicang.api.acts import KEY, Key, Made, acted, replayed
from guicang.api.bearer import Caller, actor_of, caller_of
from guicang.api.inputs import MOST_LINES, Minor, Reason
from guicang.api.parsing import Given, Word, show
from guicang.api.routes.commands import reply_of, results_of
from guicang.api.service import operation
from guicang.api.shapes import prices as shapes
from guicang.api.shapes.results import Results
from guicang.insights import prices as insight
from guicang.insights.journal import companies
from guicang.kernel.commands import begin
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Refused
from guicang.org import queries as org
from guicang.parties import queries as parties
from guicang.returns.operations import price_rules
from guicang.returns.operations.price_rules import Agreement
from guicang.returns.pricing import FOREVER, Rules
from guicang.returns.steps.request import Request, Wanted
from guicang.returns.steps.request import request as request_step

router = Router()
READ: dict[str, Any] = {"permission": "policy.view", "tags": "prices"}
STATE: dict[str, Any] = {"permission": price_rules.STATE, "tags": "prices"}
Source = Literal["agreed", "last", "lowest", "lowest_any"]


class PriceLooking(Given):
    """`number`: of a customer at his shop, left out: all; `after`: the last id of the page before."""

    number: Word = ""
    after: UUID | None = None


class RulesBody(Given):
    company_id: UUID
    tier: Annotated[Word, Field(max_length=40)] = ""
    sources: Annotated[list[Source], Field(max_length=4)]
    days: Annotated[int, Field(strict=True, ge=1, le=3650)] = 365
    most_minor: Minor = 0
    refers: bool = False
    pays: Literal["account", "bank"] = "account"


class AgreedItem(Given):
    """`since` and `until` both count; `until` null: until further notice. The same first day again changes it."""

    customer_id: UUID
    sku_id: UUID
    currency: Annotated[Word, Field(min_length=3, max_length=3)]
    price_minor: Minor
    since: date
    until: date | None = None


class AgreedItems(Given):
    items: Annotated[list[AgreedItem], Field(min_length=1, max_length=1_000)]


class BlindLine(Given):
    sku_id: UUID
    units: Annotated[int, Field(strict=True, ge=1, le=10**9)]
    reason: Reason


class BlindReturn(Given):
    """Goods of a customer who names no order. What no rule prices waits for a person."""

    shop_id: UUID
    customer_id: UUID
    warehouse_id: UUID | None = None
    lines: Annotated[list[BlindLine], Field(min_length=1, max_length=MOST_LINES)]
    entered_by: Literal["web", "phone", "mail", "counter", "platform", "parcel"] = "platform"


@operation(router, "GET", "/prices/rules", answer=list[shapes.PriceRules], **READ)
def list_price_rules(request: HttpRequest) -> list[shapes.PriceRules]:
    """The rules in force of each company, by group of customers. 3 statements, 1 a shop."""
    return [
        shapes.PriceRules(company_id=one.company.id, tier=group.tier, number=group.number, **group.rules.as_data())
        for one in insight.stated(companies(actor_of(request).scope))
        for group in one.groups
    ]


@operation(router, "POST", "/prices/rules", answer=Made, **STATE)
def state_price_rules(request: HttpRequest, response: HttpResponse, body: RulesBody, key: Key = KEY) -> Made:
    """State the rules for a group of customers from now on, as a new version."""

    def act(caller: Caller) -> dict[str, Any]:
        context = begin("prices.rules", actor=caller.actor, now=caller.now, items=1)
        rules = Rules(tuple(body.sources), body.days, body.most_minor, body.refers, body.pays)
        price_rules.state_rules(context, body.company_id, body.tier, rules)
        return {"id": str(body.company_id)}

    return Made(**acted(request, response, "state_price_rules", key, body.model_dump(mode="json"), act))


@operation(router, "GET", "/prices/agreed", answer=shapes.AgreedPrices, **READ)
def list_agreed_prices(request: HttpRequest, looking: Query[PriceLooking]) -> shapes.AgreedPrices:
    """Prices agreed with customers, the newest first, 50 a page. At most 8 statements."""
    rows, more = insight.agreed(actor_of(request).scope, looking.number, looking.after)
    return shapes.AgreedPrices(items=[show(shapes.AgreedPrice, row) for row in rows], more=more)


@operation(router, "POST", "/prices/agreed", answer=Results, **STATE)
def agree_prices(request: HttpRequest, response: HttpResponse, body: AgreedItems, key: Key = KEY) -> Results:
    """Agree up to 1,000 prices, each answered for itself; `made.result`: imported, updated or unchanged."""
    caller = caller_of(request)
    payload = body.model_dump(mode="json")
    reply, again = replies.once(caller, "agree_prices", key, payload, lambda: _agree(caller, body.items))
    replayed(response, again)
    return results_of(reply)


def _agree(caller: Caller, items: list[AgreedItem]) -> dict[str, Any]:
    context = begin("prices.agree", actor=caller.actor, now=caller.now, items=len(items))
    wanted = [
        Agreement(one.customer_id, one.sku_id, one.currency, one.price_minor, one.since, one.until or FOREVER)
        for one in items
    ]
    return reply_of(price_rules.agree(context, wanted), [None] * len(items))


@operation(router, "POST", "/requests/without-order", permission="returns.request", answer=Made, tags="prices")
def request_without_order(request: HttpRequest, response: HttpResponse, body: BlindReturn, key: Key = KEY) -> Made:
    """Enter a return of a customer who names no order: its lines are priced by the rules of his group."""

    def act(caller: Caller) -> dict[str, Any]:
        shop = org.shops([body.shop_id]).get(body.shop_id)
        customer = parties.customers([body.customer_id]).get(body.customer_id)
        if shop is None or customer is None or customer.shop_id != shop.id:
            raise Refused([errors.NotThere()])
        if not caller.actor.scope.holds(shop.company_id, shop.id, NIL):
            raise Refused([errors.NotThere()])
        lines = [Wanted(sku_id=one.sku_id, quantity=one.units, reason=one.reason) for one in body.lines]
        item = Request(shop.id, customer.id, lines, entered_by=body.entered_by, warehouse_id=body.warehouse_id or NIL)
        (outcome,) = request_step(requests=[item], actor=caller.actor, now=caller.now)
        if not outcome.ok:
            raise Refused(outcome.refusals)
        return {"id": str(outcome.id)}

    return Made(**acted(request, response, "request_without_order", key, body.model_dump(mode="json"), act))
