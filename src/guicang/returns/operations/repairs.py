"""Repairs of a set of returns: how each stands, what a step changes of it, and the parts and money behind it.

The goods stay the buyer's all the while. Parts leave stock at the average and are cost of the repair, or warranty
expense where the buyer pays nothing for it; labour is written down and not booked, for wages are where they are paid.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from guicang.accounting import operations as accounting
from guicang.catalog import queries as catalogue
from guicang.inventory import operations as inventory
from guicang.inventory.models import GRADE_A, LocationKind
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.money import from_minor
from guicang.kernel.refusal import Refusal, Refused
from guicang.org import queries as org
from guicang.payments.operations.cash import Cash, Moved
from guicang.payments.rules.drawers import PARTY as DRAWER
from guicang.payments.rules.drawers import CashKind
from guicang.returns import errors
from guicang.returns.lifecycle import Type
from guicang.returns.models import Repair, RepairPart, RepairPayment, Return, ReturnLine
from guicang.returns.operations.docket import Case
from guicang.returns.operations.outgoing import cost_legs, issue_of
from guicang.returns.repairing import NOT_BEGUN, RepairFacts, RepairState, may, ready
from guicang.sales.models import Order, OrderLine

#: What moves of parts and entries of payments are caused by.
PART, CHARGE = "repair_part", "repair_charge"
_COLUMNS = ("state", "in_warranty", "price_minor", "tax_minor", "labour_minutes", "quoted_at", "answered_at", "done_at")


@dataclass(slots=True)
class Shop:
    """The repairs of some returns, and what a step changed of them."""

    rows: dict[UUID, Repair]
    paid: set[UUID]
    changed: dict[UUID, Repair] = field(default_factory=dict)
    added: list[Repair] = field(default_factory=list)

    def of(self, case: Case) -> RepairFacts:
        return facts(self.rows.get(case.header.id), case.header.id in self.paid)

    def quote(self, case: Case, price: int, tax: int, *, in_warranty: bool, state: str, context: Context) -> None:
        row = self.rows.get(case.header.id)
        if row is None:
            row = Repair(parent_id=case.header.id, currency=case.header.currency, command_id=context.id)
            self.rows[case.header.id] = row
            self.added.append(row)
        row.price_minor, row.tax_minor, row.in_warranty = price, tax, in_warranty
        row.quoted_at, row.answered_at, row.done_at = context.now, None, None
        self._to(row, state)

    def answer(self, case: Case, state: str, at: datetime) -> None:
        row = self.rows[case.header.id]
        row.answered_at = at
        self._to(row, state)

    def end(self, case: Case, state: str, at: datetime, context: Context, labour_minutes: int = 0) -> None:
        """Done, or given up, which may be said before anybody quoted a price."""
        if case.header.id not in self.rows:
            self.quote(case, 0, 0, in_warranty=True, state=state, context=context)
        row = self.rows[case.header.id]
        row.done_at, row.labour_minutes = at, labour_minutes
        self._to(row, state)

    def _to(self, row: Repair, state: str) -> None:
        row.state = str(state)
        self.changed[row.parent_id] = row

    def write(self) -> None:
        """At most 2 statements a thousand."""
        fresh = {row.id for row in self.added}
        rows = [row for row in self.changed.values() if row.id not in fresh]
        values = [{"id": row.id, **{name: getattr(row, name) for name in _COLUMNS}} for row in rows]
        setwrites.update(Repair, values, assign=_COLUMNS)
        setwrites.insert(Repair, [_row(row) for row in self.added])


def _row(row: Repair) -> dict[str, Any]:
    return {column.attname: getattr(row, column.attname) for column in Repair._meta.concrete_fields}


def facts(row: Repair | None, paid: bool) -> RepairFacts:
    if row is None:
        return NOT_BEGUN
    return RepairFacts(
        row.state, row.in_warranty, row.price_minor, row.tax_minor, row.currency, row.labour_minutes, paid
    )


def load(cases: Collection[Case]) -> Shop:
    """The repairs of returns that are locked; 2 statements per 1,000, none where nothing is to be repaired."""
    return _load({case.header.id for case in cases if _repairs(case.lines)})


def _load(wanted: set[UUID]) -> Shop:
    rows = {row.parent_id: row for row in setwrites.fetch(Repair, wanted, key="parent_id")}
    paid = {row.parent_id for row in setwrites.fetch(RepairPayment, rows, key="parent_id")} if rows else set()
    return Shop(rows, paid)


def repair_of(header: Return, lines: Iterable[ReturnLine]) -> RepairFacts | None:
    """How a return's repair stands, for pages; None, without a statement, where nothing is to be repaired."""
    # One that was given up is a repair no more; the history tells of it.
    if not _repairs(lines):
        return None
    shop = _load({header.id})
    return facts(shop.rows.get(header.id), header.id in shop.paid)


