"""Request a return: check what can come back, claim it, number the return, store the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.catalog import queries as catalogue
from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.models import Origin
from guicang.kernel.money import split
from guicang.kernel.refusal import Outcome, Refusal, Refused
from guicang.org import queries as org
from guicang.policy import queries as policies
from guicang.policy import rules as policy
from guicang.returns import errors, queries
from guicang.returns.lifecycle import LineKind, State, Type
from guicang.returns.operations import docket
from guicang.returns.operations.asking import Request, Wanted, wrong_words
from guicang.returns.operations.requesting import write_requests
from guicang.sales import operations as sales
from guicang.sales import queries as sold

__all__ = ["Request", "Wanted", "request", "request_once"]

#: What a line of each resolution is, where it refers to an order line.
KINDS = {Type.REFUND_ONLY: LineKind.KEEP, Type.UNSHIPPED: LineKind.UNSHIPPED, Type.MONEY_ONLY: LineKind.MONEY}


@dataclass(slots=True)
class _Sight:
    """What the set refers to, read once. `free`: units of shipment lines not yet claimed, counted down."""

    lines: Mapping[UUID, sold.LineHead]
    orders: Mapping[UUID, sold.OrderHead]
    shipped: Mapping[UUID, list[sold.SoldLine]]
    free: dict[UUID, int]
    unshipped: dict[UUID, int]
    terms: Mapping[UUID, policy.Terms]
    shops: Mapping[UUID, org.ShopInfo]
    zones: Mapping[UUID, org.MarketInfo]
    documents: dict[tuple[UUID, str, str], UUID]
    serials: dict[tuple[UUID, str], Any]
    skus: Mapping[UUID, catalogue.SkuInfo]
    lots: Mapping[UUID, str]


def request(
    *, requests: Sequence[Request], actor: Actor, now: datetime, origin: str = Origin.LIVE, all_or_nothing: bool = False
) -> list[Outcome]:
    """Make a return of each request; the outcome's id is the return's.

    About 17 statements a thousand. Locks orders, shipment lines, number ranges, audit heads. On history the verdict
    is stored and never refuses; quantities always do.
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
        return {"id": str(outcome.id)}

    payload = {"customer": str(item.customer_id), "lines": [repr(line) for line in item.lines]}
    try:
        reply = commands.once("returns.request", key, payload, actor=actor, now=now, act=act) if key else act()
    except Refused as found:
        return refused[0] if refused else Outcome(0, None, list(found.refusals))
    return Outcome(0, UUID(reply["id"]))


def _request(chunk: Sequence[Request], context: Context) -> list[Outcome]:
    sight = _look(chunk)
    outcomes, made = [], []
    for index, item in enumerate(chunk):
        misstated = wrong_words(item, context, sight.shops)
        if misstated:
            outcomes.append(Outcome(index, refusals=misstated))
            continue
        lines, refusals = _plan_lines(item, sight)
        verdict, more = _verdict(item, lines, sight, context)
        refusals += [*more, *_refuse_whole(item, sight, context)]
        if refusals:
            _give_back(lines, sight)
            outcomes.append(Outcome(index, refusals=refusals))
            continue
        header = _header(item, lines, verdict, sight, context)
        made.append((header, lines))
        if item.source_document:
            sight.documents[item.shop_id, item.source_document, item.link_kind] = header["id"]
        outcomes.append(Outcome(index, header["id"], data={"lines": [line["id"] for line in lines]}))
    write_requests(made, context)
    return outcomes


