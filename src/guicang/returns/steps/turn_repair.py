"""Goods cannot be repaired: they become ours, and the buyer gets his money or other goods, in one act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from guicang.accounting import operations as accounting
from guicang.inventory import operations as inventory
from guicang.inventory.models import UNINSPECTED
from guicang.inventory.queries import grades_of
from guicang.kernel import outbox, setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome, Refusal
from guicang.org import queries as org
from guicang.returns import errors
from guicang.returns.classing import Because
from guicang.returns.lifecycle import Disposition, Type
from guicang.returns.models import Inspection, Return, ReturnLine
from guicang.returns.operations import claims, docket, inputs, repairs
from guicang.returns.operations.docket import Case
from guicang.returns.operations.handover import goods_handed_over
from guicang.returns.operations.outgoing import gone_move
from guicang.returns.operations.repairs import Shop
from guicang.returns.operations.valuing import GRADES, PLACES, Parcelled, value_accepted
from guicang.returns.repairing import RepairState, may
from guicang.sales import operations as sales

TURNS = (Type.REFUND, Type.EXCHANGE)
#: What goods that nobody could repair can still be.
PLACED = (Disposition.SCRAP, Disposition.REFURBISH, Disposition.SECOND, Disposition.SUPPLIER, Disposition.RESTOCK)


@dataclass(frozen=True, slots=True)
class Turning:
    """`to`: refund or exchange (for the same item); `disposition`, `grade`: what becomes of the goods."""

    return_id: UUID
    reason: str
    to: str = Type.REFUND
    disposition: str = Disposition.SCRAP
    grade: str = ""


@dataclass(slots=True)
class _Taken:
    """Units of an inspection that become ours."""

    first: Inspection
    part: Parcelled


def turn_repair(
    *,
    turnings: Sequence[Turning],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Give repairs up. About 45 statements a thousand.

    Locks orders, shipment lines, returns, levels, pools, books (share), audit heads. From now on the return is one for
    money or for other goods: they enter stock at the cost at which they were issued, written down by grade.
    """
    return docket.in_chunks(
        turnings, _turn, "turn_repair", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _turn(chunk: Sequence[Turning], context: Context) -> list[Outcome]:
    wanted = [item.return_id for item in chunk]
    shipped = sales.lock_shipment_lines(claims.hold_orders(wanted))
    cases = docket.load(wanted)
    shop = repairs.load(cases.values())
    grades = grades_of({case.header.company_id for case in cases.values()})
    houses = org.warehouses({case.header.warehouse_id for case in cases.values()} - {NIL})
    looked = _inspections(cases.values())
    outcomes: list[Outcome] = []
    taken: list[_Taken] = []
    for index, item in enumerate(chunk):
        case = cases.get(item.return_id)
        refusals = docket.check(case, "turn_repair", context.actor)
        if case is not None and not refusals:
            refusals = _refusals(case, item, shop, grades[case.header.company_id])
        if case is not None and not refusals:
            owned = houses[case.header.warehouse_id].goods_at(context.now)
            taken += [_take(case, line, first, item, owned, context) for line, first in looked.get(item.return_id, ())]
            _change(case, item, shop, context)
        outcomes.append(docket.outcome(index, case, refusals))
    changed = [case for case in cases.values() if case.touched]
    _move(context, taken)
    value_accepted(context, [one.part for one in taken], shipped)
    setwrites.insert(Inspection, [_row(one, context) for one in taken])
    shop.write()
    _write(changed)
    docket.store(context, changed, "turn_repair")
    return outcomes


def _inspections(cases: Any) -> dict[UUID, list[tuple[ReturnLine, Inspection]]]:
    """What was accepted for repair, by return; 1 statement a thousand."""
    lines = {line.id: (case, line) for case in cases for line in case.lines if line.resolution == Type.REPAIR}
    found: dict[UUID, list[tuple[ReturnLine, Inspection]]] = {}
    for batch in setwrites.chunks(sorted(lines)):
        for row in Inspection.objects.filter(line_id__among=batch, disposition=str(Disposition.REPAIR)).order_by("id"):
            case, line = lines[row.line_id]
            found.setdefault(case.header.id, []).append((line, row))
    return found


def _refusals(case: Case, item: Turning, shop: Shop, grades: set[str]) -> list[Refusal]:
    if not may("turn_repair", shop.of(case), case.lines):
        return [errors.NotNow()]
    refusals: list[Refusal] = inputs.reason(item.reason)
    if item.to not in TURNS:
        refusals.append(errors.BadChoice(column="to", value=item.to))
    if item.disposition not in PLACED:
        refusals.append(errors.BadChoice(column="disposition", value=item.disposition))
    if item.grade and item.grade not in grades:
        refusals.append(errors.BadChoice(column="grade", value=item.grade))
    return refusals


def _take(case: Case, line: ReturnLine, first: Inspection, item: Turning, owned: bool, context: Context) -> _Taken:
    return _Taken(
        first,
        Parcelled(
            header=case.header,
            line=line,
            quantity=first.quantity,
            accepted=True,
            disposition=item.disposition,
            grade=item.grade or GRADES[Disposition(item.disposition)],
            worth_minor=None,
            at=context.now,
            owned=owned,
        ),
    )


def _change(case: Case, item: Turning, shop: Shop, context: Context) -> None:
    case.notes = {"type_before": case.header.type, "type": str(item.to)}
    for line in case.lines:
        if line.resolution == Type.REPAIR:
            line.resolution = str(item.to)
    case.header.type = str(item.to)
    shop.end(case, RepairState.GIVEN_UP, context.now, context)
    case.touched, case.reason, case.notice = True, item.reason, "repair_given_up"


def _write(changed: Sequence[Case]) -> None:
    """2 statements a thousand."""
    headers = [{"id": c.header.id, "type": c.header.type, "type_because": str(Because.STAFF)} for c in changed]
    setwrites.update(Return, headers, assign=["type", "type_because"])
    lines = [{"id": line.id, "resolution": line.resolution} for case in changed for line in case.lines]
    setwrites.update(ReturnLine, lines, assign=["resolution"])


def _move(context: Context, taken: Sequence[_Taken]) -> None:
    """The buyer's goods leave the place for such goods, and ours come in."""
    parts = [one.part for one in taken]
    days = (
        accounting.book_dates([part.header.company_id for part in parts], [part.at for part in parts]) if parts else []
    )
    places = inventory.places({part.header.warehouse_id for part in parts}) if parts else {}
    moves = []
    for one, day in zip(taken, days, strict=True):
        part = one.part
        part.day, part.place = day, places[part.header.warehouse_id][_destination(part)]
        moves.append(gone_move(part.header, part.line, part.quantity, places, part.at, day))
        moves.append(_into(one, places))
    inventory.move(context, moves)
    if context.origin == Origin.LIVE:
        to_erp = [part for part in parts if _destination(part) == "erp"]
        outbox.queue(context, [goods_handed_over(p.header, p.line, p.quantity, p.grade, p.move_id) for p in to_erp])


def _destination(part: Parcelled) -> Any:
    """Sellable goods of a mirrored warehouse belong to the ERP."""
    place = PLACES[Disposition(part.disposition)]
    return "erp" if place == "sellable" and not part.owned else place


def _into(one: _Taken, places: Mapping[UUID, Any]) -> inventory.Move:
    part = one.part
    line, header = part.line, part.header
    return inventory.Move(
        company_id=header.company_id,
        owner_id=header.company_id,
        sku_id=line.sku_id,
        quantity=part.quantity,
        from_location_id=places[header.warehouse_id]["customer"],
        from_grade=UNINSPECTED,
        to_location_id=part.place,
        to_grade=part.grade,
        event="redisposition",
        source_kind="return_line",
        source_id=line.id,
        occurred_at=part.at,
        book_date=part.day or date.min,
        lot=line.lot,
        serial=line.serial,
        weight_g=part.quantity * line.unit_weight_g,
        reverses_id=one.first.move_id,
        id=part.move_id,
    )


def _row(one: _Taken, context: Context) -> dict[str, Any]:
    """The new inspection row; `reverses_id` says which it takes the place of."""
    part = one.part
    return {
        "id": new_id(),
        "line_id": part.line.id,
        "quantity": part.quantity,
        "accepted": True,
        "grade": part.grade,
        "disposition": str(part.disposition),
        "location_id": part.place,
        "move_id": part.move_id,
        "cost_minor": part.cost_minor,
        "worth_minor": part.kept_minor,
        "cost_source": part.cost_source,
        "reverses_id": one.first.id,
        "occurred_at": part.at,
        "book_date": part.day,
        **context.stamps,
    }
