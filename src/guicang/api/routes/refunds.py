"""Refunds: how companies carry them out, what is to be paid, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from guicang.api import errors, problems, replies
from guicang.api.acts import KEY, Key, acted, declare_act
from guicang.api.bearer import Caller, actor_of, caller_of
from guicang.api.paging import Page, Paging, cursor, place_id
from guicang.api.parsing import Given, Instant, Shown, Word, show
from guicang.api.service import operation
from guicang.insights import refunds as insight
from guicang.insights.journal import companies
from guicang.kernel.commands import begin
from guicang.kernel.refusal import Outcome, Refused
from guicang.payments import queries as payments
from guicang.payments.operations import set_ways
from guicang.payments.rules import Failed, RefundTo
from guicang.returns.operations.refunding import PERMISSION
from guicang.returns.steps.fail_refund import Failure, fail_refunds
from guicang.returns.steps.pay_refund import Payment, pay_refunds
from guicang.returns.steps.redirect_refund import Redirection, redirect_refunds

MOST_ITEMS = 1_000

router = Router()

PAY: dict[str, Any] = {"permission": PERMISSION, "tags": "refunds"}

KEEP: dict[str, Any] = {"permission": "org.manage", "tags": "settings"}
#: Stands for all kinds of tenders that are not named; in the data it is ''.
OTHERS = "others"


class WaysOfCompany(Shown):
    """`ways` by kind of tender, `others` for those that are not named; nothing said: at_once."""

    company_id: UUID
    ways: dict[str, str]


class NewWays(Given):
    """By kind of tender: at_once, by_hand, port, platform; '' takes back what was said. `others`: all not named."""

    ways: dict[Word, Word]


@operation(router, "GET", "/settings/refund-ways", answer=list[WaysOfCompany], **KEEP)
def list_refund_ways(request: HttpRequest) -> list[WaysOfCompany]:
    """Who carries out the refunds of each company. 2 statements."""
    mine = [one.id for one in companies(actor_of(request).scope)]
    return [
        WaysOfCompany(company_id=key, ways={kind or OTHERS: way for kind, way in said.items()})
        for key, said in payments.ways(mine).items()
    ]


def _set_ways(caller: Caller, pk: UUID, said: NewWays) -> None:
    """It counts for what is settled from now on."""
    if pk not in {one.id for one in companies(caller.actor.scope)}:
        raise Refused([errors.NotThere()])
    context = begin("settings.refund_ways", actor=caller.actor, now=caller.now, items=1)
    set_ways(context, pk, {"" if kind == OTHERS else kind: way for kind, way in said.ways.items()})


declare_act(
    router,
    "/settings/refund-ways/{pk}/change",
    "change_refund_ways",
    NewWays,
    _set_ways,
    summary="Say who carries out refunds",
    **KEEP,
)


class RefundFilters(Paging):
    """Nothing said: everything that is not paid, the oldest first. `overdue`: later than the policy says."""

    state: insight.StateName | None = None
    way: insight.WayName | None = None
    shop: UUID | None = None
    overdue: bool = False


class RefundRow(Shown):
    """`method` '': back by the tender of `kind`, else how the money goes instead. `due_at`: by when to pay it.

    `payee`: whether it is known where a transfer goes ('': nobody has to know): missing, unconfirmed, ready; `batch`:
    the number of the payment file that it left with.
    """

    id: UUID
    return_id: UUID
    number: str
    order_id: UUID
    order_number: str
    shop_id: UUID
    amount_minor: int
    currency: str
    kind: str
    method: str
    way: str
    state: str
    reference: str
    failure: str
    payee: str
    batch: str
    occurred_at: datetime
    due_at: datetime | None
    paid_at: datetime | None


class PaidItem(Given):
    refund_id: UUID
    reference: Word
    occurred_at: Instant | None = None


class PaidItems(Given):
    items: Annotated[list[PaidItem], Field(min_length=1, max_length=MOST_ITEMS)]


class FailedItem(Given):
    refund_id: UUID
    reason: Failed


class FailedItems(Given):
    items: Annotated[list[FailedItem], Field(min_length=1, max_length=MOST_ITEMS)]


class AgainItem(Given):
    """`to` '': as before. `consented`: the customer agreed to store credit."""

    refund_id: UUID
    to: RefundTo | Literal[""] = ""
    consented: bool = False


class AgainItems(Given):
    items: Annotated[list[AgainItem], Field(min_length=1, max_length=MOST_ITEMS)]


class RefundResult(Shown):
    """What became of one item, in their order."""

    index: int
    ok: bool
    id: UUID | None
    errors: list[problems.Finding]


class RefundResults(Shown):
    done: int
    refused: int
    items: list[RefundResult]


@operation(router, "GET", "/refunds", answer=Page[RefundRow], **PAY)
def list_refunds(request: HttpRequest, filters: Query[RefundFilters]) -> Page[RefundRow]:
    """A page of refunds; what was paid comes the latest first. At most 11 statements."""
    caller = caller_of(request)
    after = place_id("refunds", filters.cursor)
    wanted = insight.Filters(filters.state or "", filters.way or "", filters.shop, filters.overdue, after=after)
    rows, more = insight.listed(caller.actor.scope, wanted, caller.now, filters.limit)
    following = cursor("refunds", rows[-1].id) if more else None
    return Page[RefundRow](items=[show(RefundRow, row) for row in rows], next=following)


def results(
    request: HttpRequest, response: HttpResponse, name: str, key: str, body: Any, act: Callable[[Caller], list[Outcome]]
) -> RefundResults:
    """What `act` says of each refund, once for a key."""

    def do(caller: Caller) -> dict[str, Any]:
        found = act(caller)
        return {
            "items": [
                {"id": one.id, "errors": [replies.keep_refusal(refusal) for refusal in one.refusals]} for one in found
            ]
        }

    reply = acted(request, response, name, key, body.model_dump(mode="json"), do)
    items = [
        RefundResult(
            index=index,
            ok=not item["errors"],
            id=item["id"],
            errors=[problems.finding(replies.refusal_of(stored)) for stored in item["errors"]],
        )
        for index, item in enumerate(reply["items"])
    ]
    done = sum(item.ok for item in items)
    return RefundResults(done=done, refused=len(items) - done, items=items)


@operation(router, "POST", "/refunds/pay", answer=RefundResults, **PAY)
def pay_refunds_of(request: HttpRequest, response: HttpResponse, body: PaidItems, key: Key = KEY) -> RefundResults:
    """Say of up to 1,000 refunds that they were paid. By hand: never by whoever settled them."""

    def act(caller: Caller) -> list[Outcome]:
        items = [Payment(one.refund_id, one.reference, one.occurred_at) for one in body.items]
        return pay_refunds(payments=items, actor=caller.actor, now=caller.now)

    return results(request, response, "pay_refunds", key, body, act)


@operation(router, "POST", "/refunds/fail", answer=RefundResults, **PAY)
def fail_refunds_of(request: HttpRequest, response: HttpResponse, body: FailedItems, key: Key = KEY) -> RefundResults:
    """Say of up to 1,000 refunds that they could not be paid: the money stays owed."""

    def act(caller: Caller) -> list[Outcome]:
        items = [Failure(one.refund_id, one.reason) for one in body.items]
        return fail_refunds(failures=items, actor=caller.actor, now=caller.now)

    return results(request, response, "fail_refunds", key, body, act)


@operation(router, "POST", "/refunds/again", answer=RefundResults, **PAY)
def redirect_refunds_of(
    request: HttpRequest, response: HttpResponse, body: AgainItems, key: Key = KEY
) -> RefundResults:
    """Try up to 1,000 refunds again, as before or by another method."""

    def act(caller: Caller) -> list[Outcome]:
        items = [Redirection(one.refund_id, one.to, one.consented) for one in body.items]
        return redirect_refunds(redirections=items, actor=caller.actor, now=caller.now)

    return results(request, response, "redirect_refunds", key, body, act)
