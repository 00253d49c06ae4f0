"""What a set of requests refers to, read once: orders, what of them is free, policies, reasons, flows, serials."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from guicang.catalog import queries as catalogue
from guicang.kernel.ids import NIL
from guicang.kernel.money import split
from guicang.logistics.queries import freight_tables
from guicang.logistics.rules import Rate
from guicang.org import queries as org
from guicang.policy import queries as policies
from guicang.policy import rules as policy
from guicang.policy.facts import FieldInfo, ReasonInfo
from guicang.returns import queries
from guicang.returns.classing import resolution_of
from guicang.returns.lifecycle import Type
from guicang.returns.operations.asking import Request, Wanted
from guicang.sales import operations as sales
from guicang.sales import queries as sold


@dataclass(slots=True)
class Known:
    """What the facts of verdicts are built from, for the step and for whoever replays it.

    `times`: when units of shipment lines left and arrived; `confirmed`: order lines of which the buyer confirmed that
    they cannot come back; `frozen`: category and brand of order lines as they were when they were recorded.
    """

    orders: Mapping[UUID, sold.OrderHead]
    times: Mapping[UUID, sold.ShipmentTimes]
    confirmed: Collection[UUID]
    frozen: Mapping[UUID, tuple[str, str]]
    books: Mapping[UUID, policy.Book]
    channels: Mapping[UUID, str]
    payments: Mapping[UUID, tuple[str, ...]]
    reasons: Mapping[UUID, Mapping[str, ReasonInfo]]
    shops: Mapping[UUID, org.ShopInfo]
    zones: Mapping[UUID, org.MarketInfo]
    skus: Mapping[UUID, catalogue.SkuInfo]
    #: When all of an order came; only where a policy knows a right of withdrawal.
    arrivals: Mapping[UUID, sold.Arrival]
    #: Orders that an invoice was issued for, where a policy wants one.
    invoiced: Collection[UUID]

    def goods(self, line: Mapping[str, Any]) -> tuple[str, str]:
        """Category and brand of what a line of a return is about: as sold, else, where nobody knew, as of today."""
        category, brand = self.frozen.get(line["order_line_id"], ("", ""))
        sku = self.skus.get(line["sku_id"])
        return category or (sku.category if sku else ""), brand or (sku.brand if sku else "")


@dataclass(slots=True)
class Sight(Known):
    """What the set refers to, read once. `free`: units of shipment lines not yet claimed, counted down."""

    lines: Mapping[UUID, sold.LineHead]
    shipped: Mapping[UUID, list[sold.SoldLine]]
    free: dict[UUID, int]
    unshipped: dict[UUID, int]
    documents: dict[tuple[UUID, str, str], UUID]
    serials: dict[tuple[UUID, str], Any]
    lots: Mapping[UUID, str]
    #: Approval flows in use, by company; none for a preview, which nobody has to agree to.
    flows: Mapping[UUID, Sequence[policies.FlowInfo]]
    currencies: Mapping[UUID, str]
    #: The companies' own fields by code; and what was answered to those of lines, by the line that was planned.
    fields: Mapping[UUID, Mapping[str, FieldInfo]]
    #: What the way back costs by company and currency: number and rates of the table; codes of warehouses it may name.
    freight: Mapping[tuple[UUID, str], tuple[int, Sequence[Rate]]]
    warehouses: Mapping[UUID, str]
    answers: dict[UUID, Mapping[str, str]] = field(default_factory=dict)


def asked_dimensions(books: Iterable[policy.Book]) -> set[str]:
    """The dimensions that any of the scopes names: the rest need not be looked up."""
    return {name for book in books for name in book.asks}


def knows_withdrawal(books: Iterable[policy.Book]) -> bool:
    """Whether any policy gives a right of withdrawal: then it counts when all of an order came."""
    return any(one.terms.withdrawal for book in books for one in book.statement.policies)


def asks_invoices(books: Iterable[policy.Book]) -> bool:
    return any(book.asks_invoices for book in books)


def _instead(wanted: Iterable[Wanted]) -> set[UUID]:
    return {one.sku_id for line in wanted for one in line.instead}


def look(chunk: Sequence[Request], *, lock: bool = True, book: policy.Book | None = None) -> Sight:
    """Locks orders, shipment lines and serials, unless it is for a preview. About 13 statements a thousand.

    `book`: one that will be asked beside those of the orders.
    """
    wanted = [line for item in chunk for line in item.lines]
    lines = sold.line_heads({line.order_line_id for line in wanted} - {NIL})
    shipped: dict[UUID, list[sold.SoldLine]] = {}
    for row in sold.shipped_lines_of(lines):
        shipped.setdefault(row.order_line_id, []).append(row)
    bought = {line.order_id for line in lines.values()}
    if lock:
        # The label of an order is stored at the end, and its policy must not change meanwhile: it is held first.
        sales.hold_orders(bought)
    orders = sold.order_heads(bought)
    locked = sales.lock_shipment_lines((row.shipment_line_id for rows in shipped.values() for row in rows), lock=lock)
    unsent = {key for key in lines if key not in shipped}
    unsent |= {line.order_line_id for line in wanted if line.resolution == Type.UNSHIPPED}
    taken = queries.unshipped_taken(unsent)
    shops = org.shops({item.shop_id for item in chunk})
    documents: dict[tuple[UUID, str, str], UUID] = {}
    for shop_id in {item.shop_id for item in chunk if item.source_document}:
        known = queries.documents(shop_id, [item.source_document for item in chunk if item.shop_id == shop_id])
        documents.update({(shop_id, *document): key for document, key in known.items()})
    serials = {(row.sku_id, row.serial) for rows in shipped.values() for row in rows if row.serial}
    books = policies.books({order.policy_version_id for order in orders.values()} | {NIL})
    asked = asked_dimensions([*books.values(), *([book] if book else [])])
    companies = {shop.company_id for shop in shops.values()}
    flows = policies.flows_in_use(companies) if lock else {}
    freight = freight_tables(companies)
    named = any(rate.warehouse for _, rates in freight.values() for rate in rates)
    return Sight(
        lines=lines,
        orders=orders,
        times={
            row.shipment_line_id: sold.ShipmentTimes(row.shipped_at, row.delivered_at)
            for rows in shipped.values()
            for row in rows
        },
        confirmed={key for key, line in lines.items() if line.non_returnable_confirmed_at is not None},
        frozen={key: (line.category, line.brand) for key, line in lines.items()},
        shipped=shipped,
        free={key: row.shipped - row.claimed for key, row in locked.items()},
        # Also what the source cancelled: its money waits for a return of this type.
        unshipped={key: line.ordered - line.shipped - taken.get(key, 0) for key, line in lines.items()},
        lots={key: row.lot for key, row in locked.items() if row.lot},
        books=books,
        invoiced=sold.invoiced_orders(orders) if asks_invoices([*books.values(), *([book] if book else [])]) else (),
        channels=org.channel_codes() if "channels" in asked else {},
        payments=sold.payment_kinds(orders) if "payments" in asked else {},
        reasons=policies.reasons(companies),
        flows=flows,
        fields=policies.fields(companies),
        currencies={key: one.currency for key, one in org.companies(flows).items()},
        shops=shops,
        zones=org.markets({shop.market_id for shop in shops.values()} | {order.market_id for order in orders.values()}),
        documents=documents,
        skus=catalogue.skus({line.sku_id for line in lines.values()} | _instead(wanted)),
        arrivals=sold.arrivals(orders) if knows_withdrawal([*books.values(), *([book] if book else [])]) else {},
        freight=freight,
        warehouses={key: one.code for key, one in org.warehouses().items()} if named else {},
        serials=catalogue.serials(serials, lock=lock) if serials else {},
    )


def as_sold(lines: Sequence[Wanted], sight: Sight) -> list[Wanted]:
    """What is asked for, by the sale's own lines, and as what its facts make of it (`classing.resolution_of`)."""
    return [_by_facts(wanted, sight) for wanted in _without_bundles(lines, sight)]


