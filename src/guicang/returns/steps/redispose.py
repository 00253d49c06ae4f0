"""Change where inspected goods went: an opposite entry at today's value and a new one, never an edit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from guicang.accounting import operations as accounting
from guicang.inventory import operations as inventory
from guicang.inventory.models import LocationKind
from guicang.inventory.queries import grades_of
from guicang.kernel import outbox, setwrites
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome, Refusal
from guicang.org import queries as org
from guicang.returns import errors, queries
from guicang.returns.lifecycle import Disposition
from guicang.returns.models import Inspection, ReturnLine
from guicang.returns.operations import docket, inputs
from guicang.returns.operations.docket import Case
from guicang.returns.operations.handover import goods_handed_over
from guicang.returns.operations.shelf import Shelf, shelf
from guicang.returns.operations.valuing import GRADES, PLACES

#: What left the house cannot be disposed again.
GONE = (Disposition.SCRAP, Disposition.REPAIR, Disposition.SEND_BACK)
#: Where nothing goes a second time.
NEVER = (Disposition.REPAIR, Disposition.SEND_BACK)


@dataclass(frozen=True, slots=True)
class Redisposition:
    """Give `quantity` units of an inspection another disposition. `worth_minor`: theirs together in the new grade."""

    inspection_id: UUID
    quantity: int
    disposition: str
    reason: str
    grade: str = ""
    worth_minor: int | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the set refers to, read once: warehouses, grades by company, places by warehouse."""

    warehouses: Mapping[UUID, org.WarehouseInfo]
    grades: Mapping[UUID, set[str]]
    places: Mapping[UUID, Mapping[LocationKind, UUID]]
    shelf: Shelf


@dataclass(slots=True)
class _Shift:
    """One change while the step works on it; amounts in book minor units."""

    index: int
    case: Case
    line: ReturnLine
    first: Inspection
    item: Redisposition
    grade: str
    at: datetime
    owned: bool
    day: date
    place: UUID
    move_id: UUID
    carried_minor: int = 0
    kept_minor: int = 0


def redispose(
    *,
    redispositions: Sequence[Redisposition],
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    all_or_nothing: bool = False,
) -> list[Outcome]:
    """Re-dispose in sets. About 34 statements a thousand; locks returns, levels, pools, books (share), audit heads.

    The units leave at the pool's present value; what that differs from their first entry by is listed as a
    valuation row of its own (HARD-CASES 13).
    """
    return docket.in_chunks(
        redispositions, _redispose, "redispose", actor=actor, now=now, origin=origin, all_or_nothing=all_or_nothing
    )


def _redispose(chunk: Sequence[Redisposition], context: Context) -> list[Outcome]:
    found = {row.id: row for row in setwrites.fetch(Inspection, [item.inspection_id for item in chunk])}
    parents = queries.parents_of_lines(row.line_id for row in found.values())
    cases = docket.load(parents.values())
    used = queries.redisposed_units(found)
    desk = _look(cases.values())
    outcomes: list[Outcome] = []
    wanted: list[_Shift] = []
    for index, item in enumerate(chunk):
        first = found.get(item.inspection_id)
        case = cases.get(parents[first.line_id]) if first else None
        refusals = docket.check(case, "redispose", context.actor)
        if first is not None and case is not None and not refusals:
            refusals = _refusals(item, first, used) + _misstated(item, case, first, desk)
            line = next(line for line in case.lines if line.id == first.line_id)
            refusals += desk.shelf.refusals(case, line, item.disposition, item.occurred_at or context.now)
            if not refusals:
                used[first.id] = used.get(first.id, 0) + item.quantity
                wanted.append(_shift(index, case, first, item, desk, context))
        outcomes.append(docket.outcome(index, case, refusals))
    _write(context, _still_here(wanted, outcomes))
    return outcomes


def _look(cases: Collection[Case]) -> _Desk:
    houses = {case.header.warehouse_id for case in cases} - {NIL}
    grades = grades_of({case.header.company_id for case in cases})
    return _Desk(org.warehouses(houses), grades, inventory.places(houses) if houses else {}, shelf(cases))


