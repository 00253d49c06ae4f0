"""Take an exchange back as long as nothing of the new goods left: their order is cancelled, what paid it goes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from guicang.audit.operations import together
from guicang.kernel.actor import Actor
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Outcome, Refusal, Refused
from guicang.returns import errors
from guicang.returns.lifecycle import Type
from guicang.returns.models import Return
from guicang.returns.operations import docket, inputs, replacing
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.request import Request, Wanted, request
from guicang.returns.steps.settle import Settlement, settle
from guicang.sales import operations as sales
from guicang.sales.models import Order, OrderLine
from guicang.trade import errors as trade
from guicang.trade import queries as traded

#: What it takes, in this order: whoever may not do all of it does none.
COMMANDS = ("request", "authorise", "settle")
#: How the return that cancels the new order hangs on the exchange.
LINK = "exchange_undone"


@dataclass(frozen=True, slots=True)
class Undoing:
    """`return_id`: of the exchange. `reason`: a code."""

    return_id: UUID
    reason: str


class _Placed(NamedTuple):
    order: Order
    left: list[OrderLine]


def undo_exchange(*, undoings: Sequence[Undoing], actor: Actor, now: datetime) -> list[Outcome]:
    """Cancel the orders in place of returned goods and refund what paid them, each in a transaction of its own.

    The goods that came back stay credited: what they paid for the new ones goes back to the customer by the tenders
    that had paid the old ones, as does what was collected; what was kept in stock for the new order is free again. It
    is a return before shipment (未发货退款) of the new order, linked to the exchange; `made` in the outcome is its id.
    About 110 statements each. Refused once any of the new goods left: then they come back by a return of their own.
    """
    for command in COMMANDS:
        docket.permit(actor, command)
    outcomes = []
    for index, item in enumerate(undoings):
        try:
            with transaction.atomic(), together():
                made = _undo(item, actor, now)
        except Refused as found:
            outcomes.append(Outcome(index, item.return_id, list(found.refusals)))
        else:
            outcomes.append(Outcome(index, item.return_id, data={"made": made}))
    return outcomes


def _undo(item: Undoing, actor: Actor, now: datetime) -> UUID:
    replacing.lock_shops([item.return_id])
    header = Return.objects.filter(id=item.return_id).first()
    if header is None or not actor.sees(header.company_id, header.shop_id, header.warehouse_id, header.customer_id):
        raise Refused([errors.NotFound()])
    if refusals := inputs.reason(item.reason):
        raise Refused(refusals)
    placed = _placed(item.return_id)
    one: dict[str, Any] = {"actor": actor, "now": now, "all_or_nothing": True}
    wanted = [Wanted(line.id, line.ordered - line.cancelled, item.reason, Type.UNSHIPPED) for line in placed.left]
    asked = Request(
        header.shop_id,
        header.customer_id,
        wanted,
        currency=header.currency,
        entered_by="staff",
        linked_id=header.id,
        link_kind=LINK,
    )
    made = request(requests=[asked], **one)[0]
    if made.id is None or "stage" in made.data:
        raise Refused([errors.NeedsApproval()])
    if not made.data.get("granted"):
        authorise(authorisations=[Authorisation(made.id)], **one)
    settle(settlements=[Settlement(made.id)], **one)
    return made.id


def _placed(return_id: UUID) -> _Placed:
    """The order in place of the goods and what of it was not cancelled, both locked. Raises Refused."""
    known = traded.replacements([return_id]).get(return_id)
    if known is None:
        raise Refused([errors.NoExchange()])
    locked = sales.lock_orders([known.id], tenders=True)
    refusals = _refusals(locked.orders[known.id], locked.lines)
    if refusals:
        raise Refused(refusals)
    left = [line for line in locked.lines[known.id] if line.ordered > line.cancelled and line.id != NIL]
    return _Placed(locked.orders[known.id], left)


def _refusals(order: Order, lines: Mapping[UUID, Sequence[OrderLine]]) -> list[Refusal]:
    mine = lines[order.id]
    if any(line.shipped for line in mine):
        return [trade.ReplacementLeft(order=order.number)]
    return [] if any(line.ordered > line.cancelled for line in mine) else [trade.ReplacementCancelled()]