def _by_facts(wanted: Wanted, sight: Sight) -> Wanted:
    key = wanted.order_line_id
    if key not in sight.lines:
        return wanted
    shipped, unshipped = bool(sight.shipped.get(key)), sight.unshipped[key]
    resolution = resolution_of(wanted.resolution, wanted.quantity, shipped=shipped, unshipped=unshipped)
    return replace(wanted, resolution=resolution)


def _without_bundles(lines: Sequence[Wanted], sight: Sight) -> list[Wanted]:
    """A bundle's claim is its components' claims: both count on one counter (HARD-CASES 17)."""
    found: list[Wanted] = []
    for wanted in lines:
        head = sight.lines.get(wanted.order_line_id)
        if head is None or head.kind != "bundle":
            found.append(wanted)
            continue
        parts = [part for part in sight.lines.values() if part.bundle_line_id == head.id]
        amounts: Sequence[int | None] = [None] * len(parts)
        if wanted.recorded_minor is not None:
            amounts = split(wanted.recorded_minor, [_paid(part, sight) for part in parts])
        for part, amount in zip(parts, amounts, strict=True):
            units = wanted.quantity * part.per_bundle
            found.append(replace(wanted, order_line_id=part.id, quantity=units, recorded_minor=amount))
    return found


def _paid(part: sold.LineHead, sight: Sight) -> int:
    """The weight of a component in an amount for its bundle: what was paid for it, as far as it was shipped."""
    return next((row.paid_minor for row in sight.shipped.get(part.id, ())), 0)