def _shift(index: int, case: Case, first: Inspection, item: Redisposition, desk: _Desk, context: Context) -> _Shift:
    at, house = item.occurred_at or context.now, case.header.warehouse_id
    owned = desk.warehouses[house].goods_at(at)
    place = PLACES[Disposition(item.disposition)]
    kind = LocationKind("erp" if place == "sellable" and not owned else place)
    line = next(line for line in case.lines if line.id == first.line_id)
    grade = item.grade or GRADES[Disposition(item.disposition)]
    return _Shift(index, case, line, first, item, grade, at, owned, at.date(), desk.places[house][kind], new_id())


def _still_here(wanted: Sequence[_Shift], outcomes: Sequence[Outcome]) -> list[_Shift]:
    """What is left of the units to be moved: some may have been sold since. Locks both ends of every move."""
    gone = inventory.shortages([_move(each) for each in wanted])
    for place in gone:
        outcomes[wanted[place].index].refusals.append(errors.NotRedisposable())
    kept = [each for place, each in enumerate(wanted) if place not in gone]
    for each in kept:
        case, item = each.case, each.item
        case.touched, case.reason, case.occurred_at = True, item.reason, item.occurred_at
    return kept


def _refusals(item: Redisposition, first: Inspection, used: dict[UUID, int]) -> list[Refusal]:
    refusals: list[Refusal] = []
    left = first.quantity - used.get(first.id, 0)
    refusals += inputs.reason(item.reason)
    if not first.accepted or first.disposition in GONE or item.disposition in NEVER:
        refusals.append(errors.NotRedisposable())
    elif item.disposition == first.disposition:
        refusals.append(errors.Nothing())
    if not 1 <= item.quantity <= left:
        refusals.append(errors.BadQuantity(quantity=item.quantity, most=left))
    return refusals


def _misstated(item: Redisposition, case: Case, first: Inspection, desk: _Desk) -> list[Refusal]:
    """What is wrong with the words and amounts, and whether the goods are an ERP's by now."""
    refusals = inputs.unknown("disposition", item.disposition, Disposition)
    if item.grade and item.grade not in desk.grades[case.header.company_id]:
        refusals.append(errors.BadChoice(column="grade", value=item.grade))
    if item.worth_minor is not None and item.worth_minor < 0:
        refusals.append(errors.BadAmount(amount_minor=item.worth_minor))
    if first.location_id == desk.places[case.header.warehouse_id][LocationKind.ERP]:
        refusals.append(errors.NotRedisposable())
    return refusals


def _write(context: Context, shifts: Sequence[_Shift]) -> None:
    days = (
        accounting.book_dates([each.case.header.company_id for each in shifts], [each.at for each in shifts])
        if shifts
        else []
    )
    for each, day in zip(shifts, days, strict=True):
        each.day = day
    inventory.move(context, [_move(each) for each in shifts])
    _revalue(context, [each for each in shifts if each.owned])
    setwrites.insert(Inspection, [row for each in shifts for row in _rows(each, context)])
    if context.origin == Origin.LIVE:
        outbox.queue(context, [_hand_over(each) for each in shifts if _to_erp(each)])
    docket.store(context, list({each.case.header.id: each.case for each in shifts}.values()), "redispose")


def _move(each: _Shift) -> inventory.Move:
    header, line = each.case.header, each.line
    return inventory.Move(
        company_id=header.company_id,
        owner_id=header.company_id,
        sku_id=line.sku_id,
        quantity=each.item.quantity,
        from_location_id=each.first.location_id,
        from_grade=each.first.grade,
        to_location_id=each.place,
        to_grade=each.grade,
        event="redisposition",
        source_kind="return_line",
        source_id=line.id,
        occurred_at=each.at,
        book_date=each.day,
        lot=line.lot,
        serial=line.serial,
        weight_g=each.item.quantity * line.unit_weight_g,
        reverses_id=each.first.move_id,
        id=each.move_id,
    )


