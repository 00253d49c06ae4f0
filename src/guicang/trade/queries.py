"""What is known before orders are recorded: masters, and the orders there are, as working copies.

A copy is changed in memory while the facts of a set are compared with it, and its changes are
written as sets in the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from guicang.catalog.queries import Component, SkuInfo, compositions, skus_by_code
from guicang.kernel.ids import NIL
from guicang.kernel.setwrites import chunks
from guicang.org.queries import CompanyInfo, ShopInfo, WarehouseInfo, companies, shops, warehouses
from guicang.sales.models import (
    Funder,
    LineDiscount,
    LineKind,
    Order,
    OrderLine,
    Payment,
    Shipment,
    ShipmentLine,
    Tender,
)
from guicang.trade.facts import OrderFacts
from guicang.trade.rules import base_number

#: (shop, external number)
OrderKey = tuple[UUID, str]
#: (shipment number without its count, line, lot, serial)
ShippedKey = tuple[str, UUID, str, str]


@dataclass(slots=True, eq=False)
class LineCopy:
    """`row` is what is to be inserted, None where the line is in the database already."""

    id: UUID
    key: str
    kind: str
    sku_id: UUID
    ordered: int
    unit_price: Decimal
    paid_minor: int
    funded_minor: int
    tax_minor: int
    cancelled: int = 0
    shipped: int = 0
    per_bundle: int = 0
    row: dict[str, Any] | None = None
    components: list[LineCopy] = field(default_factory=list)

    @property
    def is_goods(self) -> bool:
        """True for what can be moved: a component is, its bundle's header and a postage line are not."""
        return self.sku_id != NIL and self.kind == LineKind.GOODS


@dataclass(slots=True, eq=False)
class TenderCopy:
    id: UUID
    captured_minor: int = 0
    refunded_minor: int = 0
    row: dict[str, Any] | None = None


@dataclass(slots=True, eq=False)
class ShipmentCopy:
    id: UUID
    carrier: str
    tracking: str
    delivered_at: datetime | None


@dataclass(slots=True, eq=False)
class OrderCopy:
    """`row` as for lines. `shipping_minor` is what the next shipment bills: nothing after the first."""

    id: UUID
    shop: ShopInfo
    company: CompanyInfo
    number: str
    customer_id: UUID
    currency: str
    fx_rate: Decimal
    ordered_at: datetime
    tax_inclusive: bool
    shipping_standard_minor: int = 0
    shipping_surcharge_minor: int = 0
    shipping_tax_minor: int = 0
    shipping_booked: bool = False
    status: str = ""
    facts_as_of: datetime | None = None
    revision: int = 1
    total_minor: int = 0
    captured_minor: int = 0
    receivable_minor: int = 0
    advance_minor: int = 0
    shipping_refunded_minor: int = 0
    row: dict[str, Any] | None = None
    lines: dict[str, LineCopy] = field(default_factory=dict)
    positions: int = 0
    tenders: dict[tuple[str, str], TenderCopy] = field(default_factory=dict)
    #: Units by `ShippedKey`, and returns' claims on them by line.
    shipped: dict[ShippedKey, int] = field(default_factory=dict)
    claimed: dict[UUID, int] = field(default_factory=dict)
    shipments: dict[str, ShipmentCopy] = field(default_factory=dict)
    shipment_numbers: set[str] = field(default_factory=set)
    #: Amounts by payment key without its count, with the tender they went to.
    payments: dict[str, int] = field(default_factory=dict)
    payment_tenders: dict[str, tuple[str, str]] = field(default_factory=dict)
    payment_keys: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Masters:
    shops: dict[UUID, ShopInfo]
    companies: dict[UUID, CompanyInfo]
    warehouses: dict[UUID, WarehouseInfo]
    skus: dict[tuple[UUID, str], SkuInfo]
    compositions: dict[UUID, list[Component]]


