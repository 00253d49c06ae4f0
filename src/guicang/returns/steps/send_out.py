"""Send goods to the buyer: his own, which were turned down, or the same goods once more from stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from guicang.inventory import operations as inventory
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome, Refusal
from guicang.logistics import operations as logistics
from guicang.logistics.operations import ParcelFacts
from guicang.org import queries as org
from guicang.returns import errors
from guicang.returns.lifecycle import Type, to_send
from guicang.returns.models import ReturnLine
from guicang.returns.operations import claims, docket, repairs
from guicang.returns.operations.docket import Case
from guicang.returns.operations.outgoing import Leaving, move_out, sent_again, take_from_stock
from guicang.returns.operations.repairs import Shop
from guicang.sales import operations as sales
from guicang.sales.models import ShipmentLine


@dataclass(frozen=True, slots=True)
class SendingOut:
    """`units` by line; none: all that has to go. `carrier`: who takes it, or that the buyer did."""

    return_id: UUID
    carrier: str = ""
    tracking: str = ""
    units: Mapping[UUID, int] = field(default_factory=dict)
    occurred_at: datetime | None = None


@dataclass(slots=True)
class _Desk:
    context: Context
    shipped: Mapping[UUID, ShipmentLine]
    #: Units sent once more, by shipment line.
    again: dict[UUID, int]
    warehouses: Mapping[UUID, org.WarehouseInfo]
    repairs: Shop


def send_out(
    *,
    sendings: Sequence[SendingOut],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Send goods to buyers; data["parcel"] is the parcel's id. About 36 statements a thousand,
    50 with goods from stock.

    Locks orders, shipment lines, returns, levels, parcels, pools, books (share), audit heads. Goods sent once more
    leave at the average and never pass what was sold; a buyer's own leave without any value.
    """
    return docket.in_chunks(
        sendings, _send_out, "send_out", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _send_out(chunk: Sequence[SendingOut], context: Context) -> list[Outcome]:
    wanted = [item.return_id for item in chunk]
    shipped = sales.lock_shipment_lines(claims.hold_orders(wanted))
    cases = docket.load(wanted)
    houses = {case.header.warehouse_id for case in cases.values()} - {NIL}
    again = sent_again([line for case in cases.values() for line in case.lines])
    desk = _Desk(context, shipped, again, org.warehouses(houses), repairs.load(cases.values()))
    outcomes: list[Outcome] = []
    leaving: dict[int, list[Leaving]] = {}
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "send_out", context.actor)
        if case is not None and not refusals:
            units = dict(item.units) or {line.id: to_send(line) for line in case.lines if to_send(line)}
            refusals = _refusals(case, item, units, desk)
            if not refusals:
                leaving[index] = _leave(case, item, units, desk)
        outcomes.append(docket.outcome(index, case, refusals))
    # Parcels come before goods in the order of locks; those that nothing leaves with are taken out again.
    parcels = dict(
        zip(
            leaving,
            logistics.register_parcels(context, [_parcel(several[0], chunk[i]) for i, several in leaving.items()]),
            strict=True,
        )
    )
    short = take_from_stock([one for several in leaving.values() for one in several])
    for index, several in list(leaving.items()):
        if missing := [refusal for one in several for refusal in short.get(one.line.id, ())]:
            outcomes[index].refusals.extend(missing)
            # What was laid aside for its other lines is free again.
            inventory.release({one.line.id for one in several})
            del leaving[index]
    logistics.forget_parcels(each for index, each in parcels.items() if index not in leaving)
    for index, several in leaving.items():
        parcel = parcels[index].id
        _apply(cases[chunk[index].return_id], several, parcel or NIL, chunk[index])
        outcomes[index].data = {"parcel": parcel}
    places = inventory.places(houses) if leaving else {}
    move_out(context, [one for several in leaving.values() for one in several], places)
    docket.store(context, [case for case in cases.values() if case.touched], "send_out")
    return outcomes


def _refusals(case: Case, item: SendingOut, units: Mapping[UUID, int], desk: _Desk) -> list[Refusal]:
    refusals = logistics.refusals(ParcelFacts(case.header.company_id, carrier=item.carrier, tracking=item.tracking))
    if not item.carrier.strip():
        refusals.append(errors.CarrierMissing())
    if not units:
        refusals.append(errors.NothingToSend())
    for line_id, count in units.items():
        line = case.line(line_id)
        if line is None:
            refusals.append(errors.LineNotFound())
        elif not 1 <= count <= to_send(line):
            refusals.append(errors.BadQuantity(quantity=count, most=to_send(line)))
        elif waiting := repairs.sending_refusals(case, line, desk.repairs):
            refusals += waiting
        elif line.resolution == Type.RESHIP and (left := _left(line, desk)) < count:
            refusals.append(errors.SentTwice(left=left))
    return refusals


def _left(line: ReturnLine, desk: _Desk) -> int:
    """How much of what was sold nobody got a second time yet."""
    row = desk.shipped.get(line.shipment_line_id)
    return row.shipped - desk.again.get(row.id, 0) if row else 0


def _leave(case: Case, item: SendingOut, units: Mapping[UUID, int], desk: _Desk) -> list[Leaving]:
    at = item.occurred_at or desk.context.now
    owned = desk.warehouses[case.header.warehouse_id].goods_at(at)
    found = []
    for line in case.lines:
        if count := units.get(line.id, 0):
            found.append(Leaving(case.header, line, count, at, owned))
            if line.resolution == Type.RESHIP:
                desk.again[line.shipment_line_id] = desk.again.get(line.shipment_line_id, 0) + count
    return found


def _parcel(first: Leaving, item: SendingOut) -> ParcelFacts:
    header = first.header
    return ParcelFacts(
        company_id=header.company_id,
        warehouse_id=header.warehouse_id,
        carrier=item.carrier,
        tracking=item.tracking,
        return_id=header.id,
        order_id=first.line.order_id,
        sent_at=first.at,
        inbound=False,
    )


def _apply(case: Case, several: Sequence[Leaving], parcel_id: UUID, item: SendingOut) -> None:
    for one in several:
        one.parcel_id = parcel_id
        one.line.sent += one.quantity
    case.touched, case.occurred_at, case.notice = True, item.occurred_at, "return_sent_out"
    case.tells = {"carrier": " ".join(item.carrier.split())}
    if item.tracking.strip():
        case.tells["tracking"] = "".join(item.tracking.split()).upper()
    case.notes = {"parcels": [str(parcel_id)]}
