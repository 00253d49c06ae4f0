"""Past return documents against what was sold: which part of each line is whose, before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from guicang.catalog.queries import skus_by_code
from guicang.intake.documents import GOODS, Document, DocumentLine
from guicang.intake.matching import Part, Pool, Wanted, recorded_parts
from guicang.intake.places import Place
from guicang.intake.sums import exact_value
from guicang.kernel.ids import NIL
from guicang.kernel.money import target
from guicang.parties.queries import CustomerKey, customers_by_key
from guicang.sales import queries as sales
from guicang.sales.queries import OrderHead, SoldLine

BOOKED, UNMATCHED, SET_ASIDE = "booked", "unmatched", "set_aside"


@dataclass(slots=True)
class Piece:
    """A line of a document, or the part of one that came from one sale. `units` and `value` as the source signs them.

    `sale_share_minor`: what the sale charged for these units, to compare with what was paid back.
    """

    line: DocumentLine
    part: int
    bucket: str
    units: int
    value: Decimal
    recorded_minor: int
    sold: SoldLine | None = None
    sku_id: UUID = NIL
    reason: str = ""
    sale_share_minor: int = 0
    price_difference_minor: int = 0
    return_id: UUID = NIL
    return_line_id: UUID = NIL

    @property
    def order_line_id(self) -> UUID:
        return self.sold.order_line_id if self.sold else NIL


@dataclass(slots=True)
class Claim:
    """A document with its place, its customer and its pieces. `customer` '' is the shop's customer "unknown"."""

    document: Document
    place: Place
    customer: CustomerKey
    warehouse_id: UUID
    pieces: list[Piece] = field(default_factory=list)
    #: NIL until it is known or made.
    customer_id: UUID = NIL

    @property
    def at(self) -> datetime:
        """Only complete documents, which have a date, become claims."""
        if self.document.at is None:
            raise ValueError(f"the document {self.document.number} has no date")
        return self.document.at

    def of(self, bucket: str) -> list[Piece]:
        return [piece for piece in self.pieces if piece.bucket == bucket]


@dataclass(slots=True)
class _Known:
    """What the set's documents name, read once."""

    skus: dict[tuple[UUID, str], UUID]
    customers: dict[CustomerKey, UUID]
    orders: dict[tuple[UUID, str], OrderHead]
    line_ids: dict[tuple[UUID, str], UUID]
    pool: Pool[SoldLine]


def match(claims: Sequence[Claim]) -> None:
    """Fill in the pieces of each document anew, in their order: an earlier document takes first.

    Statements: about 6 per 1,000 documents and SKUs.
    """
    known = _look(claims)
    for claim in claims:
        claim.pieces = [piece for line in claim.document.lines for piece in _pieces(claim, line, known)]
        _adopt_customer(claim, known)


def _look(claims: Sequence[Claim]) -> _Known:
    goods = [(claim, line) for claim in claims for line in claim.document.lines if line.kind == GOODS]
    skus = {
        key: info.id for key, info in skus_by_code((claim.place.company_id, line.sku) for claim, line in goods).items()
    }
    named = {claim.customer for claim in claims if claim.customer[1]}
    customers = {key: info.id for key, info in customers_by_key(named).items()}
    numbers: dict[UUID, set[str]] = {}
    for claim, line in goods:
        if line.order_number:
            numbers.setdefault(claim.place.shop_id, set()).add(line.order_number)
    orders = {
        (shop_id, number): head
        for shop_id, wanted in numbers.items()
        for number, head in sales.orders_by_number(shop_id, wanted).items()
    }
    order_ids = {head.id for head in orders.values()}
    stated = any(line.order_line_id for _, line in goods)
    pairs = [
        (customers[claim.customer], skus[claim.place.company_id, line.sku])
        for claim, line in goods
        if claim.customer in customers and (claim.place.company_id, line.sku) in skus
    ]
    return _Known(
        skus,
        customers,
        orders,
        sales.line_ids_by_key(order_ids) if stated else {},
        Pool([*sales.sold_lines(pairs), *sales.sold_lines_of(order_ids)]),
    )


def _pieces(claim: Claim, line: DocumentLine, known: _Known) -> list[Piece]:
    if line.kind != GOODS:
        return [Piece(line, 0, BOOKED, line.units, line.value, line.recorded_minor)]
    sku_id = known.skus.get((claim.place.company_id, line.sku), NIL)
    parts = known.pool.take(_wanted(claim, line, sku_id, known)) if sku_id != NIL else [Part(None, line.quantity)]
    recorded = recorded_parts(line.recorded_minor, parts)
    found: list[Piece] = []
    for index, (part, amount) in enumerate(zip(parts, recorded, strict=True)):
        units = part.units if line.units > 0 else -part.units
        value = exact_value(units, line.unit_price)
        piece = Piece(line, index, BOOKED, units, value, amount, part.sold, sku_id)
        if part.sold is None:
            piece.bucket, piece.reason = UNMATCHED, _reason(claim, line, sku_id, known, excess=len(parts) > 1)
        else:
            piece.sale_share_minor = _share(part.sold, part.before, part.units)
        found.append(piece)
    return found


def _wanted(claim: Claim, line: DocumentLine, sku_id: UUID, known: _Known) -> Wanted:
    """A line that names its order is looked for there alone; without one, at its customer: nobody matches nobody."""
    order = known.orders.get((claim.place.shop_id, line.order_number)) if line.order_number else None
    customer = known.customers.get(claim.customer, NIL) if claim.customer[1] else NIL
    order_id = order.id if order else NIL
    line_id = NIL
    if order and line.order_line_id:
        line_id = known.line_ids.get((order.id, f"id:{line.order_line_id}"), UUID(int=1))
    if line.order_number and order is None:
        customer = NIL
    return Wanted(customer, sku_id, line.quantity, line.unit_price, claim.at, order_id, line_id, line.serial)


def _share(sold: SoldLine, before: int, units: int) -> int:
    """What the buyer paid for the units after the first `before` of the line."""
    upto = min(before + units, sold.ordered)
    return target(sold.paid_minor, upto, sold.ordered) - target(sold.paid_minor, min(before, upto), sold.ordered)


def _reason(claim: Claim, line: DocumentLine, sku_id: UUID, known: _Known, *, excess: bool) -> str:
    if excess:
        return "more_than_sold"
    if sku_id == NIL:
        return "sku_unknown"
    if line.order_number:
        return "not_in_order" if (claim.place.shop_id, line.order_number) in known.orders else "order_unknown"
    if not claim.customer[1]:
        return "customer_unknown"
    return "no_earlier_sale"


def _adopt_customer(claim: Claim, known: _Known) -> None:
    """Its own customer where there is one; else that of the order it names."""
    if claim.customer[1]:
        claim.customer_id = known.customers.get(claim.customer, NIL)
        return
    buyers = {piece.sold.customer_id for piece in claim.pieces if piece.sold}
    if len(buyers) == 1:
        claim.customer_id = buyers.pop()
