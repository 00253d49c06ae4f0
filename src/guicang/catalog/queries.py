"""Reading the catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from guicang.catalog.models import Barcode, BundleComponent, Lot, Serial, Sku
from guicang.kernel.compiled import compiled
from guicang.kernel.distinct import distinct
from guicang.kernel.ids import NIL
from guicang.kernel.setwrites import chunks


class SkuInfo(NamedTuple):
    """What a sale or a return needs of a SKU."""

    id: UUID
    company_id: UUID
    code: str
    name: str
    unit: str
    is_bundle: bool
    returnable: bool
    tracks_lot: bool
    tracks_serial: bool
    weight_g: int
    tax_rate: Decimal
    standard_cost_minor: int | None
    category: str
    brand: str
    product_id: UUID
    variant: str
    list_price_minor: int | None


def best_before(sku_ids: Iterable[UUID]) -> dict[tuple[UUID, str], date]:
    """By SKU and lot: the last day on which it may be sold as it is; 1 statement a thousand."""
    found: dict[tuple[UUID, str], date] = {}
    for batch in chunks(sorted(set(sku_ids))):
        rows = Lot.objects.filter(sku_id__among=batch).values_list("sku_id", "code", "best_before")
        found.update({(sku, code): day for sku, code, day in rows})
    return found


class Component(NamedTuple):
    """`quantity` base units of a SKU in one bundle, at `price_minor` a unit; the SKU's category and brand."""

    sku_id: UUID
    position: int
    quantity: int
    price_minor: int
    category: str
    brand: str


class SerialInfo(NamedTuple):
    id: UUID
    sku_id: UUID
    number: str
    latest_shipment_line_id: UUID
    open_return_line_id: UUID


#: (company, code)
SkuKey = tuple[UUID, str]


def skus_by_code(keys: Iterable[SkuKey]) -> dict[SkuKey, SkuInfo]:
    """SKUs by (company, code), code exactly as written. 1 statement per company and 1,000 codes."""
    wanted: dict[UUID, set[str]] = {}
    for company_id, code in keys:
        wanted.setdefault(company_id, set()).add(code)
    found: dict[SkuKey, SkuInfo] = {}
    for company_id, codes in wanted.items():
        for batch in chunks(sorted(codes)):
            rows = Sku.objects.filter(company_id=company_id, code__among=batch).values_list(*SkuInfo._fields)
            found.update({(company_id, row[2]): SkuInfo(*row) for row in rows})
    return found


_skus = compiled(lambda ids: Sku.objects.filter(id__among=ids).values_list(*SkuInfo._fields))


def skus(ids: Iterable[UUID]) -> dict[UUID, SkuInfo]:
    """1 statement a thousand."""
    found: dict[UUID, SkuInfo] = {}
    for batch in chunks(sorted(set(ids))):
        found.update({row[0]: SkuInfo(*row) for row in _skus(batch)})
    return found


def variants(product_ids: Iterable[UUID]) -> dict[UUID, list[SkuInfo]]:
    """What is sold of each product today, by code; 1 statement a thousand, none for no product."""
    found: dict[UUID, list[SkuInfo]] = {}
    for batch in chunks(sorted(set(product_ids) - {NIL})):
        rows = Sku.objects.filter(product_id__among=batch, archived_at=None, is_bundle=False).order_by("code")
        for sku in (SkuInfo(*row) for row in rows.values_list(*SkuInfo._fields)):
            found.setdefault(sku.product_id, []).append(sku)
    return found


def categories(company_id: UUID) -> list[str]:
    """The categories of a company's SKUs. 1 statement, whatever the number of SKUs."""
    return distinct(Sku, "company_id", company_id, "category")


def brands(company_id: UUID) -> list[str]:
    """1 statement, as `categories`."""
    return distinct(Sku, "company_id", company_id, "brand")


def compositions(bundle_ids: Iterable[UUID]) -> dict[UUID, list[Component]]:
    """Today's components of bundles, in their order. 1 statement a thousand, none for no bundles."""
    found: dict[UUID, list[Component]] = {}
    for batch in chunks(sorted(set(bundle_ids))):
        rows = BundleComponent.objects.filter(bundle__id__among=batch).order_by("bundle_id", "position")
        columns = ("component_id", "position", "quantity", "price_minor", "component__category", "component__brand")
        for row in rows.values_list("bundle_id", *columns):
            found.setdefault(row[0], []).append(Component(*row[1:]))
    return found


def sku_of_barcode(company_id: UUID, code: str) -> tuple[UUID, int] | None:
    """(SKU, base units) that a scanned code stands for. 1 statement."""
    return Barcode.objects.filter(company_id=company_id, code=code).values_list("sku_id", "quantity").first()


def serials(keys: Iterable[tuple[UUID, str]], *, lock: bool = False) -> dict[tuple[UUID, str], SerialInfo]:
    """Known serials by (SKU, number), locked by primary key if asked. 1 statement a thousand, none for no keys."""
    wanted = set(keys)
    found: dict[tuple[UUID, str], SerialInfo] = {}
    for batch in chunks(sorted({number for _, number in wanted})):
        query = Serial.objects.filter(number__among=batch, sku__id__among=sorted({sku for sku, _ in wanted}))
        query = query.select_for_update(of=("self",)) if lock else query
        for row in query.order_by("pk").values_list(*SerialInfo._fields):
            if (row[1], row[2]) in wanted:
                found[row[1], row[2]] = SerialInfo(*row)
    return found
