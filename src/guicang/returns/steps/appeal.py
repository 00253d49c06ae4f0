"""Appeal against a rejection, once: what the request claimed is taken anew, as far as it is still there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.catalog import operations as catalog
from guicang.catalog import queries as catalogue
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome, Refusal
from guicang.org import queries as org
from guicang.policy.rules import SILENT, deadline
from guicang.returns import errors
from guicang.returns.lifecycle import LineKind
from guicang.returns.models import ReturnLine
from guicang.returns.operations import approvals, claims, docket, inputs
from guicang.returns.operations.docket import Case
from guicang.sales import operations as sales

CLAIMING = (LineKind.GOODS, LineKind.KEEP)


@dataclass(frozen=True, slots=True)
class Appeal:
    """`reason`: a code for why; it goes to the trail, so no personal data."""

    return_id: UUID
    reason: str
    occurred_at: datetime | None = None


@dataclass(slots=True)
class _Desk:
    """`free`: units of shipment lines not yet claimed, counted down; `taken` and `held` are written at the end."""

    free: dict[UUID, int]
    serials: Mapping[tuple[UUID, str], catalogue.SerialInfo]
    taken: dict[UUID, int] = field(default_factory=dict)
    held: dict[tuple[UUID, str], UUID] = field(default_factory=dict)


def appeal(
    *, appeals: Sequence[Appeal], actor: Actor, now: datetime, origin: str = Origin.LIVE, all_or_nothing: bool = False
) -> list[Outcome]:
    """Ask for another decision, by all stages of its approval anew. About 22 statements a thousand.

    Locks orders, shipment lines, returns, serials.

    Refused where the return was appealed before (AppealUsed) or the policy's time for it has run out
    (AppealTooLate, never on history), where the units were claimed by others
    meanwhile (OverReturn), and where a serial was sold again or is in another return (HARD-CASES 18).
    """
    return docket.in_chunks(
        appeals, _appeal, "appeal", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _appeal(chunk: Sequence[Appeal], context: Context) -> list[Outcome]:
    wanted = [item.return_id for item in chunk]
    locked = sales.lock_shipment_lines(claims.hold_orders(wanted))
    cases = docket.load(wanted, whole=True)
    windows = _windows(cases.values())
    numbers = {(line.sku_id, line.serial) for case in cases.values() for line in case.lines if line.serial}
    desk = _Desk(
        {key: row.shipped - row.claimed for key, row in locked.items()},
        catalogue.serials(numbers, lock=True) if numbers else {},
    )
    outcomes, appealed = [], []
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "appeal", context.actor)
        refusals += inputs.reason(item.reason)
        if case is not None and not refusals:
            at = item.occurred_at or context.now
            refusals = _refusals(case, desk, at, windows if context.origin == Origin.LIVE else {})
        if case is not None and not refusals:
            _take(case, desk)
            case.header.appeals += 1
            case.header.decision, case.header.state = "pending", "requested"
            case.header.decided_at = case.header.expires_at = None
            case.header.decided_by = ""
            case.touched, case.reason, case.occurred_at = True, item.reason, item.occurred_at
            appealed.append(case)
        outcomes.append(docket.outcome(index, case, refusals))
    sales.claim(desk.taken)
    if desk.held:
        catalog.hold_serials(desk.held)
    approvals.reopen(appealed, context.now)
    docket.store(context, appealed, "appeal")
    claims.label_orders(appealed)
    return outcomes


def _missing(line: ReturnLine) -> int:
    """Units the line asks for and does not hold."""
    return line.requested - line.claimed if line.kind in CLAIMING else 0


def _windows(cases: Collection[Case]) -> dict[UUID, datetime]:
    """Until when each return may be appealed: the policy's days, counted from the rejection. 1 statement."""
    headers = [case.header for case in cases]
    markets = org.markets({header.market_id for header in headers})
    return {
        header.id: deadline(header.decided_at, _days(header.verdict), markets[header.market_id].zone)
        for header in headers
        if header.decided_at is not None
    }


def _days(verdict: Mapping[str, Any]) -> int:
    """The days of the window that the verdict counted; the plain default's where none ran."""
    return int(next((reason["days"] for reason in verdict.get("reasons", ()) if "days" in reason), SILENT["days"]))


def _refusals(case: Case, desk: _Desk, at: datetime, windows: Mapping[UUID, datetime]) -> list[Refusal]:
    refusals: list[Refusal] = [errors.AppealUsed()] if case.header.appeals else []
    until = windows.get(case.header.id)
    if until is not None and at >= until:
        refusals.append(errors.AppealTooLate(until=until.isoformat()))
    wanted: dict[UUID, int] = {}
    for line in case.lines:
        if units := _missing(line):
            wanted[line.shipment_line_id] = wanted.get(line.shipment_line_id, 0) + units
            refusals += _serial_refusals(line, desk)
    for key, units in wanted.items():
        if units > desk.free.get(key, 0):
            refusals.append(errors.OverReturn(wanted=units, free=desk.free.get(key, 0)))
    return refusals


def _serial_refusals(line: ReturnLine, desk: _Desk) -> list[Refusal]:
    serial = desk.serials.get((line.sku_id, line.serial))
    if serial is None:
        return []
    if serial.latest_shipment_line_id not in (NIL, line.shipment_line_id):
        return [errors.SerialSoldAgain(serial=line.serial)]
    if serial.open_return_line_id not in (NIL, line.id) or (line.sku_id, line.serial) in desk.held:
        return [errors.SerialClaimed(serial=line.serial)]
    return []


def _take(case: Case, desk: _Desk) -> None:
    for line in case.lines:
        if units := _missing(line):
            desk.free[line.shipment_line_id] -= units
            desk.taken[line.shipment_line_id] = desk.taken.get(line.shipment_line_id, 0) + units
            line.claimed += units
            if line.serial:
                desk.held[line.sku_id, line.serial] = line.id
