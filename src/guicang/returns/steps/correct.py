"""Correct a settlement in one act: take it back and settle again, the same two steps as by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from guicang.audit.operations import together
from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Outcome, Refusal, Refused
from guicang.returns import errors, queries
from guicang.returns.models import Settlement as Row
from guicang.returns.operations import docket
from guicang.returns.steps.reverse_settlement import Reversal, reverse_settlement
from guicang.returns.steps.settle import Settlement, settle
from guicang.sales import operations as sales

#: What it takes: whoever may not do both does none.
COMMANDS = ("reverse_settlement", "settle")


@dataclass(frozen=True, slots=True)
class Correction:
    """`reason`: what was wrong. `instead`: what is settled then, of the return of the wrong settlement."""

    settlement_id: UUID
    reason: str
    instead: Settlement


@dataclass(frozen=True, slots=True)
class Tried:
    """What a correction would come to: the reversal and the new settlements, or why it would be refused."""

    refusals: Sequence[Refusal]
    rows: Sequence[Row] = ()

    @property
    def difference_minor(self) -> int:
        """What is paid besides what was paid; below zero it is collected."""
        return sum(row.cash_minor for row in self.rows)


def correct(item: Correction, *, key: str, actor: Actor, now: datetime) -> Outcome:
    """Both or neither, once for a `key`; the outcome's id is the return's. About 80 statements."""

    def act() -> dict[str, Any]:
        return {"settlements": list(map(str, _both(item, actor, now)))}

    return_id = _return_of(item)
    try:
        for command in COMMANDS:
            docket.permit(actor, command)
        payload = {"settlement": str(item.settlement_id), "said": repr(item)}
        reply = commands.once("returns.correct", key, payload, actor=actor, now=now, act=act)
    except Refused as found:
        return Outcome(0, return_id, list(found.refusals))
    return Outcome(0, return_id, data=dict(reply))


class _Enough(Exception):
    """Ends the trial and takes all that it wrote along."""


def try_correction(item: Correction, actor: Actor, now: datetime) -> Tried:
    """Does it, looks at what became of it, and undoes all of it: the steps' own path, refusals included."""
    rows: list[Row] = []
    try:
        for command in COMMANDS:
            docket.permit(actor, command)
        with transaction.atomic():
            made = _both(item, actor, now)
            rows = list(Row.objects.filter(id__among=made).order_by("id"))
            raise _Enough
    except _Enough:
        return Tried((), rows)
    except Refused as found:
        return Tried(found.refusals)


def _return_of(item: Correction) -> UUID:
    return queries.parents_of_settlements([item.settlement_id]).get(item.settlement_id, NIL)


def _both(item: Correction, actor: Actor, now: datetime) -> list[UUID]:
    """The ids of the reversal and of the new settlements. Raises Refused."""
    return_id = _return_of(item)
    if return_id == NIL:
        raise Refused([errors.NotFound()])
    one: dict[str, Any] = {"actor": actor, "now": now, "all_or_nothing": True}
    with together():
        # All orders before anything of theirs: the second step may need others than the first.
        sales.hold_orders({order for _, order, _ in queries.sale_lines_of([return_id])} - {NIL})
        taken = reverse_settlement(reversals=[Reversal(item.settlement_id, item.reason)], **one)[0]
        instead = replace(item.instead, return_id=return_id, reason=item.instead.reason or item.reason)
        settled = settle(settlements=[instead], **one)[0]
    return [*taken.data["settlements"], *settled.data["settlements"]]
