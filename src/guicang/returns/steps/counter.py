"""A return or an exchange at the counter, in one act: the same steps as everywhere, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.audit.operations import together
from guicang.inventory import operations as inventory
from guicang.inventory import queries as stock
from guicang.inventory.models import GRADE_A, UNINSPECTED, LocationKind
from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Outcome, Refusal, Refused
from guicang.org import operations as org_operations
from guicang.org import queries as org
from guicang.payments.operations.cash import hold_of
from guicang.returns import errors, lifecycle
from guicang.returns.lifecycle import Disposition, State, Type
from guicang.returns.models import Return, ReturnLine
from guicang.returns.operations import docket
from guicang.returns.operations.asking import Instead
from guicang.returns.operations.valuing import GRADES, PLACES
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.collect import PERMISSION as COLLECT
from guicang.returns.steps.hand_out import hand_out
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.request import Request, Wanted, request
from guicang.returns.steps.settle import Settlement, settle
from guicang.sales import operations as sales
from guicang.sales import queries as sold

#: What it takes, in this order: whoever may not do all of it does none.
COMMANDS = ("request", "authorise", "receive", "inspect", "settle")
#: And what an exchange takes besides.
EXCHANGING = (lifecycle.COMMANDS["exchange"].permission, COLLECT)


@dataclass(frozen=True, slots=True)
class Handed:
    """Units of an order line that lie on the counter. `grade` '' follows from the disposition. `instead`: the new goods
    that the customer takes along in their place; none: he gets his money.
    """

    order_line_id: UUID
    quantity: int
    reason: str
    disposition: str = Disposition.RESTOCK
    grade: str = ""
    found_condition: str = ""
    found_serial: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    instead: tuple[Instead, ...] = ()


@dataclass(frozen=True, slots=True)
class Handover:
    """What a customer hands over. `warehouse_id`: where the goods stay, and new ones come from; `reference`: of the
    payment, for the till. `paid_by`: how he pays what new goods cost more, with `paid_reference`.
    """

    shop_id: UUID
    customer_id: UUID
    warehouse_id: UUID
    lines: Sequence[Handed]
    currency: str = ""
    shipping: str = ""
    reference: str = ""
    override: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    paid_by: str = ""
    paid_reference: str = ""

    @property
    def exchanges(self) -> bool:
        return any(each.instead for each in self.lines)

    @property
    def refunds(self) -> bool:
        return any(not each.instead for each in self.lines)


def take_back(item: Handover, *, key: str, actor: Actor, now: datetime) -> Outcome:
    """Request, authorise, receive, inspect and settle, all or nothing; the outcome's id is the return's.

    Once for a `key`: a second click finds the return of the first. What any of the steps refuses undoes all of
    them. About 120 statements, 130 more with new goods. Goods that cannot be settled at once (a serial that differs)
    are refused here: they take the usual way, step by step.
    """

    def act() -> dict[str, str]:
        with together():
            return {"id": str(_all_steps(item, key, actor, now))}

    payload = {"place": [str(item.shop_id), str(item.customer_id), str(item.warehouse_id)], "said": repr(item)}
    try:
        for command in COMMANDS:
            docket.permit(actor, command)
        if item.exchanges and (missing := next((one for one in EXCHANGING if not actor.may(one)), "")):
            raise Refused([errors.NotPermitted(permission=missing)])
        reply = commands.once("returns.counter", key, payload, actor=actor, now=now, act=act)
    except Refused as found:
        return Outcome(0, None, list(found.refusals))
    return Outcome(0, UUID(reply["id"]))


def _all_steps(item: Handover, key: str, actor: Actor, now: datetime) -> UUID:
    if refusals := _refusals(item):
        raise Refused(refusals)
    if item.exchanges:
        org_operations.lock_shops([item.shop_id])
    _hold_levels(item, actor)
    one: dict[str, Any] = {"actor": actor, "now": now, "all_or_nothing": True}
    asked = [_wanted(each) for each in item.lines]
    wanted = Request(
        item.shop_id,
        item.customer_id,
        asked,
        currency=item.currency,
        entered_by="counter",
        warehouse_id=item.warehouse_id,
        override=item.override,
        answers=item.answers,
    )
    asked_for = request(requests=[wanted], **one)[0]
    made = asked_for.id or NIL
    if "stage" in asked_for.data:
        raise Refused([errors.NeedsApproval()])
    if not asked_for.data.get("granted"):
        authorise(authorisations=[Authorisation(made)], **one)
    lines = docket.load([made], lock=False)[made].lines
    arrived = [Arrived(line.id, line.expected) for line in lines if line.expected]
    receive(receipts=[Receiving(made, arrived, key=key)], **one)
    handed = {each.order_line_id: each for each in item.lines}
    parts = [_part(line, handed[line.order_line_id]) for line in lines if line.expected]
    inspect(inspections=[Inspecting(made, parts)], **one)
    if item.refunds:
        settle(settlements=[Settlement(made, shipping=item.shipping, reference=item.reference)], **one)
    if item.exchanges:
        hand_out(made, item.warehouse_id, item.paid_by, item.paid_reference, actor=actor, now=now)
    _must_be_settled(made)
    return made


def _wanted(each: Handed) -> Wanted:
    resolution = Type.EXCHANGE if each.instead else Type.REFUND
    return Wanted(
        each.order_line_id, each.quantity, each.reason, resolution, answers=each.answers, instead=each.instead
    )


def _refusals(item: Handover) -> list[Refusal]:
    """What is wrong before any step: nothing, a line twice, goods that do not come back, a foreign warehouse."""
    refusals: list[Refusal] = []
    ids = [each.order_line_id for each in item.lines]
    heads = sold.line_heads(ids)
    if not ids:
        refusals.append(errors.Nothing())
    # Goods alone lie on a counter, and bundles come back by their parts.
    if len(set(ids)) < len(ids) or any(key not in heads or heads[key].kind != "goods" for key in ids):
        refusals.append(errors.LineNotFound())
    shop, warehouse = org.shops([item.shop_id]), org.warehouses([item.warehouse_id])
    if item.warehouse_id not in warehouse:
        refusals.append(errors.WarehouseMissing())
    elif item.shop_id in shop and warehouse[item.warehouse_id].company_id != shop[item.shop_id].company_id:
        refusals.append(errors.OtherWarehouse())
    return refusals


def _hold_levels(item: Handover, actor: Actor) -> None:
    """Hold the order, its shipment lines, the drawer of who acts and the levels that the goods will pass, in this
    order and before any number is taken.
    """
    company_id = org.shops([item.shop_id])[item.shop_id].company_id
    places = stock.places([item.warehouse_id])[item.warehouse_id]
    chosen = {each.order_line_id: each for each in item.lines}
    rows = sold.shipped_lines_of(chosen)
    sales.hold_orders({row.order_id for row in rows})
    keys = set()
    for line in sales.lock_shipment_lines(row.shipment_line_id for row in rows).values():
        each = chosen[line.order_line_id]
        ends = [("customer", UNINSPECTED), ("bay", UNINSPECTED)]
        if each.disposition in PLACES:
            disposition = Disposition(each.disposition)
            ends.append((PLACES[disposition], each.grade or GRADES[disposition]))
        keys |= {inventory.LevelKey(line.sku_id, line.lot, g, company_id, places[LocationKind(at)]) for at, g in ends}
    sellable = places[LocationKind("sellable")]
    new = {one.sku_id for each in item.lines for one in each.instead}
    keys |= {inventory.LevelKey(sku_id, "", GRADE_A, company_id, sellable) for sku_id in new}
    hold_of(actor)
    inventory.available(keys)


def _part(line: ReturnLine, handed: Handed) -> Part:
    return Part(
        line.id,
        line.expected,
        handed.disposition,
        grade=handed.grade,
        found_condition=handed.found_condition,
        found_serial=handed.found_serial,
    )


def _must_be_settled(return_id: UUID) -> None:
    """Nobody leaves the counter with something open: what the steps left undone undoes them."""
    state = Return.objects.values_list("state", flat=True).get(id=return_id)
    if state != State.SETTLED:
        raise Refused([errors.NotInOneAct()])
