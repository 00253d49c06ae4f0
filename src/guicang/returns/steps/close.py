"""Close a settled return: from now on it never changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome, Refusal
from guicang.payments.errors import RefundUnpaid
from guicang.payments.rules import UNPAID
from guicang.returns import errors
from guicang.returns.lifecycle import WITHOUT_MONEY, in_bay, to_send
from guicang.returns.operations import claims, docket, ending, swaps
from guicang.returns.operations.docket import Case


@dataclass(frozen=True, slots=True)
class Closing:
    return_id: UUID
    occurred_at: datetime | None = None


def close(
    *, closings: Sequence[Closing], actor: Actor, now: datetime, origin: str = Origin.LIVE, all_or_nothing: bool = False
) -> list[Outcome]:
    """Close returns. About 18 statements a thousand; locks orders, shipment lines, returns, serials.

    What came back stays claimed (HARD-CASES 6: shipped 5, received 2, closed -> 3 left); what went to the buyer again
    does not, and serials are free to be sold and to come back again. Refused with units in the bay (NotClosable), with
    goods that are the buyer's (BuyersGoodsHere) or while a refund is not paid (RefundUnpaid).
    """
    return docket.in_chunks(
        closings, _close, "close", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _close(chunk: Sequence[Closing], context: Context) -> list[Outcome]:
    claims.lock_for(item.return_id for item in chunk)
    cases = docket.load(item.return_id for item in chunk)
    outcomes, closed = [], []
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals: list[Refusal] = docket.check(case, "close", context.actor)
        if case is not None and (units := sum(in_bay(line) for line in case.lines)):
            refusals.append(errors.NotClosable(in_bay=units))
        if case is not None and (units := sum(map(to_send, case.lines))):
            refusals.append(errors.BuyersGoodsHere(units=units))
        if case is not None and case.header.refund_state in UNPAID:
            refusals.append(RefundUnpaid())
        if case is not None and not refusals:
            ending.end(case, "closed", item.occurred_at or context.now, "")
            closed.append(case)
        outcomes.append(docket.outcome(index, case, refusals))
    _free(closed)
    claims.free_serials(closed)
    swaps.release(closed)
    docket.store(context, closed, "close")
    claims.label_orders(closed)
    return outcomes


def _free(closed: Sequence[Case]) -> None:
    """What went to the buyer, repaired or once more, is his as it was before: it can come back again."""
    releases = claims.Releases()
    for case in closed:
        for line in case.lines:
            if line.resolution in WITHOUT_MONEY:
                releases.release(line, line.sent)
    releases.write()
