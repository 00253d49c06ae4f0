"""`guicang import stock`: opening stock with its cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from guicang.catalog.operations import ensure_skus
from guicang.intake.errors import fault
from guicang.intake.staging import Group, StagedRow
from guicang.intake.tables import CellFault
from guicang.intake.verdicts import Chunk, Taker, Verdict, reason_of
from guicang.kernel.money import to_minor
from guicang.trade.facts import StockFacts
from guicang.trade.steps import record_opening_stock

#: What tells one stock from another.
_PLACE = ("company", "warehouse", "location", "sku", "grade", "lot", "serial")


class StockTaker(Taker):
    """Rows of one SKU, lot, serial, grade and place stand together, so that equal rows are told apart by count."""

    kind: ClassVar[str] = "stock"
    needed = ("sku", "quantity")
    document: ClassVar[str] = "sku"
    legible = _PLACE

    def check(self, values: Mapping[str, Any]) -> CellFault | None:
        quantity = values["quantity"]
        if quantity is not None and quantity < 0:
            return fault("negative_quantity", "quantity", text=quantity)
        return super().check(values)

    def place(self, values: Mapping[str, Any]) -> tuple[str, str]:
        return "\x1f".join(values.get(name) or "" for name in _PLACE), ""

    def tied(self, row: StagedRow, faulty: StagedRow) -> bool:
        return True

    def take(self, chunk: Chunk) -> list[Verdict]:
        if self.profile.unknown_sku == "create":
            self._ensure_skus(chunk)
        items = [item for group in chunk.groups for item in self._facts(chunk, group)]
        outcomes = record_opening_stock(items=[facts for _, facts in items], actor=chunk.actor, now=chunk.now)
        verdicts: list[Verdict] = []
        for (number, _), outcome in zip(items, outcomes, strict=True):
            if outcome.ok:
                verdicts.append(Verdict([number], outcome.data["result"]))
            else:
                verdicts.append(Verdict([number], "set_aside", {0: reason_of(outcome)}))
        return verdicts

    def _ensure_skus(self, chunk: Chunk) -> None:
        wanted: dict[UUID, dict[str, str]] = {}
        for group in chunk.groups:
            values = group.rows[0].values
            place = self.places.company(chunk.context, values, self.currency(values))
            wanted.setdefault(place.company_id, {})[values["sku"]] = ""
        for company_id, names in wanted.items():
            ensure_skus(chunk.context(), company_id, names)

    def _facts(self, chunk: Chunk, group: Group) -> list[tuple[int, StockFacts]]:
        found: list[tuple[int, StockFacts]] = []
        for count, row in enumerate(group.rows, 1):
            get, currency = row.values.get, self.currency(row.values)
            place = self.places.company(chunk.context, row.values, currency)
            warehouse_id = self.places.warehouse(chunk.context, row.values, place)
            cost, unit_cost = get("total_cost"), get("unit_cost")
            if cost is None and unit_cost is not None:
                cost = to_minor(unit_cost * row.values["quantity"], currency)
            location = get("location") or ""
            facts = StockFacts(
                warehouse_id,
                row.values["sku"],
                row.values["quantity"],
                cost,
                get("as_of") or self.as_of or chunk.now,
                reference=f"{location}#{count}" if count > 1 else location,
                lot=get("lot") or "",
                best_before=best.date() if (best := get("best_before")) else None,
                serial=get("serial") or "",
                grade=get("grade") or "A",
                weight_g=get("weight_g") or 0,
            )
            found.append((row.number, facts))
        return found
