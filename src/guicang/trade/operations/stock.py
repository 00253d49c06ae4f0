"""Goods that come in with a cost: checked, moved, valued, posted. The path of opening stock and purchases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from guicang.accounting.operations import Book, Leg, Posting, lock_books, post
from guicang.audit.operations import AuditEntry
from guicang.audit.operations import record as audit
from guicang.catalog.operations import state_lots
from guicang.catalog.queries import SkuInfo, skus_by_code
from guicang.inventory.models import LocationKind, StockMove
from guicang.inventory.operations import Received, StockReceipt, receive_stock
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, derived_id
from guicang.kernel.refusal import Outcome, Refusal
from guicang.kernel.setwrites import chunks
from guicang.org.models import Ownership
from guicang.org.queries import CompanyInfo, WarehouseInfo, companies, warehouses
from guicang.parties.operations import ensure_suppliers
from guicang.trade import errors
from guicang.trade.facts import StockFacts

SUPPLIER = "supplier"


@dataclass(frozen=True, slots=True)
class Kind:
    """`event` names moves and entries, `role` is credited, goods come from `place`."""

    event: str
    role: str
    place: LocationKind


OPENING = Kind("opening", "opening_equity", LocationKind.ADJUSTMENT)
PURCHASE = Kind("purchase", "payable", LocationKind.SUPPLIER)


@dataclass(slots=True)
class _Plan:
    index: int
    facts: StockFacts
    warehouse: WarehouseInfo
    sku: SkuInfo
    source_id: UUID


def receive(context: Context, items: Sequence[StockFacts], kind: Kind, *, all_or_nothing: bool) -> list[Outcome]:
    """Lock, check, write, record. data["result"]: imported, unchanged or refused; id is that of the receipt."""
    known = warehouses({item.warehouse_id for item in items})
    owners = companies({warehouse.company_id for warehouse in known.values()})
    skus = skus_by_code(
        (known[item.warehouse_id].company_id, item.sku_code) for item in items if item.warehouse_id in known
    )
    outcomes, plans = _check(items, kind, known, skus)
    if not plans or (all_or_nothing and not all(outcome.ok for outcome in outcomes)):
        return outcomes
    books = lock_books(owners)
    received = receive_stock(context, [_receipt(plan, kind, books) for plan in plans])
    _post(context, kind, plans, received, owners)
    state_lots(
        {
            (plan.sku.id, plan.facts.lot): plan.facts.best_before
            for plan in plans
            if plan.facts.lot and plan.facts.best_before
        }
    )
    audit(context, [_entry(plan, result, kind) for plan, result in zip(plans, received, strict=True)])
    for plan, result in zip(plans, received, strict=True):
        data = {"result": "imported", "cost_minor": result.cost_minor, "cost_source": result.cost_source}
        outcomes[plan.index] = Outcome(plan.index, plan.source_id, [], data)
    return outcomes


def _check(
    items: Sequence[StockFacts],
    kind: Kind,
    known: Mapping[UUID, WarehouseInfo],
    skus: Mapping[tuple[UUID, str], SkuInfo],
) -> tuple[list[Outcome], list[_Plan]]:
    outcomes: list[Outcome] = []
    plans: list[_Plan] = []
    for index, item in enumerate(items):
        warehouse = known.get(item.warehouse_id)
        sku = skus.get((warehouse.company_id, item.sku_code)) if warehouse else None
        refusals = _refusals(item, warehouse, sku)
        outcomes.append(Outcome(index, None, refusals, {"result": "refused"} if refusals else {}))
        if warehouse is not None and sku is not None and not refusals:
            parts = (kind.event, warehouse.id, sku.id, item.lot, item.serial, item.grade, item.reference)
            plans.append(_Plan(index, item, warehouse, sku, derived_id(*parts)))
    recorded = _recorded(plan.source_id for plan in plans)
    new: dict[UUID, _Plan] = {}
    for plan in plans:
        units, item = recorded.get(plan.source_id), plan.facts
        if plan.source_id in new:
            repeated = errors.StockRepeated(sku_code=item.sku_code, reference=item.reference)
            outcomes[plan.index] = Outcome(plan.index, None, [repeated], {"result": "refused"})
        elif units is None:
            new[plan.source_id] = plan
        elif units == item.quantity:
            outcomes[plan.index] = Outcome(plan.index, plan.source_id, [], {"result": "unchanged"})
        else:
            facts = {"sku_code": item.sku_code, "reference": item.reference, "known": units, "stated": item.quantity}
            wrong = errors.StockMismatch(**facts)
            outcomes[plan.index] = Outcome(plan.index, plan.source_id, [wrong], {"result": "refused"})
    return outcomes, list(new.values())


def _refusals(item: StockFacts, warehouse: WarehouseInfo | None, sku: SkuInfo | None) -> list[Refusal]:
    refusals: list[Refusal] = []
    if warehouse is None:
        refusals.append(errors.WarehouseUnknown(warehouse_id=item.warehouse_id))
    elif warehouse.goods != Ownership.OWNED:
        refusals.append(errors.GoodsMirrored(warehouse=warehouse.code))
    if warehouse is not None and sku is None:
        refusals.append(errors.SkuUnknown(sku_code=item.sku_code))
    wrong = {
        "quantity": item.quantity < 1,
        "cost_minor": item.cost_minor is not None and item.cost_minor < 0,
        "weight_g": item.weight_g < 0,
    }
    if sku is not None and sku.is_bundle:
        refusals.append(errors.StockOfBundle(sku_code=item.sku_code))
    if item.serial and item.quantity > 1:
        refusals.append(errors.SerialQuantity(serial=item.serial, quantity=item.quantity))
    return refusals + [
        errors.StockInvalid(sku_code=item.sku_code, column=column, label=errors.LABELS[column])
        for column, is_wrong in wrong.items()
        if is_wrong
    ]


def _recorded(source_ids: Any) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for batch in chunks(sorted(set(source_ids))):
        found.update(StockMove.objects.filter(source_id__among=batch).values_list("source_id", "quantity"))
    return found


def _receipt(plan: _Plan, kind: Kind, books: Mapping[UUID, Book]) -> StockReceipt:
    item, company_id = plan.facts, plan.warehouse.company_id
    return StockReceipt(
        company_id=company_id,
        owner_id=company_id,
        warehouse_id=plan.warehouse.id,
        sku_id=plan.sku.id,
        quantity=item.quantity,
        cost_minor=item.cost_minor,
        event=kind.event,
        source_kind=kind.event,
        source_id=plan.source_id,
        occurred_at=item.occurred_at,
        book_date=books[company_id].day(item.occurred_at),
        from_kind=kind.place,
        grade=item.grade,
        lot=item.lot,
        serial=item.serial,
        weight_g=item.weight_g,
    )


def _post(
    context: Context,
    kind: Kind,
    plans: Sequence[_Plan],
    received: Sequence[Received],
    owners: Mapping[UUID, CompanyInfo],
) -> None:
    wanted = {(plan.warehouse.company_id, plan.facts.supplier) for plan in plans if plan.facts.supplier}
    suppliers = ensure_suppliers(context, wanted)
    postings = []
    for plan, result in zip(plans, received, strict=True):
        company, item = owners[plan.warehouse.company_id], plan.facts
        if not company.books_at(item.occurred_at):
            continue
        supplier = suppliers.get((company.id, item.supplier), NIL)
        credit = Leg(kind.role, -result.cost_minor, None, SUPPLIER if supplier != NIL else "", supplier)
        legs = [Leg("stock", result.cost_minor), credit]
        event: dict[str, Any] = {"event": kind.event, "source_kind": kind.event, "source_id": plan.source_id}
        postings.append(
            Posting(company_id=company.id, occurred_at=item.occurred_at, currency=company.currency, legs=legs, **event)
        )
    post(context, postings)


def _entry(plan: _Plan, result: Received, kind: Kind) -> AuditEntry:
    item = plan.facts
    after = {"sku_id": plan.sku.id, "warehouse_id": plan.warehouse.id, "quantity": item.quantity}
    after |= {"cost_minor": result.cost_minor, "cost_source": result.cost_source, "reference": item.reference}
    return AuditEntry(
        plan.warehouse.company_id, "stock_receipt", plan.source_id, kind.event, {}, after, occurred_at=item.occurred_at
    )