def _repairs(lines: Iterable[ReturnLine]) -> bool:
    return any(line.resolution == Type.REPAIR for line in lines)


def parts_named(return_id: UUID, codes: Iterable[str]) -> dict[str, UUID]:
    """SKUs of the return's company by their codes; 2 statements. Raises Refused(PartUnknown) for codes of none."""
    company_id = Return.objects.filter(id=return_id).values_list("company_id", flat=True).first() or NIL
    known = {code: sku.id for (_, code), sku in catalogue.skus_by_code((company_id, code) for code in codes).items()}
    if unknown := [code for code in codes if code not in known]:
        raise Refused([errors.PartUnknown(sku_code=code) for code in unknown])
    return known


def answer_refusals(case: Case, command: str, price_minor: int, shop: Shop) -> list[Refusal]:
    """Why a quote cannot be answered: nobody is asked, or it is not what was read."""
    repair = shop.of(case)
    if not may(command, repair, case.lines):
        return [errors.NotNow()]
    if price_minor != repair.price_minor:
        return [errors.QuoteChanged(price=f"{from_minor(repair.price_minor, repair.currency):,} {repair.currency}")]
    return []


def sending_refusals(case: Case, line: ReturnLine, shop: Shop) -> list[Refusal]:
    """Why goods that came to be repaired do not go back yet."""
    repair = shop.of(case)
    if line.resolution != Type.REPAIR or not line.accepted or ready(repair):
        return []
    if owed := repair.owed_minor if repair.state == RepairState.DONE else 0:
        return [errors.RepairOwed(price=f"{from_minor(owed, repair.currency):,} {repair.currency}")]
    return [errors.RepairOpen()]


def tax_within(price_minor: int, rates: Sequence[Decimal]) -> int:
    """The tax in what a buyer pays: at the rate that his goods were sold at."""
    rate = max(rates, default=Decimal(0))
    return int((price_minor * rate / (1 + rate)).quantize(Decimal(1), ROUND_HALF_UP))


def rates_of(cases: Collection[Case]) -> dict[UUID, list[Decimal]]:
    """Tax rates of the goods to be repaired, by return; 1 statement a thousand."""
    lines = [line for case in cases for line in case.lines if line.resolution == Type.REPAIR]
    known: dict[UUID, Decimal] = {}
    for batch in setwrites.chunks(sorted({line.order_line_id for line in lines} - {NIL})):
        known.update(OrderLine.objects.filter(id__among=batch).values_list("id", "tax_rate"))
    found: dict[UUID, list[Decimal]] = {}
    for line in lines:
        found.setdefault(line.parent_id, []).append(known.get(line.order_line_id, Decimal(0)))
    return found


@dataclass(slots=True)
class Used:
    """Units of a part that a return's repair takes from stock. `free`: the buyer pays nothing for the repair."""

    case: Case
    sku_id: UUID
    quantity: int
    at: datetime
    free: bool
    in_warranty: bool
    holder_id: UUID = field(default_factory=new_id)


