"""End returns whose goods, or whose answer, did not come in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome, Refusal
from guicang.logistics import queries as parcels
from guicang.returns import errors
from guicang.returns.lifecycle import awaited
from guicang.returns.operations import approvals, claims, docket, ending, talks
from guicang.returns.operations.docket import Case


@dataclass(frozen=True, slots=True)
class Expiry:
    return_id: UUID
    occurred_at: datetime | None = None
    #: The clock that gives the command, if one does.
    clock_id: UUID = NIL


def expire(
    *,
    expiries: Sequence[Expiry],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Expire returns that are due and release what they claimed.

    About 17 statements a thousand; locks orders, shipment lines, returns, serials. Deadlines are exclusive instants:
    at the stored one the return is due. Refused with a parcel under way, where nothing is awaited (money is
    due then, not goods), where money was paid or units of the order were cancelled.
    """
    return docket.in_chunks(
        expiries, _expire, "expire", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _expire(chunk: Sequence[Expiry], context: Context) -> list[Outcome]:
    claims.lock_for(item.return_id for item in chunk)
    cases = docket.load(item.return_id for item in chunk)
    under_way = parcels.under_way(cases)
    outcomes, expired = [], []
    for index, item in enumerate(chunk):
        case, at = cases.get(item.return_id), item.occurred_at or context.now
        refusals = docket.check(case, "expire", context.actor, item.clock_id)
        if case is not None and not refusals:
            refusals = _refusals(case, at, case.header.id in under_way)
        if case is not None and not refusals:
            case.notice = "return_unanswered" if case.header.decision == "info_needed" else "return_expired"
            ending.end(case, "expired", at, "")
            expired.append(case)
        outcomes.append(docket.outcome(index, case, refusals))
    claims.release_all(expired)
    talks.end(expired, context)
    approvals.skip(expired, context.now)
    docket.store(context, expired, "expire")
    claims.label_orders(expired)
    return outcomes


def _refusals(case: Case, at: datetime, parcel: bool) -> list[Refusal]:
    header = case.header
    refusals = ending.irrevocable(case)
    due = header.expires_at
    if header.decision != "info_needed" and not any(awaited(line) for line in case.lines):
        due = None
    if due is None or due > at:
        refusals.append(errors.NotDue(due=due.isoformat() if due else "-"))
    if header.under_way or parcel:
        refusals.append(errors.ParcelUnderWay())
    return refusals