def _to_erp(each: _Shift) -> bool:
    return not each.owned and each.item.disposition == Disposition.RESTOCK


def _hand_over(each: _Shift) -> outbox.Message:
    """The same words as those of an inspection: to the ERP it is goods that became sellable."""
    header, line = each.case.header, each.line
    return goods_handed_over(header, line, each.item.quantity, each.grade, each.move_id)


def _revalue(context: Context, shifts: Sequence[_Shift]) -> None:
    """Out of the old pool at its present value, into the new one at that value, then down to the new grade."""
    left = inventory.value(context, [_leaving(each) for each in shifts])
    for each, out in zip(shifts, left, strict=True):
        each.carried_minor = out.cost_minor - out.provision_minor
    entered = inventory.acceptance(context, [_entering(each) for each in shifts])
    postings = []
    companies = org.companies({each.case.header.company_id for each in shifts})
    for each, out, result in zip(shifts, left, entered, strict=True):
        each.kept_minor = result.worth_minor
        company = companies[each.case.header.company_id]
        if company.books_at(each.at) or company.books == "mirrored":
            postings.append(_posting(each, out, result, company.currency))
    accounting.post(context, postings)


def _leaving(each: _Shift) -> inventory.ValueChange:
    share = each.first.worth_minor * each.item.quantity // each.first.quantity
    return inventory.ValueChange(
        kind="leave",
        company_id=each.case.header.company_id,
        owner_id=each.case.header.company_id,
        sku_id=each.line.sku_id,
        grade=each.first.grade,
        source_kind="return_line",
        source_id=each.line.id,
        occurred_at=each.at,
        book_date=each.day,
        quantity=each.item.quantity,
        first_entry_minor=share,
        move_id=each.move_id,
    )


def _entering(each: _Shift) -> inventory.Acceptance:
    return inventory.Acceptance(
        company_id=each.case.header.company_id,
        owner_id=each.case.header.company_id,
        sku_id=each.line.sku_id,
        grade=each.grade,
        quantity=each.item.quantity,
        cost_minor=each.carried_minor,
        cost_source="redisposed",
        source_kind="return_line",
        source_id=each.line.id,
        occurred_at=each.at,
        book_date=each.day,
        worth_minor=each.item.worth_minor,
        scrap=each.item.disposition == Disposition.SCRAP,
        move_id=each.move_id,
    )


def _posting(
    each: _Shift, out: inventory.ValueResult, into: inventory.AcceptanceResult, currency: str
) -> accounting.Posting:
    leg, shop = accounting.Leg, each.case.header.shop_id
    loss = "scrap_loss" if each.item.disposition == Disposition.SCRAP else "write_down_loss"
    return accounting.Posting(
        company_id=each.case.header.company_id,
        event="redisposition",
        source_kind="return_line",
        source_id=each.line.id,
        occurred_at=each.at,
        currency=currency,
        legs=[
            leg("stock", into.cost_minor - into.write_down_minor - out.cost_minor, shop_id=shop),
            leg("stock_provision", out.provision_minor - into.provision_minor, shop_id=shop),
            leg(loss, into.loss_minor, shop_id=shop),
        ],
    )


def _rows(each: _Shift, context: Context) -> list[dict[str, Any]]:
    """The new inspection row; `reverses_id` says which units of which row it takes the place of."""
    return [
        {
            "id": new_id(),
            "line_id": each.line.id,
            "quantity": each.item.quantity,
            "accepted": True,
            "grade": each.grade,
            "disposition": str(each.item.disposition),
            "location_id": each.place,
            "move_id": each.move_id,
            "cost_minor": each.carried_minor,
            "worth_minor": each.kept_minor,
            "cost_source": "redisposed",
            "reverses_id": each.first.id,
            "occurred_at": each.at,
            "book_date": each.day,
            **context.stamps,
        }
    ]
