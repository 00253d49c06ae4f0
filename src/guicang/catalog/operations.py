"""Changing the catalogue, in sets. Masters are archived, never deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.catalog import errors
from guicang.catalog.models import Barcode, BundleComponent, Lot, Product, Serial, Sku
from guicang.catalog.queries import SkuKey, serials, skus_by_code
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, derived_id, new_id
from guicang.kernel.refusal import Outcome, Refusal


@dataclass(slots=True)
class SkuFacts:
    """What a source says about a SKU; None where it does not say, which changes nothing."""

    company_id: UUID
    code: str
    name: str | None = None
    variant: str | None = None
    category: str | None = None
    brand: str | None = None
    unit: str | None = None
    returnable: bool | None = None
    tracks_lot: bool | None = None
    tracks_serial: bool | None = None
    weight_g: int | None = None
    standard_cost_minor: int | None = None
    list_price_minor: int | None = None
    tax_rate: Decimal | None = None
    #: Code of the product that this is a variant of.
    product: str | None = None
    barcodes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ComponentFacts:
    """`quantity` base units of the SKU `code` in one bundle, at `price_minor` a unit."""

    code: str
    quantity: int
    price_minor: int


_DEFAULTS: dict[str, Any] = {
    "name": "",
    "variant": "",
    "category": "",
    "brand": "",
    "unit": "件",
    "returnable": True,
    "tracks_lot": False,
    "tracks_serial": False,
    "weight_g": 0,
    "standard_cost_minor": None,
    "list_price_minor": None,
    "product_id": NIL,
    "tax_rate": Decimal(0),
}
_STATED = tuple(_DEFAULTS)


def record_skus(context: Context, items: Sequence[SkuFacts]) -> list[Outcome]:
    """Make SKUs and change what a source now says otherwise; data["result"]: imported, updated, unchanged.

    Statements for n SKUs of a company: 5 * ceil(n / 1000), 1 more where products are named, and the audit's.
    """
    known = _known([(item.company_id, item.code) for item in items])
    seen: set[SkuKey] = set()
    outcomes: list[Outcome] = []
    made: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    audited: list[AuditEntry] = []
    barcodes: list[dict[str, Any]] = []
    products: dict[UUID, dict[str, Any]] = {}
    for index, item in enumerate(items):
        key = (item.company_id, item.code)
        refusals = _refusals(item, key in seen)
        seen.add(key)
        if refusals:
            outcomes.append(Outcome(index, None, refusals))
            continue
        before = known.get(key)
        stated = {name: value for name in _STATED if (value := getattr(item, name, None)) is not None}
        if item.product:
            stated["product_id"] = derived_id("product", item.company_id, item.product)
            products[stated["product_id"]] = {"company_id": item.company_id, "code": item.product}
        sku_id = before["id"] if before else new_id()
        old = {name: before[name] for name, value in stated.items() if before[name] != value} if before else {}
        if before is None:
            made.append(
                {
                    "id": sku_id,
                    "company_id": item.company_id,
                    "code": item.code,
                    "archived_at": None,
                    **_DEFAULTS,
                    **stated,
                }
            )
        elif old:
            changed.append({"id": sku_id, **{name: before[name] for name in _STATED}, **stated})
        if before is None or old:
            after = {name: stated[name] for name in old} if before else {"code": item.code, **stated}
            audited.append(AuditEntry(item.company_id, "sku", sku_id, "change" if before else "create", old, after))
        barcodes += [
            {"id": new_id(), "company_id": item.company_id, "code": c, "sku_id": sku_id} for c in item.barcodes
        ]
        result = "imported" if before is None else "updated" if old else "unchanged"
        outcomes.append(Outcome(index, sku_id, [], {"result": result}))
    named = [{"id": key, "name": row["code"], "archived_at": None, **row} for key, row in products.items()]
    setwrites.insert(Product, named, ignore_conflicts=True)
    setwrites.insert(Sku, made)
    setwrites.update(Sku, changed, assign=_STATED)
    setwrites.insert(Barcode, barcodes, ignore_conflicts=True)
    record(context, audited)
    return outcomes


def ensure_skus(context: Context, company_id: UUID, names: Mapping[str, str]) -> dict[str, UUID]:
    """SKU ids by code, made where unknown with the given name. Statements as `record_skus`, 1 where all are known."""
    known = skus_by_code((company_id, code) for code in names)
    missing = [SkuFacts(company_id, code, name=name) for code, name in names.items() if (company_id, code) not in known]
    found = {key[1]: info.id for key, info in known.items()}
    for item, outcome in zip(missing, record_skus(context, missing) if missing else (), strict=True):
        found[item.code] = outcome.id or NIL
    return found


def set_bundle(
    context: Context, company_id: UUID, code: str, components: Sequence[ComponentFacts], name: str = ""
) -> Outcome:
    """State the composition of a bundle from now on; orders keep the one they were sold with. About 8 statements."""
    bundle_id = ensure_skus(context, company_id, {code: name})[code]
    found = skus_by_code((company_id, item.code) for item in components)
    refusals: list[Refusal] = []
    for item in components:
        info = found.get((company_id, item.code))
        if info is None:
            refusals.append(errors.ComponentUnknown(sku_code=item.code))
        elif info.is_bundle or info.id == bundle_id:
            refusals.append(errors.BundleInBundle(sku_code=item.code))
    if refusals:
        return Outcome(0, None, refusals)
    BundleComponent.objects.filter(bundle_id=bundle_id).delete()
    rows = [
        {
            "id": new_id(),
            "bundle_id": bundle_id,
            "component_id": found[company_id, item.code].id,
            "position": position,
            "quantity": item.quantity,
            "price_minor": item.price_minor,
        }
        for position, item in enumerate(components, 1)
    ]
    setwrites.insert(BundleComponent, rows)
    Sku.objects.filter(id=bundle_id).update(is_bundle=True)
    after = {"components": [[item.code, item.quantity, item.price_minor] for item in components]}
    record(context, [AuditEntry(company_id, "sku", bundle_id, "compose", {}, after)])
    return Outcome(0, bundle_id, [], {"result": "updated"})


def register_sales(sales: Mapping[tuple[UUID, str], UUID], known: Mapping[tuple[UUID, str], UUID]) -> None:
    """Point serials (SKU, number) at the shipment line of their latest sale. 2 statements a thousand.

    `known` holds the ids of the serials there are; the caller holds them (`queries.serials(lock=True)`)
    and has found out which sale is the latest.
    """
    made = [
        {"id": new_id(), "sku_id": key[0], "number": key[1], "latest_shipment_line_id": line_id}
        for key, line_id in sales.items()
        if key not in known
    ]
    moved = [{"id": known[key], "latest_shipment_line_id": line_id} for key, line_id in sales.items() if key in known]
    setwrites.insert(Serial, made)
    setwrites.update(Serial, moved, assign=["latest_shipment_line_id"])


def state_lots(lots: Mapping[tuple[UUID, str], date]) -> None:
    """Say until when lots (SKU, code) may be sold; the latest word counts. 2 statements a thousand."""
    known = {(row.sku_id, row.code): row for row in setwrites.fetch(Lot, {sku for sku, _ in lots}, key="sku_id")}
    new = [{"id": new_id(), "sku_id": key[0], "code": key[1], "best_before": day} for key, day in lots.items()]
    setwrites.insert(Lot, [row for row in new if (row["sku_id"], row["code"]) not in known])
    moved = [{"id": known[key].id, "best_before": day} for key, day in lots.items() if key in known]
    setwrites.update(Lot, moved, assign=["best_before"])


def hold_serials(lines: Mapping[tuple[UUID, str], UUID]) -> None:
    """Say which return line holds each serial (NIL: none any more); 2 statements per 1,000."""
    known = serials(lines, lock=True)
    rows = [{"id": known[key].id, "open_return_line_id": line} for key, line in lines.items() if key in known]
    setwrites.update(Serial, rows, assign=["open_return_line_id"])


def _known(keys: Sequence[SkuKey]) -> dict[SkuKey, dict[str, Any]]:
    found: dict[SkuKey, dict[str, Any]] = {}
    for company_id in {key[0] for key in keys}:
        for batch in setwrites.chunks(sorted({code for company, code in keys if company == company_id})):
            rows = Sku.objects.filter(company_id=company_id, code__among=batch).values("id", "code", *_STATED)
            found.update({(company_id, row["code"]): dict(row) for row in rows})
    return found


def _refusals(item: SkuFacts, repeated: bool) -> list[Refusal]:
    refusals: list[Refusal] = [errors.SkuRepeated(sku_code=item.code)] if repeated else []
    columns = {
        "code": not item.code.strip(),
        "weight_g": (item.weight_g or 0) < 0,
        "standard_cost_minor": (item.standard_cost_minor or 0) < 0,
        "list_price_minor": (item.list_price_minor or 0) < 0,
        "product": len(item.product or "") > 80,  # noqa: PLR2004 - the column's length
        "tax_rate": not 0 <= (item.tax_rate or 0) < 1,
    }
    return refusals + [errors.SkuInvalid(sku_code=item.code, column=name) for name, wrong in columns.items() if wrong]
