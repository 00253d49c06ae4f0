"""Receive goods: count what came, move it into the bay, and find a home for what nobody expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from guicang.accounting import operations as accounting
from guicang.catalog import operations as catalog
from guicang.inventory import operations as inventory
from guicang.inventory.models import UNINSPECTED
from guicang.kernel import setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context, KeyReused, input_hash
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.models import Origin
from guicang.kernel.money import split, target
from guicang.kernel.refusal import Outcome, Refusal
from guicang.logistics import operations as logistics
from guicang.returns import errors, queries
from guicang.returns.lifecycle import LineKind, awaited
from guicang.returns.models import Receipt, Return, ReturnLine
from guicang.returns.operations import docket, inputs, scoring
from guicang.returns.operations.comparing import hold_by_weight, other_lot, take_lot
from guicang.returns.operations.docket import Case
from guicang.returns.operations.followup import LATE_PARCEL, number, open_follow_up
from guicang.returns.risk import weight_off
from guicang.sales import operations as sales


@dataclass(frozen=True, slots=True)
class Arrived:
    """Units of a line that came; with `line_id` NIL units of a SKU that no line expects (wrong goods)."""

    line_id: UUID = NIL
    quantity: int = 0
    sku_id: UUID = NIL
    weight_g: int = 0
    #: What is printed on the goods; '' where nobody looked.
    lot: str = ""


@dataclass(frozen=True, slots=True)
class Receiving:
    """What one parcel or one message says arrived. The same `key` for the same return counts once.

    `weight_g`: what all of it weighs together, 0 where nobody weighed it; lines that say their own keep it.
    """

    return_id: UUID
    arrived: Sequence[Arrived]
    key: str = ""
    parcel_id: UUID = NIL
    warehouse_id: UUID = NIL
    occurred_at: datetime | None = None
    weight_g: int = 0


@dataclass(slots=True)
class _Desk:
    """The set while it is worked on: cases by id, units free on shipment lines, and what will be written."""

    context: Context
    cases: dict[UUID, Case]
    free: dict[UUID, int]
    waiting: list[tuple[UUID, UUID]]
    claims: dict[UUID, int] = field(default_factory=dict)
    opened: list[Case] = field(default_factory=list)
    counted: dict[tuple[UUID, int], tuple[ReturnLine, int, Receiving, int]] = field(default_factory=dict)
    serials: dict[tuple[UUID, str], UUID] = field(default_factory=dict)


#: What no open return takes: the line it was sent for, its SKU where it is none, units, weight in grams.
_Left = tuple[ReturnLine | None, UUID, int, int]


def receive(
    *,
    receipts: Sequence[Receiving],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Receive in sets; partial, several parcels, surplus and wrong goods each find their line.

    About 25 statements a thousand, 22 more where risk is on. Locks shipment lines, returns, levels, audit heads.
    A parcel for a return that is over goes to an open return of the same goods first; the rest opens a linked
    follow-up (HARD-CASES 6).
    """
    return docket.in_chunks(
        receipts, _receive, "receive", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _receive(chunk: Sequence[Receiving], context: Context) -> list[Outcome]:
    desk = _open(chunk, context)
    repeats = queries.known_receipts(_key(item) for item in chunk if item.key)
    outcomes: list[Outcome] = []
    for index, item in enumerate(chunk):
        case = desk.cases.get(item.return_id)
        if item.key and (known := repeats.get(_key(item))) is not None:
            same = known == _said(item)
            refusals: list[Refusal] = [] if same else [KeyReused(key=item.key)]
            outcomes.append(docket.outcome(index, case, refusals, {"repeat": True} if same else {}))
            continue
        refusals = _refusals(case, item, context)
        if case is not None and not refusals:
            weighed = _weighed(case, item)
            data = _late(case, weighed, desk) if _over(case) else _count_all(case, weighed, desk)
            data["weight_off"] = _off(case, weighed)
            if item.key:
                repeats[_key(item)] = _said(item)
            outcomes.append(docket.outcome(index, case, data=data))
        else:
            outcomes.append(docket.outcome(index, case, refusals))
    _write(desk)
    return outcomes


def _open(chunk: Sequence[Receiving], context: Context) -> _Desk:
    """Lock in the fixed order: shipment lines, then every return that may take some of the units."""
    wanted = [item.return_id for item in chunk]
    shipment_lines = {key for _, _, key in queries.sale_lines_of(wanted)} - {NIL}
    # Held first: whatever ends a return holds its shipment lines, so that nothing ends between look and lock.
    locked = sales.lock_shipment_lines(shipment_lines)
    over = queries.over(wanted)
    waiting = queries.waiting_for(shipment_lines) if over else []
    cases = docket.load([*wanted, *(key for _, key in waiting)], whole=over)
    return _Desk(context, cases, {key: row.shipped - row.claimed for key, row in locked.items()}, waiting)


def _weighed(case: Case, item: Receiving) -> Receiving:
    """The weight of the whole spread over the lines that say none of their own, by what they should weigh."""
    open_ = [place for place, arrived in enumerate(item.arrived) if not arrived.weight_g]
    left = item.weight_g - sum(arrived.weight_g for arrived in item.arrived)
    if not open_ or left <= 0:
        return item
    units = [item.arrived[place].quantity for place in open_]
    usual = [line.unit_weight_g if (line := case.line(item.arrived[place].line_id)) else 0 for place in open_]
    # Where the weight of one is not known, nobody can tell how much of it is the others'.
    weights = [n * each for n, each in zip(units, usual, strict=True)] if all(usual) else units
    arrived = list(item.arrived)
    for place, grams in zip(open_, split(left, weights), strict=True):
        arrived[place] = replace(arrived[place], weight_g=grams)
    return replace(item, arrived=arrived)


def _off(case: Case, item: Receiving) -> int:
    """By how many percent what was weighed differs from what it should weigh; 0 where that is not known."""
    expected = found = 0
    for arrived in item.arrived:
        line = case.line(arrived.line_id)
        if line is not None and line.unit_weight_g and arrived.weight_g:
            expected, found = expected + arrived.quantity * line.unit_weight_g, found + arrived.weight_g
    return weight_off(expected, found)


def _over(case: Case) -> bool:
    return bool(case.header.ending) or case.header.decision == "rejected"


def _refusals(case: Case | None, item: Receiving, context: Context) -> list[Refusal]:
    if case is None:
        return [errors.NotFound()]
    refusals: list[Refusal] = [] if _over(case) else docket.check(case, "receive", context.actor)
    if not item.arrived:
        refusals.append(errors.Nothing())
    if item.weight_g < 0 or (item.weight_g > 0 and item.weight_g < sum(arrived.weight_g for arrived in item.arrived)):
        refusals.append(errors.BadWeight(typed=item.weight_g))
    for arrived in item.arrived:
        refusals += _arrival_refusals(case, arrived)
        line = case.line(arrived.line_id)
        if line is not None and line.by_weight and not (arrived.weight_g or item.weight_g):
            refusals.append(errors.NotWeighed(position=line.position))
    if item.warehouse_id not in (NIL, case.header.warehouse_id) and any(line.received for line in case.lines):
        refusals.append(errors.OtherWarehouse())
    if case.header.warehouse_id == NIL and item.warehouse_id == NIL:
        refusals.append(errors.WarehouseMissing())
    return refusals


def _arrival_refusals(case: Case, arrived: Arrived) -> list[Refusal]:
    refusals: list[Refusal] = []
    line = case.line(arrived.line_id)
    if arrived.quantity < 1 or arrived.weight_g < 0:
        refusals.append(errors.BadQuantity(quantity=min(arrived.quantity, arrived.weight_g), most="-"))
    if arrived.line_id != NIL and (line is None or line.kind in (LineKind.KEEP, LineKind.UNSHIPPED, LineKind.MONEY)):
        refusals.append(errors.LineNotFound())
    refusals += inputs.too_long(ReturnLine, {"lot": arrived.lot})
    if arrived.line_id == NIL and arrived.sku_id == NIL:
        refusals.append(errors.LineNotFound())
    return refusals


def _count_all(case: Case, item: Receiving, desk: _Desk) -> dict[str, Any]:
    surplus = wrong = 0
    for arrived in item.arrived:
        line = case.line(arrived.line_id)
        if line is None or other_lot(line, arrived.lot):
            extra = _extra(case, LineKind.WRONG, None, line.sku_id if line else arrived.sku_id)
            extra.lot = arrived.lot
            _count(case, extra, arrived.quantity, item, desk, arrived.weight_g)
            wrong += arrived.quantity
            continue
        take_lot(case, line, arrived.lot)
        taken = min(arrived.quantity, awaited(line)) if line.kind not in (LineKind.SURPLUS, LineKind.WRONG) else 0
        weights = split(arrived.weight_g, [taken, arrived.quantity - taken])
        _count(case, line, taken, item, desk, weights[0])
        hold_by_weight(case, line, taken, weights[0])
        if arrived.quantity > taken:
            surplus += arrived.quantity - taken
            extra = _extra(case, LineKind.SURPLUS, line, line.sku_id)
            _count(case, extra, arrived.quantity - taken, item, desk, weights[1])
    return {"surplus": surplus, "wrong": wrong}


def _late(case: Case, item: Receiving, desk: _Desk) -> dict[str, Any]:
    """Offer the units to open returns of the same goods; what none takes opens a follow-up."""
    taken_by: dict[UUID, int] = {}
    left: list[_Left] = []
    for arrived in item.arrived:
        line, units, weight_g = case.line(arrived.line_id), arrived.quantity, arrived.weight_g
        for other, candidate in _takers(case, line, item, desk):
            fits = min(units, awaited(candidate))
            if fits:
                own = target(weight_g, fits, units)
                _count(other, candidate, fits, item, desk, own)
                hold_by_weight(other, candidate, fits, own)
                taken_by[other.header.id] = taken_by.get(other.header.id, 0) + fits
                units, weight_g = units - fits, weight_g - own
        if units:
            left.append((line, arrived.sku_id, units, weight_g))
    data: dict[str, Any] = {"taken_by": {str(key): units for key, units in taken_by.items()}}
    if left:
        data["follow_up"] = str(_follow_up(case, item, left, desk).header.id)
    return data


def _takers(case: Case, line: ReturnLine | None, item: Receiving, desk: _Desk) -> list[tuple[Case, ReturnLine]]:
    """Lines of open returns that await the same units and whose goods, if any came, lie in the same warehouse."""
    if line is None:
        return []
    came_to = item.warehouse_id if item.warehouse_id != NIL else case.header.warehouse_id
    found = []
    for other in [
        desk.cases[key] for shipment_line_id, key in desk.waiting if shipment_line_id == line.shipment_line_id
    ]:
        elsewhere = other.header.warehouse_id != came_to and any(each.received for each in other.lines)
        if not _over(other) and not elsewhere:
            found += [(other, each) for each in other.lines if each.shipment_line_id == line.shipment_line_id]
    return found


def _follow_up(case: Case, item: Receiving, left: Sequence[_Left], desk: _Desk) -> Case:
    """A linked return for a late parcel: it claims what is free, the rest is surplus."""
    opened = open_follow_up(case.header, LATE_PARCEL, desk.context, item.occurred_at or desk.context.now)
    opened.header.warehouse_id = item.warehouse_id if item.warehouse_id != NIL else case.header.warehouse_id
    desk.opened.append(opened)
    for line, sku_id, units, weight_g in left:
        if line is None:
            _count(opened, _extra(opened, LineKind.WRONG, None, sku_id), units, item, desk, weight_g)
            continue
        claimed = min(units, desk.free.get(line.shipment_line_id, 0))
        weights = split(weight_g, [claimed, units - claimed])
        if claimed:
            desk.free[line.shipment_line_id] -= claimed
            desk.claims[line.shipment_line_id] = desk.claims.get(line.shipment_line_id, 0) + claimed
            taken = _extra(opened, LineKind.GOODS, line, line.sku_id)
            taken.requested = taken.authorised = taken.expected = taken.claimed = claimed
            if line.serial:
                # The item that was sold: what lies in the box is compared with it, and no other return may ask for it.
                taken.serial, desk.serials[line.sku_id, line.serial] = line.serial, taken.id
            _count(opened, taken, claimed, item, desk, weights[0])
            hold_by_weight(opened, taken, claimed, weights[0])
        if units > claimed:
            _count(opened, _extra(opened, LineKind.SURPLUS, line, line.sku_id), units - claimed, item, desk, weights[1])
    return opened


def _extra(case: Case, kind: LineKind, like: ReturnLine | None, sku_id: UUID) -> ReturnLine:
    """The line for goods beyond what was expected; a surplus of one line gathers on one line."""
    if kind == LineKind.SURPLUS and like is not None:
        for line in case.lines:
            if line.kind == kind and line.shipment_line_id == like.shipment_line_id and line.sku_id == sku_id:
                return line
    copied = (
        *("order_id", "order_line_id", "shipment_line_id", "lot", "reason", "resolution"),
        *("unit_weight_g", "by_weight"),
    )
    columns = {name: getattr(like, name) for name in copied} if like else {"resolution": case.header.type}
    return case.add_line(kind=str(kind), sku_id=sku_id, **columns)


def _count(case: Case, line: ReturnLine, units: int, item: Receiving, desk: _Desk, weight_g: int) -> None:
    if not units:
        return
    line.received += units
    case.touched, case.occurred_at, case.notice = True, item.occurred_at, "return_received"
    case.header.under_way = any(awaited(each) for each in case.lines) and case.header.under_way
    case.header.received_at = case.header.received_at or item.occurred_at or desk.context.now
    if item.warehouse_id != NIL and not any(each.received for each in case.lines if each is not line):
        case.header.warehouse_id = item.warehouse_id
    weight_g = weight_g or units * line.unit_weight_g
    # A message may name a line twice (two boxes of one kind): one receipt a line and message.
    place = (line.id, id(item))
    _, before, _, grams = desk.counted.get(place, (line, 0, item, 0))
    desk.counted[place] = (line, before + units, item, grams + weight_g)


#: A longer key of the sender's is kept by its hash.
LONGEST_KEY = 80


def _key(item: Receiving) -> str:
    key = item.key if len(item.key) <= LONGEST_KEY else input_hash(item.key)
    return f"{item.return_id.hex}:{key}"


def _said(item: Receiving) -> str:
    said = [[one.line_id, one.sku_id, one.quantity, *([one.lot] if one.lot else [])] for one in item.arrived]
    return input_hash(said)


def _write(desk: _Desk) -> None:
    context, counted = desk.context, list(desk.counted.values())
    touched = [case for case in (*desk.cases.values(), *desk.opened) if case.touched]
    companies = {line.id: case.header for case in touched for line in case.lines}
    places = inventory.places({header.warehouse_id for header in companies.values()} - {NIL})
    instants = [item.occurred_at or context.now for _, _, item, _ in counted]
    days = accounting.book_dates([companies[line.id].company_id for line, *_ in counted], instants) if instants else []
    moves: list[inventory.Move] = []
    rows: list[dict[str, Any]] = []
    for (line, units, item, weight_g), at, day in zip(counted, instants, days, strict=True):
        moves.append(_move(companies[line.id], line, units, weight_g, places, at, day))
        rows.append(
            {
                "id": new_id(),
                "line_id": line.id,
                "parcel_id": item.parcel_id,
                "quantity": units,
                "weight_g": weight_g,
                "receipt_key": _key(item) if item.key else new_id().hex,
                "input_hash": _said(item),
                "move_id": moves[-1].id,
                "occurred_at": at,
                "book_date": day,
                **context.stamps,
            }
        )
    sales.claim(desk.claims)
    logistics.arrive_parcels(
        context,
        {item.parcel_id: item.occurred_at or context.now for _, _, item, _ in counted if item.parcel_id != NIL},
    )
    if desk.serials:
        catalog.hold_serials(desk.serials)
    inventory.move(context, moves)
    number(desk.opened)
    setwrites.insert(Return, [docket.header_row(case.header) for case in desk.opened])
    docket.store(context, touched, "receive")
    setwrites.insert(Receipt, rows)
    scoring.score_again(touched, "receipt", context)


def _move(
    header: Return, line: ReturnLine, units: int, weight_g: int, places: Any, at: datetime, day: Any
) -> inventory.Move:
    place = places[header.warehouse_id]
    return inventory.Move(
        company_id=header.company_id,
        owner_id=header.company_id,
        sku_id=line.sku_id,
        quantity=units,
        from_location_id=place["customer"],
        from_grade=UNINSPECTED,
        to_location_id=place["bay"],
        to_grade=UNINSPECTED,
        event="receipt",
        source_kind="return_line",
        source_id=line.id,
        occurred_at=at,
        book_date=day,
        lot=line.lot,
        serial=line.serial,
        weight_g=weight_g,
    )
