"""The verdict on a request: what the policy of each line's order says, and whether that refuses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Refusal
from guicang.policy import rules as policy
from guicang.returns import errors
from guicang.returns.lifecycle import LineKind
from guicang.returns.operations.asking import Request
from guicang.returns.operations.sight import Sight


def judge(
    item: Request, lines: Sequence[Mapping[str, Any]], sight: Sight, context: Context
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
                seller_fault=_said_faulty(line, item, sight),
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


def _returnable(line: Mapping[str, Any], sight: Sight) -> bool:
    sku = sight.skus.get(line["sku_id"])
    return sku is None or sku.returnable


def _confirmed(line: Mapping[str, Any], sight: Sight) -> bool:
    """The buyer's recorded confirmation, without which a kind of goods cannot be excluded (消法 25)."""
    head = sight.lines.get(line["order_line_id"])
    return head is not None and head.non_returnable_confirmed_at is not None


def _said_faulty(line: Mapping[str, Any], item: Request, sight: Sight) -> bool:
    """The buyer's reason is the seller's or the carrier's fault; False for a code that is not on the company's list."""
    reason = sight.reasons[sight.shops[item.shop_id].company_id].get(line["reason"])
    return reason is not None and reason.seller_pays
