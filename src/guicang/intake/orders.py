"""`guicang import orders`: rows to facts, SKUs made where the profile allows it, recording by `trade`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from guicang.catalog.operations import ensure_skus
from guicang.intake.order_facts import STATED_ONCE, Contradiction, OrderRows, facts_of, takes_off
from guicang.intake.profiles import Profile
from guicang.intake.staging import Group, StagedRow
from guicang.intake.tables import CellFault
from guicang.intake.verdicts import Chunk, Taker, Verdict, verdict_of
from guicang.kernel.ids import NIL
from guicang.kernel.models import Origin
from guicang.sales.models import LineKind
from guicang.trade.facts import OrderFacts
from guicang.trade.steps import record_orders

#: What is below zero on a row that takes something off the whole order.
_SIGNED = frozenset({"unit_price", "gross"})
#: SKU codes remembered as known; beyond it they are looked up anew.
_REMEMBERED = 100_000


class OrderTaker(Taker):
    """Sales rows, an order a document."""

    kind: ClassVar[str] = "orders"
    needed = ("order_number", "ordered_at", "sku", "quantity")
    document: ClassVar[str] = "order_number"
    legible = ("shop", "sku", "line_id", *STATED_ONCE)

    def __init__(self, profile: Profile, *, as_of: datetime | None = None, company_id: UUID = NIL) -> None:
        super().__init__(profile, as_of=as_of, company_id=company_id)
        self._takes_off = profile.codes.names("discount")
        self._skus: dict[UUID, set[str]] = {}

    def check(self, values: Mapping[str, Any]) -> CellFault | None:
        blank = self.blank(values)
        if blank is None and self._takes_off and takes_off(self.profile, values):
            return self.checks.common(values, signed=_SIGNED)
        return blank or self.checks.sale(values)

    def place(self, values: Mapping[str, Any]) -> tuple[str, str]:
        return f"{values.get('shop') or ''}\x1f{values['order_number']}", ""

    def tied(self, row: StagedRow, faulty: StagedRow) -> bool:
        """Also rows that rely on what the faulty one states for the whole order: they would freeze it without."""
        mine, other = row.values, faulty.values
        if not any(other.get(name) for name in self.legible if name != "shop"):  # it may state anything
            return True
        if any(other.get(name) and mine.get(name) is None for name in STATED_ONCE):
            return True
        if self._takes_off and self.profile.codes.classify(other.get("sku") or "") == "discount":
            return True
        return not (mine.get("line_id") or other.get("line_id")) and other.get("sku") in (None, mine["sku"])

    def take(self, chunk: Chunk) -> list[Verdict]:
        verdicts: dict[int, Verdict] = {}
        facts: list[OrderFacts] = []
        taken: list[Group] = []
        for group in chunk.groups:
            try:
                facts.append(self._facts(chunk, group))
                taken.append(group)
            except Contradiction as found:
                verdicts[group.position] = Verdict.aside(group, found.reason)
        if self.profile.unknown_sku == "create":
            self._ensure_skus(chunk, facts)
        origin = Origin.HISTORY if self.profile.history else Origin.LIVE
        outcomes = record_orders(orders=facts, actor=chunk.actor, now=chunk.now, origin=origin) if facts else []
        for group, outcome in zip(taken, outcomes, strict=True):
            verdicts[group.position] = verdict_of(group, outcome)
        return [verdicts[group.position] for group in chunk.groups]

    def _facts(self, chunk: Chunk, group: Group) -> OrderFacts:
        values = group.rows[0].values
        place = self.places.of(chunk.context, values, self.currency(values))

        def warehouse_of(values: Mapping[str, Any]) -> UUID:
            return self.places.warehouse(chunk.context, values, place)

        return facts_of(OrderRows(self.profile, group.rows, place, warehouse_of, self.as_of))

    def _ensure_skus(self, chunk: Chunk, facts: Iterable[OrderFacts]) -> None:
        """Goods that nobody knew, with the name of their first line."""
        wanted: dict[UUID, dict[str, str]] = {}
        for order in facts:
            company_id = self.places.company_of_shop(order.shop_id)
            known = self._skus.setdefault(company_id, set())
            for line in order.lines:
                if line.sku_code and line.sku_code not in known and line.kind == LineKind.GOODS:
                    names = wanted.setdefault(company_id, {})
                    names[line.sku_code] = names.get(line.sku_code) or line.name
        for company_id, names in wanted.items():
            ensure_skus(chunk.context(), company_id, names)
            if len(self._skus[company_id]) > _REMEMBERED:
                self._skus[company_id].clear()
            self._skus[company_id].update(names)
