"""Cancel a return before anything comes back, and release what it claimed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome
from guicang.returns.operations import approvals, claims, docket, ending, inputs, talks


@dataclass(frozen=True, slots=True)
class Cancellation:
    """`reason`: a code; it goes to the trail, so no personal data."""

    return_id: UUID
    reason: str = ""
    occurred_at: datetime | None = None
    #: The clock that gives the command, if one does.
    clock_id: UUID = NIL


def cancel(
    *,
    cancellations: Sequence[Cancellation],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Cancel returns; a customer only their own. About 16 statements a thousand.

    Locks orders, shipment lines, returns, serials. Refused where the return cancelled units of the order
    (AlreadyCancelled) or paid money (MoneyPaid).
    """
    return docket.in_chunks(
        cancellations, _cancel, "cancel", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _cancel(chunk: Sequence[Cancellation], context: Context) -> list[Outcome]:
    claims.lock_for(item.return_id for item in chunk)
    cases = docket.load(item.return_id for item in chunk)
    outcomes, cancelled = [], []
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "cancel", context.actor, item.clock_id)
        if case is not None and not refusals:
            refusals = [*inputs.reason(item.reason, needed=False), *ending.irrevocable(case)]
        if case is not None and not refusals:
            if case.by is not None:
                case.notice = "return_unanswered"
            ending.end(case, "cancelled", item.occurred_at or context.now, item.reason)
            cancelled.append(case)
        outcomes.append(docket.outcome(index, case, refusals))
    claims.release_all(cancelled)
    talks.end(cancelled, context)
    approvals.skip(cancelled, context.now)
    docket.store(context, cancelled, "cancel")
    claims.label_orders(cancelled)
    return outcomes