def use_parts(context: Context, used: Sequence[Used]) -> None:
    """Parts that were laid aside (`holder_id`) leave stock at the average, and are booked. About 14 statements."""
    if not used:
        return
    kept = inventory.held({one.holder_id for one in used})
    days = accounting.book_dates([one.case.header.company_id for one in used], [one.at for one in used])
    places = inventory.places({one.case.header.warehouse_id for one in used})
    moves: list[tuple[Used, inventory.Move]] = []
    for one, day in zip(used, days, strict=True):
        header, kinds = one.case.header, places[one.case.header.warehouse_id]
        for key, units in sorted(kept[one.holder_id].items()):
            move = inventory.Move(
                company_id=header.company_id,
                owner_id=header.company_id,
                sku_id=one.sku_id,
                quantity=units,
                from_location_id=kinds[LocationKind.SELLABLE],
                from_grade=GRADE_A,
                to_location_id=kinds[LocationKind.CUSTOMER],
                to_grade=GRADE_A,
                event=PART,
                source_kind=PART,
                source_id=header.id,
                occurred_at=one.at,
                book_date=day,
                lot=key.lot,
            )
            moves.append((one, move))
    inventory.spend({(holder, key): units for holder, levels in kept.items() for key, units in levels.items()})
    inventory.move(context, [move for _, move in moves])
    results = inventory.value(context, [issue_of(move) for _, move in moves])
    companies = org.companies({one.case.header.company_id for one in used})
    postings = []
    for (one, move), result in zip(moves, results, strict=True):
        role = "warranty_expense" if one.free else "repair_cost"
        header, company = one.case.header, companies[one.case.header.company_id]
        if company.books_at(one.at) or company.books == "mirrored":
            legs = cost_legs(result, role, header.shop_id)
            postings.append(
                accounting.Posting(
                    company_id=header.company_id,
                    event=PART,
                    source_kind="return",
                    source_id=header.id,
                    occurred_at=move.occurred_at,
                    currency=company.currency,
                    legs=legs,
                )
            )
    accounting.post(context, postings)
    setwrites.insert(
        RepairPart,
        [
            {
                "id": new_id(),
                "parent_id": one.case.header.id,
                "sku_id": one.sku_id,
                "quantity": move.quantity,
                "move_id": move.id,
                "cost_minor": result.cost_minor - result.provision_minor,
                "in_warranty": one.in_warranty,
                "occurred_at": one.at,
                "book_date": move.book_date,
                **context.stamps,
            }
            for (one, move), result in zip(moves, results, strict=True)
        ],
    )


@dataclass(frozen=True, slots=True)
class Paid:
    """What a buyer paid for a repair."""

    case: Case
    repair: RepairFacts
    way: str
    reference: str
    at: datetime
    #: The cash drawer that it was put into.
    till_id: UUID = NIL


def take_payments(context: Context, paid: Sequence[Paid], cash: Cash) -> None:
    """The rows of what was paid, and its entries: money in, income and its tax; cash through the drawer.

    At most 8 statements a thousand, 4 more for cash.
    """
    if not paid:
        return
    days = accounting.book_dates([one.case.header.company_id for one in paid], [one.at for one in paid])
    companies = org.companies({one.case.header.company_id for one in paid})
    fx = _fx(paid)
    postings, rows, moved = [], [], []
    for one, day in zip(paid, days, strict=True):
        header, company, price = one.case.header, companies[one.case.header.company_id], one.repair.price_minor
        rows.append(
            {
                "id": new_id(),
                "parent_id": header.id,
                "currency": header.currency,
                "amount_minor": price,
                "tax_minor": one.repair.tax_minor,
                "tender_kind": one.way,
                "reference": one.reference,
                "occurred_at": one.at,
                "book_date": day,
                **context.stamps,
            }
        )
        booked = company.books_at(one.at) or company.books == "mirrored"
        party = (DRAWER, one.till_id) if one.till_id != NIL else ("", NIL)
        if one.till_id != NIL:
            moved.append(Moved(CashKind.COLLECTION, price, booked, rows[-1]["id"], header.id))
        if booked:
            leg = accounting.Leg
            legs = [
                leg(accounting.role_of_tender(one.way), price, None, *party, shop_id=header.shop_id),
                leg("repair_income", one.repair.tax_minor - price, shop_id=header.shop_id),
                leg("output_vat", -one.repair.tax_minor, shop_id=header.shop_id),
            ]
            postings.append(
                accounting.Posting(
                    company_id=header.company_id,
                    event=CHARGE,
                    source_kind="return",
                    source_id=header.id,
                    occurred_at=one.at,
                    currency=header.currency,
                    legs=legs,
                    rate=fx.get(header.id, Decimal(1)),
                )
            )
    accounting.post(context, postings)
    setwrites.insert(RepairPayment, rows)
    cash.write(moved)


def _fx(paid: Sequence[Paid]) -> Mapping[UUID, Decimal]:
    """The rate that the goods were sold at, by return; 1 statement."""
    orders = {one.case.header.id: next((line.order_id for line in one.case.lines), NIL) for one in paid}
    rates = dict(Order.objects.filter(id__among=sorted(set(orders.values()))).values_list("id", "fx_rate"))
    return {key: rates[order] for key, order in orders.items() if order in rates}