def _look(chunk: Sequence[Request]) -> _Sight:
    wanted = [line for item in chunk for line in item.lines]
    lines = sold.line_heads({line.order_line_id for line in wanted} - {NIL})
    shipped: dict[UUID, list[sold.SoldLine]] = {}
    for row in sold.shipped_lines_of(lines):
        shipped.setdefault(row.order_line_id, []).append(row)
    orders = sold.order_heads({line.order_id for line in lines.values()})
    # The label of an order is stored at the end: it is held first, before shipment lines and returns.
    sales.hold_orders(orders)
    locked = sales.lock_shipment_lines(row.shipment_line_id for rows in shipped.values() for row in rows)
    taken = queries.unshipped_taken(line.order_line_id for line in wanted if line.resolution == Type.UNSHIPPED)
    shops = org.shops({item.shop_id for item in chunk})
    documents: dict[tuple[UUID, str, str], UUID] = {}
    for shop_id in {item.shop_id for item in chunk if item.source_document}:
        known = queries.documents(shop_id, [item.source_document for item in chunk if item.shop_id == shop_id])
        documents.update({(shop_id, *document): key for document, key in known.items()})
    serials = {(row.sku_id, row.serial) for rows in shipped.values() for row in rows if row.serial}
    return _Sight(
        lines=lines,
        orders=orders,
        shipped=shipped,
        free={key: row.shipped - row.claimed for key, row in locked.items()},
        # Also what the source cancelled: its money waits for a return of this type.
        unshipped={key: line.ordered - line.shipped - taken.get(key, 0) for key, line in lines.items()},
        lots={key: row.lot for key, row in locked.items() if row.lot},
        terms=policies.terms({order.policy_version_id for order in orders.values()} | {NIL}),
        shops=shops,
        zones=org.markets({shop.market_id for shop in shops.values()} | {order.market_id for order in orders.values()}),
        documents=documents,
        skus=catalogue.skus({line.sku_id for line in lines.values()}),
        serials=catalogue.serials(serials, lock=True) if serials else {},
    )


def _plan_lines(item: Request, sight: _Sight) -> tuple[list[dict[str, Any]], list[Refusal]]:
    """The return lines that take what is asked for, and every reason why some cannot."""
    lines: list[dict[str, Any]] = []
    refusals: list[Refusal] = []
    for wanted in _without_bundles(item.lines, sight):
        head = sight.lines.get(wanted.order_line_id)
        kind = _kind(wanted, head)
        if wanted.order_line_id == NIL:
            lines.append(_line(wanted, LineKind.MONEY if wanted.money_kind else LineKind.BLIND, wanted.quantity))
        elif (
            head is None
            or sight.orders[head.order_id].shop_id != item.shop_id
            or sight.orders[head.order_id].customer_id != item.customer_id
        ):
            refusals.append(errors.LineNotFound())
        elif kind == LineKind.MONEY:
            lines.append(_line(wanted, kind, 0, head))
        elif wanted.quantity < 1:
            refusals.append(errors.BadQuantity(quantity=wanted.quantity, most=head.ordered))
        elif kind == LineKind.UNSHIPPED:
            _take_unshipped(wanted, head, sight, lines, refusals)
        else:
            _take_shipped(wanted, kind, head, sight, lines, refusals)
    currencies = {sight.orders[line["order_id"]].currency for line in lines if line["order_id"] != NIL}
    if len(currencies) > 1:
        refusals.append(errors.OtherCurrency())
    return lines, refusals


def _kind(wanted: Wanted, head: sold.LineHead | None) -> LineKind:
    """Postage and fees have nothing that could come back."""
    goods = LineKind.GOODS if head is None or head.kind == "goods" else LineKind.KEEP
    return KINDS.get(Type(wanted.resolution), goods)


def _without_bundles(lines: Sequence[Wanted], sight: _Sight) -> list[Wanted]:
    """A bundle's claim is its components' claims: both count on one counter (HARD-CASES 17)."""
    found: list[Wanted] = []
    for wanted in lines:
        head = sight.lines.get(wanted.order_line_id)
        if head is None or head.kind != "bundle":
            found.append(wanted)
            continue
        parts = [part for part in sight.lines.values() if part.bundle_line_id == head.id]
        amounts: Sequence[int | None] = [None] * len(parts)
        if wanted.recorded_minor is not None:
            amounts = split(wanted.recorded_minor, [_paid(part, sight) for part in parts])
        for part, amount in zip(parts, amounts, strict=True):
            units = wanted.quantity * part.per_bundle
            found.append(replace(wanted, order_line_id=part.id, quantity=units, recorded_minor=amount))
    return found


