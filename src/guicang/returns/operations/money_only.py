"""Money without goods (仅补款): price protection 价保, goodwill, compensation 补偿, freight that the buyer laid out,
and what the policy offers to who keeps the goods.

Goodwill, price protection and keeping goods give back part of the price, within both ceilings of the sale;
compensation and freight are expenses beside it (HARD-CASES 7).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.kernel.money import target
from guicang.kernel.refusal import Refusal
from guicang.policy.rules.terms import WHOLE_BP
from guicang.returns import errors
from guicang.returns.lifecycle import LineKind, State, Type
from guicang.returns.models import Evidence, ReturnLine
from guicang.returns.operations.asking import Request, Wanted
from guicang.returns.operations.docket import Case
from guicang.returns.operations.judging import OVERRIDE, is_refused, offered_to, term_of
from guicang.returns.operations.sight import Sight
from guicang.sales import queries as sold


class MoneyKind(StrEnum):
    PRICE_MATCH = "price_match"
    GOODWILL = "goodwill"
    COMPENSATION = "compensation"
    FREIGHT = "freight"
    KEPT = "kept"


def priced(wanted: Wanted, head: sold.LineHead, sight: Sight) -> Wanted:
    """Price protection with its amount: what was paid for the units that are kept, less what they cost today and less
    goodwill given before. A second drop of the price pays only what it dropped further. For keeping goods likewise.
    """
    if wanted.money_kind == MoneyKind.KEPT:
        return replace(wanted, recorded_minor=_for_keeping(wanted.quantity, head, sight))
    if wanted.money_kind != MoneyKind.PRICE_MATCH or wanted.price_minor is None:
        return wanted
    kept = head.ordered - head.cancelled
    paid = target(head.paid_minor, kept, head.ordered) - target(head.paid_minor, head.settled, head.ordered)
    dropped = paid - wanted.price_minor * (kept - head.settled) - head.goodwill_minor
    return replace(wanted, recorded_minor=max(0, dropped))


def _for_keeping(units: int, head: sold.LineHead, sight: Sight) -> int:
    """The part that the policy offers of what was paid for the next `units`, less goodwill given on them before;
    nothing for more than can still come back.
    """
    rows = sight.shipped.get(head.id, [])
    if not 1 <= units <= sum(sight.free[row.shipment_line_id] for row in rows):
        return 0
    part = offered_to(_as_goods(head.id, sight), sight)
    price = target(head.paid_minor, head.settled + units, head.ordered)
    price -= target(head.paid_minor, head.settled, head.ordered)
    given = target(head.goodwill_minor, units, head.ordered - head.cancelled - head.settled)
    return target(max(0, price - given), part, WHOLE_BP)


def _as_goods(order_line_id: UUID, sight: Sight) -> dict[str, Any]:
    """What is kept, as if it came back: what the policy has against that, it has against money for keeping it."""
    head, rows = sight.lines[order_line_id], sight.shipped[order_line_id]
    return {
        "id": NIL,
        "order_id": head.order_id,
        "order_line_id": head.id,
        "shipment_line_id": rows[-1].shipment_line_id,
        "sku_id": head.sku_id,
        "reason": "",
        "condition": "",
        "resolution": Type.REFUND,
    }


def wrong(item: Request, lines: Sequence[Mapping[str, Any]], sight: Sight, context: Context) -> list[Refusal]:
    """Unknown kinds, nothing to pay, and price protection outside its days. Files bring what was paid."""
    if context.origin != Origin.LIVE:
        return []
    refusals: list[Refusal] = []
    for line in lines:
        if line["kind"] != LineKind.MONEY or line["order_id"] == NIL:
            continue
        if line["money_kind"] not in set(MoneyKind):
            refusals.append(errors.BadChoice(column="money_kind", value=line["money_kind"]))
        elif line["money_kind"] == MoneyKind.PRICE_MATCH:
            refusals += _unmatched(item, line, sight, context)
        elif line["money_kind"] == MoneyKind.KEPT:
            refusals += _not_offered(item, line, sight, context)
        elif not line["recorded_minor"]:
            refusals.append(errors.BadAmount(amount_minor=line["recorded_minor"] or 0))
    return refusals


def _unmatched(item: Request, line: Mapping[str, Any], sight: Sight, context: Context) -> list[Refusal]:
    """Why the price is not matched: it did not drop, or the policy gives no days or fewer of them."""
    if not line["recorded_minor"]:
        return [errors.PriceNotLower()]
    if item.override and context.actor.kind != "customer" and context.actor.may(OVERRIDE):
        return []
    order = sight.orders[line["order_id"]]
    zone = ZoneInfo(sight.zones[order.market_id].zone)
    asked_at = item.occurred_at or context.now
    passed = (asked_at.astimezone(zone).date() - order.ordered_at.astimezone(zone).date()).days
    days = term_of("price_match_days", item, line, sight, asked_at)
    if days is None:
        return [errors.NoPriceMatch()]
    return [errors.PriceMatchOver(days=days)] if passed > days else []


def _not_offered(item: Request, line: Mapping[str, Any], sight: Sight, context: Context) -> list[Refusal]:
    """Why nothing is paid for keeping the goods: the policy makes no offer, they could not come back, or it was asked
    for before. 1 statement.
    """
    if not line["recorded_minor"]:
        return [errors.KeepingNotOffered()]
    goods = {**_as_goods(line["order_line_id"], sight), "reason": line["reason"], "condition": line["condition"]}
    if is_refused(item, goods, sight, item.occurred_at or context.now):
        return [errors.KeepingNotOffered()]
    before = ReturnLine.objects.filter(order_line_id=line["order_line_id"], money_kind=MoneyKind.KEPT)
    dropped = (State.REJECTED, State.CANCELLED, State.EXPIRED)
    return [errors.KeepingAsked()] if before.exclude(parent__state__in=dropped).exists() else []


def without_receipt(cases: Iterable[Case], context: Context) -> set[UUID]:
    """Returns that pay back freight, of which nobody kept a receipt; 1 statement where any does."""
    freight = {
        case.header.id
        for case in cases
        if context.origin == Origin.LIVE and case.header.origin == Origin.LIVE
        for line in case.lines
        if line.kind == LineKind.MONEY and line.money_kind == MoneyKind.FREIGHT
    }
    if not freight:
        return freight
    shown = Evidence.objects.filter(parent__id__among=sorted(freight), removed_at=None)
    return freight - set(shown.values_list("parent_id", flat=True))
