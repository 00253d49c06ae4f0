"""What somebody keeps back or gives beyond the policy when a return is settled: an exception with its reason."""

from __future__ import annotations

from collections.abc import Sequence

from guicang.kernel.actor import Actor
from guicang.kernel.refusal import Refusal
from guicang.returns import errors
from guicang.returns.lifecycle import LineKind, Type
from guicang.returns.models import ReturnLine
from guicang.returns.operations import inputs

OVERRIDE = "returns.override"


def refusals(actor: Actor, reason: str, *, kept_back: bool, goodwill_minor: int) -> list[Refusal]:
    found: list[Refusal] = [errors.BadAmount(amount_minor=goodwill_minor)] if goodwill_minor < 0 else []
    if kept_back or goodwill_minor:
        found += inputs.reason(reason)
        found += [] if actor.may(OVERRIDE) else [errors.NotPermitted(permission=OVERRIDE)]
    return found


def goodwill(lines: Sequence[ReturnLine], beside: ReturnLine, amount_minor: int, reason: str) -> ReturnLine:
    """A line of money that is given beyond the policy, of the order of the goods that it is given for: an expense, no
    part of the price. It is none of `lines` yet.
    """
    return ReturnLine(
        parent=beside.parent,
        position=max(line.position for line in lines) + 1,
        kind=LineKind.MONEY,
        resolution=Type.MONEY_ONLY,
        order_id=beside.order_id,
        order_line_id=beside.order_line_id,
        sku_id=beside.sku_id,
        reason=reason,
        money_kind="compensation",
        requested=1,
        authorised=1,
        recorded_minor=amount_minor,
    )
