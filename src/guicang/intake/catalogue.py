"""`guicang import catalogue`: SKUs, their barcodes, and what bundles are made of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from guicang.catalog.operations import ComponentFacts, SkuFacts, record_skus, set_bundle
from guicang.catalog.queries import compositions, skus, skus_by_code
from guicang.intake.errors import fault
from guicang.intake.staging import Group
from guicang.intake.tables import CellFault
from guicang.intake.verdicts import Chunk, Taker, Verdict, verdict_of, worst
from guicang.kernel.money import fits, to_minor
from guicang.kernel.refusal import Outcome

#: `code*quantity@price`, separated by `;`.
_COMPONENT = re.compile(
    r"\s*(?P<code>[^*@;]+?)\s*\*\s*(?P<quantity>[1-9]\d{0,8})\s*@\s*(?P<price>\d{1,12}(?:\.\d{1,3})?)\s*"
)


class CatalogueTaker(Taker):
    """A SKU a document; its rows are its barcodes, and the last one says the rest."""

    kind: ClassVar[str] = "catalogue"
    needed = ("sku",)

    def check(self, values: Mapping[str, Any]) -> CellFault | None:
        text = values.get("bundle_of")
        if text and composition(text, self.currency(values)) is None:
            return fault("bad_composition", "bundle_of", text=text)
        return super().check(values)

    def place(self, values: Mapping[str, Any]) -> tuple[str, str]:
        return f"{values.get('company') or ''}\x1f{values['sku']}", ""

    def take(self, chunk: Chunk) -> list[Verdict]:
        facts = [self._facts(chunk, group) for group in chunk.groups]
        outcomes = record_skus(chunk.context(), facts)
        self._compose(chunk, facts, outcomes)
        return [verdict_of(group, outcome) for group, outcome in zip(chunk.groups, outcomes, strict=True)]

    def _facts(self, chunk: Chunk, group: Group) -> SkuFacts:
        values = {name: value for row in group.rows for name, value in row.values.items() if value is not None}
        get, currency = values.get, self.currency(values)
        place = self.places.company(chunk.context, values, currency)
        cost, nonreturnable, price = get("standard_cost"), get("nonreturnable"), get("list_price")
        barcodes = {row.values["barcode"]: None for row in group.rows if row.values.get("barcode")}
        return SkuFacts(
            place.company_id,
            values["sku"],
            name=get("name"),
            category=get("category"),
            unit=get("unit"),
            returnable=None if nonreturnable is None else not nonreturnable,
            tracks_lot=get("tracks_lot"),
            tracks_serial=get("tracks_serial"),
            weight_g=get("weight_g"),
            standard_cost_minor=None if cost is None else to_minor(cost, currency),
            list_price_minor=None if price is None else to_minor(price, currency),
            product=get("product"),
            tax_rate=get("tax_rate", self.profile.tax_rate),
            barcodes=list(barcodes),
        )

    def _compose(self, chunk: Chunk, facts: Sequence[SkuFacts], outcomes: list[Outcome]) -> None:
        """State the bundles of the set whose composition is another than today's."""
        wanted: dict[int, list[ComponentFacts]] = {}
        for index, group in enumerate(chunk.groups):
            text = next((row.values["bundle_of"] for row in group.rows if row.values.get("bundle_of")), "")
            if text and outcomes[index].ok:
                wanted[index] = composition(text, self.currency(group.rows[0].values)) or []
        if not wanted:
            return
        today = _today([(facts[index].company_id, facts[index].code) for index in wanted])
        for index, components in wanted.items():
            item = facts[index]
            if today.get((item.company_id, item.code)) != components:
                made = set_bundle(chunk.context(), item.company_id, item.code, components)
                outcomes[index] = worst([outcomes[index], made])


def composition(text: str, currency: str) -> list[ComponentFacts] | None:
    """The components a cell names; None where it cannot be read."""
    found: list[ComponentFacts] = []
    for part in text.strip().rstrip(";；").replace("；", ";").split(";"):
        match = _COMPONENT.fullmatch(part)
        if match is None or not fits(Decimal(match["price"]), currency):
            return None
        price = to_minor(Decimal(match["price"]), currency)
        found.append(ComponentFacts(match["code"], int(match["quantity"]), price))
    return found


def _today(keys: Sequence[tuple[UUID, str]]) -> dict[tuple[UUID, str], list[ComponentFacts]]:
    """Compositions as they are; 3 statements a thousand bundles."""
    known = skus_by_code(keys)
    parts = compositions(info.id for info in known.values())
    codes = {key: info.code for key, info in skus(part.sku_id for some in parts.values() for part in some).items()}
    return {
        key: [ComponentFacts(codes[part.sku_id], part.quantity, part.price_minor) for part in parts.get(info.id, [])]
        for key, info in known.items()
    }