def _paid(part: sold.LineHead, sight: _Sight) -> int:
    """The weight of a component in an amount for its bundle: what was paid for it, as far as it was shipped."""
    return next((row.paid_minor for row in sight.shipped.get(part.id, ())), 0)


def _take_unshipped(
    wanted: Wanted, head: sold.LineHead, sight: _Sight, lines: list[dict[str, Any]], refusals: list[Refusal]
) -> None:
    if wanted.quantity > sight.unshipped[head.id]:
        refusals.append(errors.AlreadyShipped(free=sight.unshipped[head.id]))
        return
    sight.unshipped[head.id] -= wanted.quantity
    lines.append(_line(wanted, LineKind.UNSHIPPED, wanted.quantity, head))


def _take_shipped(
    wanted: Wanted,
    kind: LineKind,
    head: sold.LineHead,
    sight: _Sight,
    lines: list[dict[str, Any]],
    refusals: list[Refusal],
) -> None:
    rows = sight.shipped.get(head.id, [])
    if wanted.shipment_line_id != NIL:
        rows = [row for row in rows if row.shipment_line_id == wanted.shipment_line_id]
    if wanted.serial:
        rows = [row for row in rows if row.serial == wanted.serial]
        if not rows:
            refusals.append(errors.SerialUnknown(serial=wanted.serial))
            return
    free = sum(sight.free[row.shipment_line_id] for row in rows)
    if wanted.quantity > free:
        refusals.append(errors.OverReturn(wanted=wanted.quantity, free=free))
        return
    left = wanted.quantity
    for row in rows:
        units = min(left, sight.free[row.shipment_line_id])
        if not units:
            continue
        if row.serial and (refusal := _serial_refusal(row, sight)):
            refusals.append(refusal)
            return
        sight.free[row.shipment_line_id] -= units
        left -= units
        lines.append(_line(wanted, kind, units, head, row, sight.lots.get(row.shipment_line_id, "")))


def _serial_refusal(row: sold.SoldLine, sight: _Sight) -> Refusal | None:
    """The latest sale of a serial is the only one that can be refunded, in one return at a time (HARD-CASES 18)."""
    serial = sight.serials.get((row.sku_id, row.serial))
    if serial is None:
        return None
    if serial.latest_shipment_line_id not in (NIL, row.shipment_line_id):
        return errors.SerialSoldAgain(serial=row.serial)
    if serial.open_return_line_id != NIL:
        return errors.SerialClaimed(serial=row.serial)
    return None


def _line(
    wanted: Wanted,
    kind: LineKind,
    units: int,
    head: sold.LineHead | None = None,
    row: sold.SoldLine | None = None,
    lot: str = "",
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "kind": str(kind),
        "resolution": str(Type.MONEY_ONLY if kind == LineKind.MONEY else wanted.resolution),
        "order_id": head.order_id if head else NIL,
        "order_line_id": head.id if head else NIL,
        "shipment_line_id": row.shipment_line_id if row else NIL,
        "sku_id": head.sku_id if head else wanted.sku_id,
        "lot": lot,
        "serial": row.serial if row else wanted.serial,
        "reason": wanted.reason,
        "condition": wanted.condition,
        "money_kind": wanted.money_kind or ("goodwill" if kind == LineKind.MONEY else ""),
        "requested": 1 if kind == LineKind.MONEY else units,
        "claimed": units if kind in (LineKind.GOODS, LineKind.KEEP) else 0,
        "unit_weight_g": head.weight_g if head else 0,
        "recorded_minor": wanted.recorded_minor,
        "money": "none",
    }


def _give_back(lines: Sequence[Mapping[str, Any]], sight: _Sight) -> None:
    """A refused request leaves what it took to the next one of the set."""
    for line in lines:
        if line["claimed"]:
            sight.free[line["shipment_line_id"]] += line["claimed"]
        elif line["kind"] == LineKind.UNSHIPPED:
            sight.unshipped[line["order_line_id"]] += line["requested"]


