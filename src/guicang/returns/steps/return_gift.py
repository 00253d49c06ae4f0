"""Take a gift back from whoever was given it: for other goods or store credit of his own, without price or giver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from guicang.audit.operations import together
from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Outcome, Refusal, Refused
from guicang.payments.rules import RefundTo
from guicang.returns import errors
from guicang.returns.lifecycle import Type
from guicang.returns.operations import docket, gifts
from guicang.returns.operations.gifts import Recipient
from guicang.returns.steps.request import Request, Wanted, request
from guicang.sales import queries as sold

#: What becomes of a gift: store credit, or the same once more.
BECOMES = (Type.REFUND, Type.EXCHANGE)


@dataclass(frozen=True, slots=True)
class Gift:
    """`units` by order line; `digest` of the code on the slip, which staff who see the order need not have."""

    order_id: UUID
    units: Mapping[UUID, int]
    reason: str
    name: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    becomes: str = Type.REFUND
    digest: str = field(default="", repr=False)
    entered_by: str = "web"
    occurred_at: datetime | None = None


def make_slip(order_id: UUID, *, actor: Actor, now: datetime) -> str | None:
    """The code for the slip of an order that was a gift; None where the actor sees no such order.

    Raises Refused(NotPermitted).
    """
    docket.permit(actor, "request")
    order = sold.order_heads([order_id]).get(order_id)
    if order is None or not actor.sees(order.company_id, order.shop_id, NIL, order.customer_id):
        return None
    with transaction.atomic():
        context = commands.begin("returns.gift_slip", actor=actor, now=now, items=1)
        return gifts.make_code(context, order.company_id, order_id)


def return_gift(item: Gift, *, key: str, actor: Actor, now: datetime) -> Outcome:
    """The return of a gift; `key` of the form makes sending it twice one return. About 70 statements.

    A visitor of the portal is no customer yet: the code lets him in, and he asks as the one that he becomes. The
    giver is not told, and the store credit is not his.
    """
    order = sold.order_heads([item.order_id]).get(item.order_id)
    if order is None or not _may(item, actor, order):
        return Outcome(0, None, [errors.GiftUnknown()])
    if refusals := _refusals(item):
        return Outcome(0, None, refusals)
    refused: list[Outcome] = []

    def act() -> dict[str, Any]:
        # What is asked for at once locks rows after the trail of the new customer: all of it is written at the end.
        with together():
            context = commands.begin("returns.gift", actor=actor, now=now, items=1)
            person = gifts.party_of(context, order.shop_id, Recipient(item.name, item.contact))
            asker = Actor(kind="customer", id=person) if actor.kind == "customer" else actor
            outcome = request(requests=[_request(item, order, person)], actor=asker, now=now)[0]
        if not outcome.ok:
            refused.append(outcome)
            raise Refused(outcome.refusals)
        return {"id": str(outcome.id)}

    try:
        said = [str(item.order_id), {str(line): n for line, n in item.units.items()}, item.reason, item.becomes]
        reply = commands.once("returns.gift", key, said, actor=actor, now=now, act=act)
    except Refused as found:
        return refused[0] if refused else Outcome(0, None, list(found.refusals))
    return Outcome(0, UUID(reply["id"]))


def _may(item: Gift, actor: Actor, order: sold.OrderHead) -> bool:
    if actor.kind == "customer":
        return gifts.opens(item.order_id, item.digest)
    docket.permit(actor, "request")
    return actor.sees(order.company_id, order.shop_id, NIL, order.customer_id)


def _refusals(item: Gift) -> list[Refusal]:
    refusals: list[Refusal] = []
    if item.becomes not in BECOMES:
        refusals.append(errors.GiftChoice())
    if not Recipient(item.name, item.contact).complete:
        refusals.append(errors.GiftContact())
    return refusals


def _request(item: Gift, order: sold.OrderHead, person: UUID) -> Request:
    lines: Sequence[Wanted] = [
        Wanted(line, units, item.reason, resolution=item.becomes) for line, units in item.units.items() if units
    ]
    return Request(
        order.shop_id,
        person,
        lines,
        currency=order.currency,
        entered_by=item.entered_by,
        refund_to=RefundTo.STORE_CREDIT,
        consented=True,
        gift=True,
        occurred_at=item.occurred_at,
    )