def masters(orders: Sequence[OrderFacts]) -> Masters:
    """Shops, companies, warehouses, SKUs and bundles that the facts name. 5 statements, more per 1,000 SKUs."""
    shops_found = shops({order.shop_id for order in orders})
    wanted: dict[UUID, set[str]] = {}
    for order in orders:
        shop = shops_found.get(order.shop_id)
        if shop is not None:
            wanted.setdefault(shop.company_id, set()).update([line.sku_code for line in order.lines])
    skus = skus_by_code((company_id, code) for company_id, codes in wanted.items() for code in codes)
    return Masters(
        shops_found,
        companies({shop.company_id for shop in shops_found.values()}),
        warehouses({shipment.warehouse_id for order in orders for shipment in order.shipments}),
        skus,
        compositions(sku.id for sku in skus.values() if sku.is_bundle),
    )


_ORDER = (
    "id", "shop_id", "number", "customer_id", "currency", "fx_rate", "ordered_at", "tax_inclusive",
    "shipping_standard_minor", "shipping_surcharge_minor", "shipping_tax_minor", "shipping_booked", "status",
    "facts_as_of", "revision", "total_minor", "captured_minor", "receivable_minor", "advance_minor",
    "shipping_refunded_minor",
)  # fmt: skip
_LINE = (
    "order_id", "position", "bundle_line_id", "id", "line_key", "kind", "sku_id", "ordered", "unit_price",
    "paid_minor", "funded_minor", "tax_minor", "cancelled", "shipped", "per_bundle",
)  # fmt: skip


def known_orders(keys: Iterable[OrderKey], known: Masters) -> dict[OrderKey, OrderCopy]:
    """The orders there are, with their lines, shipments, tenders and payments, locked in this order by primary key.

    1 statement for n keys of a shop where none is known; 5 more per 1,000 known orders (and per 1,000 shipments).
    """
    numbers: dict[UUID, list[str]] = {}
    for shop_id, number in keys:
        if shop_id in known.shops:
            numbers.setdefault(shop_id, []).append(number)
    copies: dict[UUID, OrderCopy] = {}
    for shop_id, wanted in sorted(numbers.items()):
        shop = known.shops[shop_id]
        company = known.companies[shop.company_id]
        for batch in chunks(sorted(set(wanted))):
            rows = Order.objects.filter(shop_id=shop_id, number__among=batch).order_by("pk").select_for_update()
            for row in rows.values_list(*_ORDER):
                copies[row[0]] = OrderCopy(row[0], shop, company, *row[2:])
    for ids in chunks(sorted(copies)):
        _add_lines(ids, copies)
        _add_shipments(ids, copies)
        _add_payments(ids, copies)
    return {(copy.shop.id, copy.number): copy for copy in copies.values()}


def _add_lines(ids: Sequence[UUID], copies: dict[UUID, OrderCopy]) -> None:
    rows = OrderLine.objects.filter(order__id__among=ids).order_by("pk").select_for_update().values_list(*_LINE)
    components: list[tuple[OrderCopy, int, UUID, LineCopy]] = []
    headers: dict[UUID, LineCopy] = {}
    for order_id, position, bundle_line_id, *columns in rows:
        copy, line = copies[order_id], LineCopy(*columns)
        copy.lines[line.key] = line
        copy.positions = max(copy.positions, position)
        if bundle_line_id != NIL:
            components.append((copy, position, bundle_line_id, line))
        elif line.kind == LineKind.BUNDLE:
            headers[line.id] = line
    for _, _, bundle_line_id, line in sorted(components, key=lambda item: item[1]):
        headers[bundle_line_id].components.append(line)


