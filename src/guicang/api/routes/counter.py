"""Returns of one order: what a request would pay, and a whole return at the counter in one act."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from guicang.api import errors
from guicang.api.acts import KEY, Key, acted
from guicang.api.bearer import Caller, caller_of
from guicang.api.inputs import MOST_LINES, Answers, InsteadLine, NoReason, Reason, WantedLine, typed, wanted_of
from guicang.api.parsing import Given, Units, Word
from guicang.api.service import operation
from guicang.api.shapes import returns as shapes
from guicang.api.shapes.results import Done
from guicang.audit import queries as audit
from guicang.insights import orders
from guicang.insights.choices import of_request
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Refused, raise_first
from guicang.returns import lifecycle
from guicang.returns.lifecycle import Disposition
from guicang.returns.operations.asking import Instead
from guicang.returns.settlement import ShippingMode
from guicang.returns.steps.counter import COMMANDS, Handed, Handover, take_back
from guicang.returns.steps.request import Request, preview
from guicang.sales.queries import OrderHead

router = Router()

#: Whoever may not do all of it does none.
ALL = " ".join(lifecycle.COMMANDS[name].permission for name in COMMANDS)


class PreviewItem(Given):
    """A return as it would be asked for. `fields`: answers to the company's own fields. `choices`: also what else could
    be asked for, and what that is worth.
    """

    lines: Annotated[list[WantedLine], Field(min_length=1, max_length=MOST_LINES)]
    override: NoReason = ""
    fields: Answers = {}
    choices: bool = False


class HandedLine(Given):
    """Units of an order line that lie on the counter. `grade` '' follows from the disposition. `instead`: the new goods
    that the customer takes along in their place; none: he gets his money.
    """

    order_line_id: UUID
    units: Units
    reason: Reason
    disposition: Disposition = Disposition.RESTOCK
    grade: Annotated[Word, Field(max_length=12)] = ""
    found_condition: Annotated[Word, Field(max_length=40)] = ""
    found_serial: Word = ""
    fields: Answers = {}
    instead: Annotated[list[InsteadLine], Field(max_length=20)] = []


class CounterItem(Given):
    """What a customer hands over. `warehouse_id`: where the goods stay; `reference`: of the payment, for the till.

    `shipping`: which shipping goes back with it; `override`: why an exception to the policy is made. `paid_by`: how he
    pays what new goods cost more, with `paid_reference`.
    """

    warehouse_id: UUID
    lines: Annotated[list[HandedLine], Field(min_length=1, max_length=MOST_LINES)]
    shipping: ShippingMode | Literal[""] = ""
    reference: Word = ""
    override: NoReason = ""
    fields: Answers = {}
    paid_by: Literal["", "cash", "card", "wechat", "alipay", "transfer"] = ""
    paid_reference: Word = ""


def handover_of(item: CounterItem, order: OrderHead) -> Handover:
    lines = [
        Handed(
            line.order_line_id,
            line.units,
            line.reason,
            line.disposition,
            line.grade,
            line.found_condition,
            line.found_serial,
            typed(line.fields),
            tuple(Instead(one.sku_id, one.units, one.unit_minor) for one in line.instead),
        )
        for line in item.lines
    ]
    return Handover(
        order.shop_id,
        order.customer_id,
        item.warehouse_id,
        lines,
        currency=order.currency,
        shipping=item.shipping,
        reference=item.reference,
        override=item.override,
        answers=typed(item.fields),
        paid_by=item.paid_by,
        paid_reference=item.paid_reference,
    )


@operation(
    router,
    "POST",
    "/orders/{pk}/preview",
    permission="returns.request",
    answer=shapes.RequestPreview,
    tags="orders",
)
def preview_request(request: HttpRequest, pk: UUID, body: PreviewItem) -> shapes.RequestPreview:
    """What a return of this order would pay, component by component, as settling it does; nothing is written.

    About 13 statements, 20 more for each choice.
    """
    caller = caller_of(request)
    order = _order(caller, pk)
    lines = wanted_of(body.lines)
    item = Request(
        order.shop_id,
        order.customer_id,
        lines,
        currency=order.currency,
        override=body.override,
        answers=typed(body.fields),
    )
    said = preview(item, actor=caller.actor, now=caller.now)
    choices = [] if said.refusals or not body.choices else of_request(item, caller.actor, caller.now)
    return shapes.request_preview(said, choices)


@operation(router, "POST", "/orders/{pk}/counter", permission=ALL, answer=Done, tags="commands")
def take_back_at_counter(
    request: HttpRequest, response: HttpResponse, pk: UUID, body: CounterItem, key: Key = KEY
) -> Done:
    """Request, authorise, receive, inspect and settle in one act, all or nothing. About 120 statements.

    Goods that cannot be settled at once take the usual way, command by command.
    """

    def act(caller: Caller) -> dict[str, Any]:
        item = handover_of(body, _order(caller, pk))
        outcome = take_back(item, key=new_id().hex, actor=caller.actor, now=caller.now)
        raise_first([outcome])
        return {"id": outcome.id, "version": audit.version(outcome.id or pk)}

    reply = acted(request, response, "counter", key, {"order": str(pk), **body.model_dump(mode="json")}, act)
    response["ETag"] = f'"{reply["version"]}"'
    return Done(id=reply["id"], state=lifecycle.State.SETTLED, version=reply["version"], made={})


def _order(caller: Caller, pk: UUID) -> OrderHead:
    """1 statement. Raises Refused(OrderNotFound)."""
    order = orders.head(pk, caller.actor.scope)
    if order is None:
        raise Refused([errors.OrderNotFound()])
    return order
