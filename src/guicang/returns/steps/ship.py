"""Record that goods are on their way back: one parcel or several a return."""

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
from guicang.logistics import operations as logistics
from guicang.logistics.operations import ParcelFacts
from guicang.returns import errors
from guicang.returns.deadlines import Kind
from guicang.returns.lifecycle import awaited
from guicang.returns.operations import docket
from guicang.returns.operations.docket import Case


@dataclass(frozen=True, slots=True)
class Sending:
    """`sent_at` None: now. Without `tracking` each sending is a parcel of its own."""

    return_id: UUID
    carrier: str = ""
    tracking: str = ""
    sent_at: datetime | None = None
    weight_g: int = 0


def ship(
    *,
    shipments: Sequence[Sending],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Register the parcels of returns; data["parcel"] is the parcel's id, data["known"] True where it was known.

    About 13 statements a thousand; locks returns, parcels. The same carrier and number again is the same parcel
    and changes nothing. From now on the clock does not expire the return.
    """
    return docket.in_chunks(
        shipments, _ship, "ship", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _ship(chunk: Sequence[Sending], context: Context) -> list[Outcome]:
    cases = docket.load(item.return_id for item in chunk)
    outcomes: list[Outcome] = []
    sent: list[tuple[int, Case, ParcelFacts]] = []
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "ship", context.actor)
        if case is not None and not refusals:
            parcel = _parcel(case, item, context)
            refusals = _refusals(case, parcel)
            if not refusals:
                sent.append((index, case, parcel))
        outcomes.append(docket.outcome(index, case, refusals))
    registered = logistics.register_parcels(context, [parcel for _, _, parcel in sent])
    for (index, case, parcel), done in zip(sent, registered, strict=True):
        outcomes[index].data = {"parcel": done.id, "known": done.data["known"]}
        if done.data["known"] and (case.header.under_way or done.data["state"] != "in_transit"):
            continue
        case.header.under_way = case.touched = True
        if not parcel.tracking:
            case.stopped.add(Kind.POSTED)  # nothing proves that it was sent
        elif not any(clock.kind == Kind.POSTED for clock in case.clocks):
            case.ran -= {Kind.POSTED}
        case.occurred_at = parcel.sent_at
        case.notes.setdefault("parcels", []).append(str(done.id))
    docket.store(context, [case for case in cases.values() if case.touched], "ship")
    return outcomes


def _parcel(case: Case, item: Sending, context: Context) -> ParcelFacts:
    header = case.header
    return ParcelFacts(
        company_id=header.company_id,
        warehouse_id=header.warehouse_id,
        carrier=item.carrier,
        tracking=item.tracking,
        return_id=header.id,
        order_id=next((line.order_id for line in case.lines if line.order_id != NIL), NIL),
        sent_at=item.sent_at or context.now,
        weight_g=item.weight_g,
    )


def _refusals(case: Case, parcel: ParcelFacts) -> list[Refusal]:
    refusals = logistics.refusals(parcel)
    if parcel.weight_g < 0:
        refusals.append(errors.BadQuantity(quantity=parcel.weight_g, most="-"))
    if not any(awaited(line) for line in case.lines):
        refusals.append(errors.Nothing())
    return refusals
