"""Goods that go to buyers: their own from where we keep them, and the same goods once more from stock.

A buyer's own goods stay his: a level of his in the place for such goods, without a value in our books.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Sum

from guicang.accounting import operations as accounting
from guicang.inventory import operations as inventory
from guicang.inventory.models import GRADE_A, UNINSPECTED, LocationKind
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.refusal import Refusal
from guicang.org import queries as org
from guicang.returns.lifecycle import Type
from guicang.returns.models import Outgoing, Return, ReturnLine

#: What moves of a buyer's own goods are caused by; those of goods sent once more.
KEPT, AGAIN = "kept_goods", "sent_again"
Places = Mapping[UUID, Mapping[LocationKind, UUID]]


@dataclass(slots=True)
class Leaving:
    """Units of a line that leave. `owned`: the goods in stock are ours; else an ERP sends them."""

    header: Return
    line: ReturnLine
    quantity: int
    at: datetime
    owned: bool
    parcel_id: UUID = NIL
    day: date = date.min
    moves: list[inventory.Move] = field(default_factory=list)
    #: What goods from stock cost, by move.
    costs: dict[UUID, int] = field(default_factory=dict)

    @property
    def stock(self) -> bool:
        return self.line.resolution == Type.RESHIP


def kept_move(header: Return, line: ReturnLine, units: int, places: Places, at: datetime, day: date) -> inventory.Move:
    """A buyer's own goods that lie in the house from now on: they are his, so no company's level counts them."""
    kinds = places[header.warehouse_id]
    way = (kinds[LocationKind.CUSTOMER], kinds[LocationKind.HELD])
    return _own(header, line, units, "kept_for_buyer", way, at, day)


def gone_move(header: Return, line: ReturnLine, units: int, places: Places, at: datetime, day: date) -> inventory.Move:
    """They lie here no more."""
    kinds = places[header.warehouse_id]
    way = (kinds[LocationKind.HELD], kinds[LocationKind.CUSTOMER])
    return _own(header, line, units, "sent_back", way, at, day)


def _own(
    header: Return, line: ReturnLine, units: int, event: str, way: tuple[UUID, UUID], at: datetime, day: date
) -> inventory.Move:
    return inventory.Move(
        company_id=header.company_id,
        owner_id=header.customer_id,
        sku_id=line.sku_id,
        quantity=units,
        from_location_id=way[0],
        from_grade=UNINSPECTED,
        to_location_id=way[1],
        to_grade=UNINSPECTED,
        event=event,
        source_kind=KEPT,
        source_id=line.id,
        occurred_at=at,
        book_date=day,
        lot=line.lot,
        serial=line.serial,
        weight_g=units * line.unit_weight_g,
    )


def sent_again(lines: Iterable[ReturnLine]) -> dict[UUID, int]:
    """Units of the shipment lines behind these lines that all returns together sent once more; 1 statement a thousand.

    Whoever acts on it holds the shipment lines.
    """
    found: dict[UUID, int] = {}
    for batch in setwrites.chunks(sorted({line.order_line_id for line in lines if line.resolution == Type.RESHIP})):
        rows = ReturnLine.objects.filter(order_line_id__among=batch, resolution=str(Type.RESHIP), sent__gt=0)
        found.update(rows.order_by().values("shipment_line_id").annotate(n=Sum("sent")).values_list(*_SENT))
    return found


_SENT = ("shipment_line_id", "n")


def take_from_stock(wanted: Sequence[Leaving]) -> dict[UUID, list[Refusal]]:
    """Lay goods aside that our warehouses send once more; answers what is short, by line. About 4 statements."""
    again = [one for one in wanted if one.stock and one.owned]
    short = inventory.reserve(
        [
            inventory.Want(one.line.id, one.header.warehouse_id, one.header.company_id, one.line.sku_id, one.quantity)
            for one in again
        ]
    )
    return {key: list(refusals) for key, refusals in short.items()}


def move_out(context: Context, leaving: Sequence[Leaving], places: Places) -> None:
    """Move what leaves, value what comes from stock at its average, book its cost, write the rows.

    About 14 statements a thousand. What was laid aside is spent.
    """
    if not leaving:
        return
    days = accounting.book_dates([one.header.company_id for one in leaving], [one.at for one in leaving])
    for one, day in zip(leaving, days, strict=True):
        one.day = day
        if not one.stock:
            one.moves = [gone_move(one.header, one.line, one.quantity, places, one.at, day)]
        elif not one.owned:
            one.moves = [_from_stock(one, LocationKind.ERP, "", one.quantity, places)]
    _pick([one for one in leaving if one.stock and one.owned], places)
    inventory.move(context, [move for one in leaving for move in one.moves])
    _book(context, [one for one in leaving if one.stock and one.owned])
    rows = [_row(one, move, context) for one in leaving for move in one.moves]
    setwrites.insert(Outgoing, rows)


def _pick(again: Sequence[Leaving], places: Places) -> None:
    """A move for each lot that was laid aside."""
    kept = inventory.held({one.line.id for one in again}) if again else {}
    for one in again:
        one.moves = [
            _from_stock(one, LocationKind.SELLABLE, key.lot, units, places)
            for key, units in sorted(kept[one.line.id].items())
        ]
    inventory.spend({(line, key): units for line, levels in kept.items() for key, units in levels.items()})


def _from_stock(one: Leaving, kind: LocationKind, lot: str, units: int, places: Places) -> inventory.Move:
    header, line, kinds = one.header, one.line, places[one.header.warehouse_id]
    return inventory.Move(
        company_id=header.company_id,
        owner_id=header.company_id,
        sku_id=line.sku_id,
        quantity=units,
        from_location_id=kinds[kind],
        from_grade=GRADE_A,
        to_location_id=kinds[LocationKind.CUSTOMER],
        to_grade=GRADE_A,
        event=AGAIN,
        source_kind=AGAIN,
        source_id=line.id,
        occurred_at=one.at,
        book_date=one.day,
        lot=lot,
        weight_g=units * line.unit_weight_g,
    )


def _book(context: Context, again: Sequence[Leaving]) -> None:
    """What is sent once more leaves its pool at the average and is cost of the sale that it makes good."""
    moves = [(one, move) for one in again for move in one.moves]
    results = inventory.value(context, [issue_of(move) for _, move in moves])
    companies = org.companies({one.header.company_id for one in again})
    postings = []
    for (one, move), result in zip(moves, results, strict=True):
        one.costs[move.id] = result.cost_minor - result.provision_minor
        company = companies[one.header.company_id]
        if company.books_at(one.at) or company.books == "mirrored":
            legs = cost_legs(result, "cost_of_sales", one.header.shop_id, one.line.order_id)
            postings.append(
                accounting.Posting(
                    company_id=one.header.company_id,
                    event=AGAIN,
                    source_kind="return_line",
                    source_id=one.line.id,
                    occurred_at=move.occurred_at,
                    currency=company.currency,
                    legs=legs,
                )
            )
    accounting.post(context, postings)


def issue_of(move: inventory.Move) -> inventory.ValueChange:
    """What leaves a pool with a move out of stock."""
    return inventory.ValueChange(
        kind="issue",
        company_id=move.company_id,
        owner_id=move.owner_id,
        sku_id=move.sku_id,
        grade=move.from_grade,
        source_kind=move.source_kind,
        source_id=move.source_id,
        occurred_at=move.occurred_at,
        book_date=move.book_date,
        quantity=move.quantity,
        move_id=move.id,
    )


def cost_legs(result: inventory.ValueResult, role: str, shop_id: UUID, order_id: UUID = NIL) -> list[accounting.Leg]:
    """Debit the cost by what the pool gave, credit stock and its provision."""
    leg = accounting.Leg
    return [
        leg(role, result.cost_minor - result.provision_minor, order_id=order_id, shop_id=shop_id),
        leg("stock_provision", result.provision_minor, shop_id=shop_id),
        leg("stock", -result.cost_minor, shop_id=shop_id),
    ]


def _row(one: Leaving, move: inventory.Move, context: Context) -> dict[str, Any]:
    return {
        "id": new_id(),
        "parent_id": one.header.id,
        "line_id": one.line.id,
        "quantity": move.quantity,
        "stock": one.stock,
        "move_id": move.id,
        "parcel_id": one.parcel_id,
        "cost_minor": one.costs.get(move.id, 0),
        "occurred_at": one.at,
        "book_date": one.day,
        **context.stamps,
    }
