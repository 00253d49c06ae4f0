"""What accepted goods are worth: back at their issue cost, then written down by grade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from guicang.accounting import operations as accounting
from guicang.inventory import operations as inventory
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.money import divide_half_up, target
from guicang.org import queries as org
from guicang.returns.lifecycle import Disposition
from guicang.returns.models import Return, ReturnLine
from guicang.returns.pricing import sale_line_of
from guicang.sales import operations as sales
from guicang.sales.models import ShipmentLine
from guicang.sales.prices import issued_at

#: The place and the grade that a disposition means.
PLACES = {
    Disposition.RESTOCK: "sellable",
    Disposition.REFURBISH: "refurbish",
    Disposition.SECOND: "second",
    Disposition.SCRAP: "scrap",
    Disposition.SUPPLIER: "staging",
    Disposition.REPAIR: "customer",
    Disposition.SEND_BACK: "customer",
}
GRADES = {
    Disposition.RESTOCK: "A",
    Disposition.REFURBISH: "R",
    Disposition.SECOND: "B",
    Disposition.SCRAP: "S",
    Disposition.SUPPLIER: "R",
    Disposition.REPAIR: "",
    Disposition.SEND_BACK: "",
}


@dataclass(slots=True)
class Parcelled:
    """Units of a line with one disposition, while a step works on them. Amounts in book minor units."""

    header: Return
    line: ReturnLine
    quantity: int
    accepted: bool
    disposition: str
    grade: str
    worth_minor: int | None
    at: datetime
    owned: bool
    found_condition: str = ""
    found_serial: str = ""
    missing: Sequence[str] = ()
    found_fault: str = ""
    day: date | None = None
    place: UUID = NIL
    cost_minor: int = 0
    kept_minor: int = 0
    cost_source: str = ""
    move_id: UUID = field(default_factory=new_id)


def value_accepted(context: Context, parts: Sequence[Parcelled], shipped: Mapping[UUID, ShipmentLine]) -> None:
    """Value rows, counters of the shipment lines and entries of accepted units in owned warehouses.

    Statements: at most 3 for costs nobody knows, those of `inventory.acceptance` and `accounting.post`.
    """
    valued = [part for part in parts if part.accepted and part.owned]
    _cost(valued, shipped)
    _count_back(parts, shipped)
    results = inventory.acceptance(
        context,
        [
            inventory.Acceptance(
                company_id=part.header.company_id,
                owner_id=part.header.company_id,
                sku_id=part.line.sku_id,
                grade=part.grade,
                quantity=part.quantity,
                cost_minor=part.cost_minor,
                cost_source=part.cost_source,
                source_kind="return_line",
                source_id=part.line.id,
                occurred_at=part.at,
                book_date=part.day or date.min,
                worth_minor=part.worth_minor,
                scrap=part.disposition == Disposition.SCRAP,
                move_id=part.move_id,
            )
            for part in valued
        ],
    )
    companies = org.companies({part.header.company_id for part in valued})
    postings = []
    for part, result in zip(valued, results, strict=True):
        part.kept_minor = result.worth_minor
        company = companies[part.header.company_id]
        if company.books_at(part.at) or company.books == "mirrored":
            postings.append(_posting(part, result, company.currency))
    accounting.post(context, postings)


def _cost(parts: Sequence[Parcelled], shipped: Mapping[UUID, ShipmentLine]) -> None:
    """target(returned) of the issue's one total cost; where a sale only told the price, its cost a unit; else average,
    else standard, else zero.
    """
    unknown = [part for part in parts if _issue_cost(part, shipped) is None]
    told = _told_cost(unknown)
    unknown = [part for part in unknown if part.line.id not in told]
    keys = {(part.line.sku_id, part.header.company_id) for part in unknown}
    fallback = inventory.fallback_cost(keys) if keys else {}
    returned = {key: (row.returned, row.returned_cost_minor) for key, row in shipped.items()}
    for part in parts:
        issue = _issue_cost(part, shipped)
        if issue is None and part.line.id in told:
            cost, of = told[part.line.id]
            part.cost_minor, part.cost_source = divide_half_up(cost * part.quantity, of), "sale"
            continue
        if issue is None:
            estimate = fallback[part.line.sku_id, part.header.company_id]
            part.cost_minor, part.cost_source = estimate.of(part.quantity), estimate.source
            continue
        row = shipped[part.line.shipment_line_id]
        units, cost = returned[row.id]
        part.cost_minor = target(issue, min(units + part.quantity, row.shipped), row.shipped) - cost
        part.cost_source = "issue"
        returned[row.id] = (units + part.quantity, cost + part.cost_minor)


def _told_cost(parts: Sequence[Parcelled]) -> dict[UUID, tuple[int, int]]:
    """Of lines without an order, whose price a sale told: what that sale was issued at; 1 statement where any is."""
    sales = {part.line.id: sale_line_of(part.line.priced) for part in parts}
    costs = issued_at(set(sales.values()) - {NIL})
    return {key: costs[sale] for key, sale in sales.items() if sale in costs}


def _issue_cost(part: Parcelled, shipped: Mapping[UUID, ShipmentLine]) -> int | None:
    row = shipped.get(part.line.shipment_line_id)
    return row.issue_cost_minor if row and part.line.kind != "wrong" else None


def _count_back(parts: Sequence[Parcelled], shipped: Mapping[UUID, ShipmentLine]) -> None:
    deltas: dict[UUID, tuple[int, int]] = {}
    for part in parts:
        key = part.line.shipment_line_id
        if part.accepted and key in shipped and part.line.kind != "wrong":
            units, cost = deltas.get(key, (0, 0))
            known = part.cost_minor if part.cost_source == "issue" else 0
            deltas[key] = (units + part.quantity, cost + known)
    sales.take_back(deltas)


def _posting(part: Parcelled, result: inventory.AcceptanceResult, currency: str) -> accounting.Posting:
    """Debit stock, credit the cost of sales it was issued at; then what it is worth less by grade (RULES J2)."""
    scrap = part.disposition == Disposition.SCRAP
    leg = accounting.Leg
    return accounting.Posting(
        company_id=part.header.company_id,
        event="return_stock",
        source_kind="return_line",
        source_id=part.line.id,
        occurred_at=part.at,
        currency=currency,
        legs=[
            leg("stock", result.cost_minor - result.write_down_minor, shop_id=part.header.shop_id),
            leg("stock_provision", -result.provision_minor, shop_id=part.header.shop_id),
            leg("scrap_loss" if scrap else "write_down_loss", result.loss_minor, shop_id=part.header.shop_id),
            leg("cost_of_sales", -result.cost_minor, order_id=part.line.order_id, shop_id=part.header.shop_id),
        ],
    )
