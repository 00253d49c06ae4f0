"""Give up units that will not come: lost on the way, or never sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome, Refusal
from guicang.logistics import operations as logistics
from guicang.returns import errors, lifecycle
from guicang.returns.lifecycle import State, awaited, bound
from guicang.returns.operations import claims, docket, inputs
from guicang.returns.operations.docket import Case


@dataclass(frozen=True, slots=True)
class ShortClosing:
    """`lines`: units given up by line. `lost`: they were sent and did not arrive; else they were never sent."""

    return_id: UUID
    lines: Mapping[UUID, int]
    reason: str
    lost: bool = False
    occurred_at: datetime | None = None


def short_close(
    *,
    closings: Sequence[ShortClosing],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Wait for units no longer, and release their claims (HARD-CASES 6) but of those that were paid ahead.

    About 18 statements a thousand; locks orders, shipment lines, returns, parcels, serials. Once nothing is awaited no
    parcel counts as under way; where nothing came at all and the goods are lost, its parcels are lost too.
    """
    return docket.in_chunks(
        closings, _short_close, "short_close", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _short_close(chunk: Sequence[ShortClosing], context: Context) -> list[Outcome]:
    claims.lock_for(item.return_id for item in chunk)
    cases = docket.load(item.return_id for item in chunk)
    releases = claims.Releases()
    outcomes, given_up, lost = [], [], set()
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "short_close", context.actor)
        if case is None or refusals or (refusals := _refusals(case, item)):
            outcomes.append(docket.outcome(index, case, refusals))
            continue
        _give_up(case, item, releases, context)
        given_up.append(case)
        # Where something came, nobody knows which of its parcels is the lost one.
        if item.lost and not case.header.under_way and not any(line.received for line in case.lines):
            lost.add(case.header.id)
        outcomes.append(docket.outcome(index, case))
    logistics.lose_parcels(lost)
    releases.write()
    docket.store(context, given_up, "short_close")
    claims.label_orders(given_up)
    return outcomes


def _refusals(case: Case, item: ShortClosing) -> list[Refusal]:
    refusals = inputs.reason(item.reason)
    if not item.lines:
        refusals.append(errors.Nothing())
    for line_id, units in item.lines.items():
        line = case.line(line_id)
        if line is None:
            refusals.append(errors.LineNotFound())
        elif not 1 <= units <= awaited(line):
            refusals.append(errors.BadQuantity(quantity=units, most=awaited(line)))
    return refusals


def _give_up(case: Case, item: ShortClosing, releases: claims.Releases, context: Context) -> None:
    header, at = case.header, item.occurred_at or context.now
    for line in case.lines:
        units = item.lines.get(line.id, 0)
        if item.lost:
            line.lost += units
        else:
            line.short_closed += units
        if units:
            releases.release(line, min(units, line.claimed - bound(line)))
    if not any(awaited(line) for line in case.lines):
        header.under_way = False
    # Two closings of one return in a set: the second is checked against what the first left.
    header.state = str(lifecycle.state(header, case.lines))
    if header.state == State.SETTLED:
        header.settled_at = header.settled_at or at
    case.touched, case.reason, case.occurred_at = True, item.reason, item.occurred_at
