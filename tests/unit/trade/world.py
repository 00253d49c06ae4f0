"""A company that trades, and short ways to state orders of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from guicang.accounting import proofs as accounting_proofs
from guicang.catalog.operations import ensure_skus
from guicang.inventory import proofs as inventory_proofs
from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Outcome
from guicang.sales.models import Order, OrderLine
from guicang.trade import proofs
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
ACTOR = Actor.system()


def context(now: datetime = NOW) -> commands.Context:
    return commands.begin("test", actor=ACTOR, now=now, items=1)


@dataclass
class World:
    """Amounts are minor units; unknown SKU codes are made."""

    company_id: UUID
    shop_id: UUID
    warehouse_id: UUID
    currency: str = "CNY"
    numbers: int = 0
    made: set[str] = field(default_factory=set)

    def skus(self, *codes: str) -> None:
        with transaction.atomic():
            ensure_skus(context(), self.company_id, {code: code for code in codes})
        self.made.update(codes)

    def line(self, code: str, quantity: int, price: str, **more: Any) -> LineFacts:
        if code not in self.made and more.get("kind", "goods") == "goods":
            self.skus(code)
        price_minor = int(Decimal(price) * 100)
        facts: dict[str, Any] = {"line_key": code, "sku_code": code, "ordered": quantity, "unit_price": Decimal(price)}
        facts |= {"gross_minor": quantity * price_minor}
        return LineFacts(**(facts | more))

    def order(self, *lines: LineFacts, ship: Any = None, pay: Any = None, **more: Any) -> OrderFacts:
        """`ship`: {line key: units} or True for all; `pay`: {key: minor} by wechat, or a list of facts."""
        self.numbers += 1
        facts: dict[str, Any] = {
            "shop_id": self.shop_id,
            "number": f"{self.numbers:06d}",
            "ordered_at": NOW - timedelta(days=5),
            "currency": self.currency,
            "customer": CustomerFacts("buyer-1"),
        }
        if ship is True:
            ship = {line.line_key: line.ordered for line in lines}
        if ship:
            facts["shipments"] = [self.shipment(ship)]
        if isinstance(pay, dict):
            pay = [PaymentFacts(key, "wechat", minor, NOW - timedelta(days=4)) for key, minor in pay.items()]
        return OrderFacts(**(facts | {"lines": list(lines), "payments": pay or []} | more))

    def shipment(self, units: dict[str, int], number: str = "", **more: Any) -> ShipmentFacts:
        shipped = [ShippedFacts(key, quantity) for key, quantity in units.items()]
        facts: dict[str, Any] = {"shipped_at": NOW - timedelta(days=3), "lines": shipped}
        return ShipmentFacts(number, self.warehouse_id, **(facts | more))

    def record(self, *orders: OrderFacts, **more: Any) -> list[Outcome]:
        return record_orders(orders=orders, actor=ACTOR, now=more.pop("now", NOW), **more)

    def stock(self, code: str, quantity: int, cost_minor: int | None, reference: str = "") -> Outcome:
        if code not in self.made:
            self.skus(code)
        item = StockFacts(self.warehouse_id, code, quantity, cost_minor, NOW - timedelta(days=30), reference)
        (outcome,) = record_opening_stock(items=[item], actor=ACTOR, now=NOW)
        assert outcome.ok, outcome.refusals
        return outcome

    def row(self, facts: OrderFacts) -> Order:
        return Order.objects.get(shop_id=facts.shop_id, number=facts.number)

    def lines(self, facts: OrderFacts) -> list[OrderLine]:
        return list(OrderLine.objects.filter(order=self.row(facts)).order_by("position"))


def build(goods: str = "mirrored", shop_currency: str = "CNY", **company: Any) -> World:
    code = new_id().hex
    facts = {"code": code, "name": code, "currency": "CNY", **company}
    with transaction.atomic():
        made = set_up(
            context(),
            company=facts,
            shops=[ShopFacts(code, market=shop_currency, currency=shop_currency)],
            warehouses=[WarehouseFacts(code, goods=goods)],
        )
    return World(made.company.id, made.shops[code].id, made.warehouses[code].id, shop_currency)


def faults() -> dict[str, list[dict[str, Any]]]:
    """Name to differences of every proof that fails."""
    found = [*proofs.proofs(), *inventory_proofs.proofs(), *accounting_proofs.proofs()]
    return {proof.name: proof.differences for proof in found if not proof.ok}


def codes(outcome: Outcome) -> list[str]:
    return [refusal.code for refusal in outcome.refusals]