def _verdict(
    item: Request, lines: Sequence[Mapping[str, Any]], sight: _Sight, context: Context
) -> tuple[dict[str, Any], list[Refusal]]:
    """The worst answer of all lines, with every reason; refuses only live requests without an exception."""
    asked_at, worst, reasons, deadline = item.occurred_at or context.now, "allow", [], None
    for line in lines:
        order = sight.orders.get(line["order_id"])
        if line["kind"] in (LineKind.UNSHIPPED, LineKind.MONEY):
            continue
        row = next(
            (r for r in sight.shipped.get(line["order_line_id"], ()) if r.shipment_line_id == line["shipment_line_id"]),
            None,
        )
        market = order.market_id if order else sight.shops[item.shop_id].market_id
        answer = policy.verdict(
            policy.Facts(
                asked_at=asked_at,
                shipped_at=row.shipped_at if row else None,
                delivered_at=row.delivered_at if row else None,
                zone=sight.zones[market].zone,
                returnable=_returnable(line, sight),
                confirmed_non_returnable=_confirmed(line, sight),
                has_order=order is not None,
            ),
            sight.terms[order.policy_version_id if order else NIL],
        )
        worst = max(worst, answer.answer, key=("allow", "review", "refuse").index)
        found = [{"code": reason.code, **reason.data} for reason in answer.reasons]
        reasons += [reason for reason in found if reason not in reasons]
        # What comes back together comes back in time for all of it: the first deadline counts.
        deadline = min(filter(None, (answer.deadline, deadline)), default=None)
    data = {"answer": worst, "reasons": reasons, "deadline": deadline.isoformat() if deadline else None}
    refused = worst == "refuse" and context.origin == Origin.LIVE
    if refused and item.override and context.actor.kind != "customer" and context.actor.may("returns.override"):
        return {**data, "override": item.override}, []
    if refused:
        return data, [errors.NotEligible(reasons=", ".join(sorted({reason["code"] for reason in reasons})))]
    return data, []


def _returnable(line: Mapping[str, Any], sight: _Sight) -> bool:
    sku = sight.skus.get(line["sku_id"])
    return sku is None or sku.returnable


def _confirmed(line: Mapping[str, Any], sight: _Sight) -> bool:
    """The buyer's recorded confirmation, without which a kind of goods cannot be excluded (消法 25)."""
    head = sight.lines.get(line["order_line_id"])
    return head is not None and head.non_returnable_confirmed_at is not None


def _refuse_whole(item: Request, sight: _Sight, context: Context) -> list[Refusal]:
    refusals: list[Refusal] = []
    if context.actor.kind == "customer" and context.actor.id != item.customer_id:
        refusals.append(errors.NotFound())
    if item.source_document and (item.shop_id, item.source_document, item.link_kind) in sight.documents:
        refusals.append(errors.DocumentKnown(document=item.source_document))
    return refusals


def _header(
    item: Request, lines: Sequence[Mapping[str, Any]], verdict: Mapping[str, Any], sight: _Sight, context: Context
) -> dict[str, Any]:
    shop, asked_at = sight.shops[item.shop_id], item.occurred_at or context.now
    orders = [sight.orders[line["order_id"]] for line in lines if line["order_id"] != NIL]
    rows = [row for line in lines for row in sight.shipped.get(line["order_line_id"], ())[:1]]
    kinds = [line["kind"] for line in lines]
    main = next((line["resolution"] for line in lines if line["kind"] != LineKind.MONEY), str(Type.MONEY_ONLY))
    return {
        "id": new_id(),
        "company_id": shop.company_id,
        "shop_id": shop.id,
        "channel_id": shop.channel_id,
        "market_id": orders[0].market_id if orders else shop.market_id,
        "warehouse_id": item.warehouse_id if item.warehouse_id != NIL or not rows else rows[0].warehouse_id,
        "customer_id": item.customer_id,
        "currency": orders[0].currency if orders else (item.currency or shop.currency),
        "type": main if kinds else str(Type.REFUND),
        "entered_by": item.entered_by,
        "state": str(State.REQUESTED),
        "policy_version_id": orders[0].policy_version_id if orders else NIL,
        "verdict": dict(verdict),
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
