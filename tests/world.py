"""A company that keeps its own books and goods, orders of it, and short ways to bring returns to a state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from guicang.catalog.operations import ensure_skus
from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.kernel.ids import new_id
from guicang.returns.models import Return, ReturnLine
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.request import Request, Wanted, request
from guicang.sales.models import Order, OrderLine, ShipmentLine
from guicang.trade.facts import (
    CustomerFacts,
    LineFacts,
    OrderFacts,
    PaymentFacts,
    ShipmentFacts,
    ShippedFacts,
    StockFacts,
)
from guicang.trade.operations import ShopFacts, WarehouseFacts, set_up
from guicang.trade.steps import record_opening_stock, record_orders

NOW = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
SYSTEM = Actor.system()


@dataclass(slots=True)
class Sold:
    """An order as the database has it; read the rows anew after every step."""

    id: UUID
    shop_id: UUID
    customer_id: UUID
    sku_id: UUID

    @property
    def row(self) -> Order:
        return Order.objects.get(id=self.id)

    @property
    def lines(self) -> list[OrderLine]:
        return list(OrderLine.objects.filter(order_id=self.id).order_by("position"))

    @property
    def shipped(self) -> list[ShipmentLine]:
        return list(ShipmentLine.objects.filter(shipment__order_id=self.id).order_by("id"))

    @property
    def claimed(self) -> int:
        return sum(row.claimed for row in self.shipped)


@dataclass(slots=True)
class World:
    """Owned books and goods; 1,000 units of SKU `GOODS` at 5.00 each lie in the warehouse."""

    company_id: UUID
    shop_id: UUID
    warehouse_id: UUID
    sku_id: UUID
    numbers: int = 0
    now: datetime = NOW
    skus: dict[str, UUID] = field(default_factory=dict)

    def sku(self, code: str, units: int = 1_000, cost_minor: int | None = None) -> UUID:
        """A SKU with `units` of opening stock (5.00 each unless said)."""
        with transaction.atomic():
            context = commands.begin("test", actor=SYSTEM, now=self.now, items=1)
            self.skus.update(ensure_skus(context, self.company_id, {code: code}))
        cost = units * 500 if cost_minor is None else cost_minor
        stock = StockFacts(self.warehouse_id, code, units, cost, self.now - timedelta(days=30))
        (outcome,) = record_opening_stock(items=[stock], actor=SYSTEM, now=self.now)
        assert outcome.ok, outcome.refusals
        return self.skus[code]

    def facts(
        self,
        units: int = 5,
        shipped: int | None = None,
        price_minor: int = 1_000,
        *,
        sku: str = "GOODS",
        serials: Sequence[str] = (),
        buyer: str = "buyer-1",
        paid: bool = True,
        **more: Any,
    ) -> OrderFacts:
        """One line of `units` at `price_minor`; `shipped` None: all of them; `paid` by one tender, in full."""
        self.numbers += 1
        left = units if shipped is None else shipped
        rows = [ShippedFacts("1", 1, serial=serial) for serial in serials] or [ShippedFacts("1", left)]
        parcels = [ShipmentFacts("1", self.warehouse_id, self.now - timedelta(days=3), rows)] if left else []
        money = [PaymentFacts("p", "wechat", units * price_minor, self.now - timedelta(days=4))] if paid else []
        facts: dict[str, Any] = {
            "shop_id": self.shop_id,
            "number": f"{self.numbers:06d}",
            "ordered_at": self.now - timedelta(days=5),
            "currency": "CNY",
            "customer": CustomerFacts(buyer),
            "lines": [LineFacts("1", sku, units, Decimal(price_minor) / 100, units * price_minor)],
            "shipments": parcels,
            "payments": money,
        }
        return OrderFacts(**(facts | more))

    def sell(self, *orders: OrderFacts) -> list[Sold]:
        outcomes = record_orders(orders=orders, actor=SYSTEM, now=self.now)
        assert all(outcome.ok for outcome in outcomes), [outcome.refusals for outcome in outcomes]
        rows = {row.number: row for row in Order.objects.filter(shop_id=self.shop_id)}
        return [
            Sold(
                rows[facts.number].id, self.shop_id, rows[facts.number].customer_id, self.skus[facts.lines[0].sku_code]
            )
            for facts in orders
        ]

    def asked(self, sold: Sold, units: int, **more: Any) -> Request:
        """A request for `units` of the order's first line; `more` are columns of `Wanted`."""
        facts: dict[str, Any] = {"order_line_id": sold.lines[0].id, "quantity": units, "reason": "too_small"}
        return Request(sold.shop_id, sold.customer_id, [Wanted(**(facts | more))])

    def asked_line(self, sold: Sold, order_line_id: UUID) -> Request:
        """A request for one unit of a line that the caller looked up, for large sets."""
        return Request(sold.shop_id, sold.customer_id, [Wanted(order_line_id, 1, "too_small")])

    def request(self, sold: Sold, units: int, **more: Any) -> UUID:
        """The id of a new return in state `requested`."""
        (outcome,) = request(requests=[self.asked(sold, units, **more)], actor=SYSTEM, now=self.now)
        assert outcome.ok, outcome.refusals
        assert outcome.id is not None
        return outcome.id

    def authorised(self, sold: Sold, units: int, **more: Any) -> UUID:
        """The id of a new return in state `authorised`."""
        key = self.request(sold, units, **more)
        (outcome,) = authorise(authorisations=[Authorisation(key)], actor=SYSTEM, now=self.now)
        assert outcome.ok, outcome.refusals
        return key

    def row(self, return_id: UUID) -> Return:
        return Return.objects.get(id=return_id)

    def line(self, return_id: UUID, position: int = 1) -> ReturnLine:
        return ReturnLine.objects.get(parent_id=return_id, position=position)


@pytest.fixture
def world(db: None) -> World:
    return another_world()


def another_world() -> World:
    """A company of its own, with one shop and one warehouse."""
    code = new_id().hex
    with transaction.atomic():
        made = set_up(
            commands.begin("test", actor=SYSTEM, now=NOW, items=1),
            company={"code": code, "name": code, "currency": "CNY"},
            shops=[ShopFacts(code)],
            warehouses=[WarehouseFacts(code, goods="owned")],
        )
    built = World(made.company.id, made.shops[code].id, made.warehouses[code].id, made.company.id)
    built.sku_id = built.sku("GOODS")
    return built


@pytest.fixture
def order(world: World) -> Callable[..., Sold]:
    """order(units=5, shipped=None, price_minor=1000, ...): an order of one line, shipped in full unless said."""

    def make(units: int = 5, shipped: int | None = None, price_minor: int = 1_000, **more: Any) -> Sold:
        return world.sell(world.facts(units, shipped, price_minor, **more))[0]

    return make