def _add_shipments(ids: Sequence[UUID], copies: dict[UUID, OrderCopy]) -> None:
    rows = Shipment.objects.filter(order__id__among=ids).order_by("shipped_at", "pk")
    numbers: dict[UUID, tuple[OrderCopy, str]] = {}
    columns = ("id", "order_id", "number", "carrier", "tracking", "delivered_at")
    for shipment_id, order_id, number, *more in rows.values_list(*columns):
        copies[order_id].shipments[number] = ShipmentCopy(shipment_id, *more)
        copies[order_id].shipment_numbers.add(number)
        numbers[shipment_id] = (copies[order_id], base_number(number))
    for batch in chunks(sorted(numbers)):
        lines: QuerySet[ShipmentLine] = ShipmentLine.objects.filter(shipment__id__among=batch).order_by("pk")
        found = lines.select_for_update().values_list(
            "shipment_id", "order_line_id", "lot", "serial", "shipped", "claimed"
        )
        for shipment_id, line_id, lot, serial, shipped, claimed in found:
            copy, base = numbers[shipment_id]
            key = (base, line_id, lot, serial)
            copy.shipped[key] = copy.shipped.get(key, 0) + shipped
            copy.claimed[line_id] = copy.claimed.get(line_id, 0) + claimed


def _add_payments(ids: Sequence[UUID], copies: dict[UUID, OrderCopy]) -> None:
    names: dict[UUID, tuple[str, str]] = {}
    tenders = Tender.objects.filter(order__id__among=ids).order_by("pk").select_for_update()
    found = tenders.values_list("order_id", "kind", "reference", "id", "captured_minor", "refunded_minor")
    for order_id, kind, reference, tender_id, captured_minor, refunded_minor in found:
        tender = TenderCopy(tender_id, captured_minor, refunded_minor)
        names[tender.id] = (kind, reference)
        copies[order_id].tenders[kind, reference] = tender
    paid = Payment.objects.filter(order__id__among=ids).values_list(
        "order_id", "tender_id", "payment_key", "amount_minor"
    )
    for order_id, tender_id, payment_key, amount_minor in paid:
        copy, base = copies[order_id], base_number(payment_key)
        copy.payments[base] = copy.payments.get(base, 0) + amount_minor
        copy.payment_tenders[base] = names[tender_id]
        copy.payment_keys.add(payment_key)


def funders(order_line_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Who besides the shop funds a part of these lines, the first of each; 1 statement per 1,000."""
    found: dict[UUID, str] = {}
    for batch in chunks(sorted(set(order_line_ids))):
        rows = LineDiscount.objects.filter(order_line__id__among=batch).exclude(funder=Funder.SHOP).order_by("position")
        for line_id, funder in rows.values_list("order_line_id", "funder"):
            found.setdefault(line_id, funder)
    return found


class Replacement(NamedTuple):
    """The order in place of a return's goods. `open_minor`: what the buyer still owes for it."""

    id: UUID
    return_id: UUID
    number: str
    currency: str
    total_minor: int
    open_minor: int


def replacements(return_ids: Iterable[UUID]) -> dict[UUID, Replacement]:
    """By return; 1 statement per 1,000."""
    found: dict[UUID, Replacement] = {}
    for batch in chunks(sorted(set(return_ids) - {NIL})):
        for row in Order.objects.filter(return_id__among=batch).exclude(return_id=NIL):
            paid = row.captured_minor + row.set_off_minor - row.refunded_minor + row.extra_minor
            owed = row.total_minor - row.credited_minor + row.fees_minor - paid
            found[row.return_id] = Replacement(
                row.id, row.return_id, row.number, row.currency, row.total_minor, max(0, owed)
            )
    return found


def first_tenders(order_ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """(kind, reference) of the first tender of each order that was money; 1 statement per 1,000."""
    found: dict[UUID, tuple[str, str]] = {}
    for batch in chunks(sorted(set(order_ids))):
        rows = Tender.objects.filter(order__id__among=batch, promotional=False).order_by("position")
        for order_id, kind, reference in rows.values_list("order_id", "kind", "reference"):
            found.setdefault(order_id, (kind, reference))
    return found
