"""A company with a warehouse, and short ways to move and value goods in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from guicang.catalog.models import Sku
from guicang.inventory import operations, proofs
from guicang.inventory.models import CostLayer, LocationKind, StockLevel, ValuePool
from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.kernel.ids import new_id
from guicang.org.models import Company, Warehouse

NOW = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
TODAY = date(2026, 11, 3)


@dataclass
class World:
    """`context` is a command in hand; amounts are minor units of CNY."""

    company: Company
    warehouse: Warehouse
    places: dict[LocationKind, UUID]
    context: commands.Context = field(
        default_factory=lambda: commands.begin("test", actor=Actor.system(), now=NOW, items=1)
    )

    @property
    def owner_id(self) -> UUID:
        return self.company.id

    def sku(self, standard_cost_minor: int | None = None) -> UUID:
        code = new_id().hex
        return Sku.objects.create(
            company_id=self.company.id, code=code, name=code, standard_cost_minor=standard_cost_minor
        ).id

    def move(self, sku_id: UUID, start: LocationKind, end: LocationKind, quantity: int, **more: Any) -> operations.Move:
        facts: dict[str, Any] = {
            "company_id": self.company.id,
            "owner_id": self.owner_id,
            "sku_id": sku_id,
            "quantity": quantity,
            "from_location_id": self.places[start],
            "from_grade": "A",
            "to_location_id": self.places[end],
            "to_grade": "A",
            "event": "test",
            "source_kind": "test",
            "source_id": new_id(),
            "occurred_at": NOW,
            "book_date": TODAY,
        }
        return operations.Move(**(facts | more))

    def change(self, kind: Any, sku_id: UUID, quantity: int = 0, amount_minor: int = 0, **more: Any) -> Any:
        facts: dict[str, Any] = {
            "company_id": self.company.id,
            "owner_id": self.owner_id,
            "grade": "A",
            "source_kind": "test",
            "source_id": new_id(),
            "occurred_at": NOW,
            "book_date": TODAY,
        }
        return operations.ValueChange(
            kind=kind, sku_id=sku_id, quantity=quantity, amount_minor=amount_minor, **(facts | more)
        )

    def value(self, *changes: operations.ValueChange) -> list[operations.ValueResult]:
        return operations.value(self.context, changes)

    def receipt(self, sku_id: UUID, quantity: int, cost_minor: int | None, **more: Any) -> operations.StockReceipt:
        facts: dict[str, Any] = {
            "company_id": self.company.id,
            "owner_id": self.owner_id,
            "warehouse_id": self.warehouse.id,
            "event": "opening",
            "source_kind": "test",
            "source_id": new_id(),
            "occurred_at": NOW,
            "book_date": TODAY,
        }
        return operations.StockReceipt(sku_id=sku_id, quantity=quantity, cost_minor=cost_minor, **(facts | more))

    def accept(self, sku_id: UUID, quantity: int, cost_minor: int, **more: Any) -> operations.AcceptanceResult:
        facts: dict[str, Any] = {
            "company_id": self.company.id,
            "owner_id": self.owner_id,
            "grade": "A",
            "cost_source": "average",
            "source_kind": "test",
            "source_id": new_id(),
            "occurred_at": NOW,
            "book_date": TODAY,
        }
        item = operations.Acceptance(sku_id=sku_id, quantity=quantity, cost_minor=cost_minor, **(facts | more))
        return operations.acceptance(self.context, [item])[0]

    def pool(self, sku_id: UUID, grade: str = "A") -> tuple[int, int, int]:
        """(units, cost, provision)"""
        found = ValuePool.objects.filter(sku_id=sku_id, grade=grade, owner_id=self.owner_id)
        return found.values_list("quantity", "cost_minor", "provision_minor").get()

    def layers(self, sku_id: UUID) -> list[tuple[int, int]]:
        pools = ValuePool.objects.filter(sku_id=sku_id).values("id")
        found = CostLayer.objects.filter(pool_id__in=pools, quantity__gt=0).order_by("id")
        return list(found.values_list("quantity", "cost_minor"))

    def on_hand(self, sku_id: UUID, kind: LocationKind, grade: str = "A") -> int:
        found = StockLevel.objects.filter(sku_id=sku_id, location_id=self.places[kind], grade=grade)
        return sum(found.values_list("on_hand", flat=True))


def build(cost_method: str = "average", write_down: str = "direct", goods: str = "owned") -> World:
    code = new_id().hex
    company = Company.objects.create(
        code=code, name=code, currency="CNY", cost_method=cost_method, write_down=write_down
    )
    warehouse = Warehouse.objects.create(code=code, name=code, company=company, goods=goods)
    return World(company, warehouse, operations.ensure_locations(company.id, warehouse.id))


def faults() -> dict[str, list[dict[str, Any]]]:
    """Name to differences of every proof that fails."""
    return {proof.name: proof.differences for proof in proofs.proofs() if not proof.ok}
