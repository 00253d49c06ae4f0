"""`guicang import payments`: money that came in for orders there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar

from guicang.intake.errors import fault
from guicang.intake.order_facts import PROMOTIONAL
from guicang.intake.staging import Group, StagedRow
from guicang.intake.tables import CellFault
from guicang.intake.verdicts import Chunk, Taker, Verdict, verdict_of, worst
from guicang.kernel.models import Origin
from guicang.kernel.refusal import Outcome
from guicang.trade.facts import OrderPayment, PaymentFacts
from guicang.trade.steps import record_payments


class PaymentTaker(Taker):
    """The payments of an order are one document: a refused one refuses the others."""

    kind: ClassVar[str] = "payments"
    needed = ("order_number", "amount", "paid_at")
    document: ClassVar[str] = "order_number"
    legible = ("shop", "payment_reference")

    def check(self, values: Mapping[str, Any]) -> CellFault | None:
        if values.get("direction") == "out":
            return fault("refund_not_here", "direction")
        return super().check(values)

    def place(self, values: Mapping[str, Any]) -> tuple[str, str]:
        return f"{values.get('shop') or ''}\x1f{values['order_number']}", ""

    def tied(self, row: StagedRow, faulty: StagedRow) -> bool:
        return not (row.values.get("payment_reference") or faulty.values.get("payment_reference"))

    def take(self, chunk: Chunk) -> list[Verdict]:
        items = [(group, self._items(chunk, group)) for group in chunk.groups]
        origin = Origin.HISTORY if self.profile.history else Origin.LIVE
        flat = [item for _, some in items for item in some]
        outcomes = iter(record_payments(items=flat, actor=chunk.actor, now=chunk.now, origin=origin))
        verdicts: list[Verdict] = []
        for group, some in items:
            answer: Outcome = worst([next(outcomes) for _ in some])
            verdicts.append(verdict_of(group, answer))
        return verdicts

    def _items(self, chunk: Chunk, group: Group) -> list[OrderPayment]:
        """A reference tells a payment from others; without one its place among such payments of the order does."""
        seen: Counter[str] = Counter()
        found: dict[str, OrderPayment] = {}
        for row in group.rows:
            get = row.values.get
            tender, reference = get("tender") or "other", get("payment_reference") or ""
            key = f"{tender}:{reference}"
            if not reference:
                seen[tender] += 1
                key += f"#{seen[tender]}" if seen[tender] > 1 else ""
            currency = self.currency(row.values)
            place = self.places.of(chunk.context, row.values, currency)
            facts = PaymentFacts(
                key, tender, row.values["amount"], row.values["paid_at"], reference, tender in PROMOTIONAL
            )
            found.setdefault(key, OrderPayment(place.shop_id, row.values["order_number"], facts, currency))
        return list(found.values())
