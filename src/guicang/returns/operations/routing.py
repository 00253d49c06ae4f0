"""Which approval flow a request goes through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any
from uuid import UUID

from guicang.kernel.commands import Context
from guicang.kernel.models import Origin
from guicang.policy.queries import FlowInfo
from guicang.policy.rules import Answered, Asked, matching
from guicang.returns.deadlines import Timer
from guicang.returns.lifecycle import Type
from guicang.returns.operations.approvals import stage_timer
from guicang.returns.operations.asking import Request
from guicang.returns.operations.sight import Sight


def asks_amounts(sight: Sight) -> bool:
    """Whether what would be paid back decides what the policy says, or which flow it is."""
    if any(book.asks_amounts for book in sight.books.values()):
        return True
    said = (one.flow.conditions for rows in sight.flows.values() for one in rows)
    return any(conditions.amount_minor is not None for conditions in said)


def flow_for(
    item: Request,
    lines: Sequence[Mapping[str, Any]],
    sight: Sight,
    verdict: Mapping[str, Any],
    paid_back: tuple[int | None, str],
    risk_points: int | None = None,
    answers: Mapping[UUID, Mapping[str, Answered]] = MappingProxyType({}),
) -> FlowInfo | None:
    """The flow of a new request; None where none fits or nobody is asked (by policy; a refused parcel). No statement.

    `paid_back`: what all of it would come to, where somebody counted, and its currency.
    """
    company_id = sight.shops[item.shop_id].company_id
    known = sight.flows.get(company_id)
    never_asked = all(line["resolution"] == Type.REFUSED_PARCEL for line in lines)
    if not known or verdict.get("automatic") or never_asked:
        return None
    asked = _asked(company_id, lines, sight, verdict, paid_back)
    given: dict[str, set[str]] = {}
    for found in answers.values():
        for code, one in found.items():
            given.setdefault(code, set()).add(one.value)
    return matching(known, replace(asked, risk_points=risk_points, answers=given))


def _asked(
    company_id: UUID,
    lines: Sequence[Mapping[str, Any]],
    sight: Sight,
    verdict: Mapping[str, Any],
    paid_back: tuple[int | None, str],
) -> Asked:
    amount, currency = paid_back
    reasons = {line["reason"] for line in lines} - {""}
    known = sight.reasons[company_id]
    categories = [sight.goods(line)[0] for line in lines if line["sku_id"] in sight.skus]
    orders = [sight.orders[line["order_id"]] for line in lines if line["order_id"] in sight.orders]
    return Asked(
        # What nobody sold has no price yet, so an amount that leaves it out says too little.
        amount_minor=amount if len(orders) == len(lines) else None,
        same_currency=currency == sight.currencies.get(company_id),
        answer=str(verdict.get("answer", "allow")),
        override="override" in verdict,
        reasons=frozenset(reasons),
        faults=frozenset(known[code].fault for code in reasons if code in known),
        categories=frozenset(categories),
        tiers=frozenset(order.customer_tier for order in orders),
        resolutions=frozenset(line["resolution"] for line in lines),
    )


def freeze(flow: FlowInfo | None, header: dict[str, Any], flows: dict[UUID, FlowInfo], context: Context) -> list[Timer]:
    """The return goes through the flow from its first stage on, whose clock this is; history asks nobody."""
    if flow is None or context.origin != Origin.LIVE:
        return []
    header["stage"], flows[header["id"]] = 1, flow
    return stage_timer(flow, context.now)
