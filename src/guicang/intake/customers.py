"""`guicang import customers`: buyers of a shop, and what the vault keeps of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from guicang.intake.verdicts import Chunk, Result, Taker, Verdict
from guicang.kernel.ids import new_id
from guicang.parties.operations import NewCustomer, PersonalFacts, add_customers, change_tiers, keep
from guicang.parties.queries import CustomerKey, customers_by_key, personal

#: Column: kind of personal data.
_PERSONAL = {"name": "name", "phone": "phone", "email": "email", "address": "address", "tax_number": "tax_number"}


class CustomerTaker(Taker):
    """A buyer a document; where rows repeat, the last one that says something counts."""

    kind: ClassVar[str] = "customers"
    needed = ("customer_id",)

    def place(self, values: Mapping[str, Any]) -> tuple[str, str]:
        return f"{values.get('shop') or ''}\x1f{values['customer_id']}", ""

    def take(self, chunk: Chunk) -> list[Verdict]:
        keys: list[CustomerKey] = []
        facts: list[dict[str, Any]] = []
        for group in chunk.groups:
            values = {name: value for row in group.rows for name, value in row.values.items() if value is not None}
            place = self.places.of(chunk.context, values, self.profile.currency or "CNY")
            keys.append((place.shop_id, values["customer_id"]))
            facts.append(values)
        known = customers_by_key(keys)
        ids = {key: known[key].id if key in known else new_id() for key in keys}
        held = personal(("customer", info.id) for info in known.values())
        new = [
            NewCustomer(ids[key], *key, values.get("tier") or "")
            for key, values in zip(keys, facts, strict=True)
            if key not in known
        ]
        add_customers(chunk.context(), new)
        verdicts: list[Verdict] = []
        tiers: dict[UUID, tuple[UUID, str, str]] = {}
        kept: list[PersonalFacts] = []
        for group, key, values in zip(chunk.groups, keys, facts, strict=True):
            stated = {kind: str(values[column]) for column, kind in _PERSONAL.items() if values.get(column)}
            before = {entry.kind: entry.value for entry in held.get(("customer", ids[key]), [])}
            if key in known and known[key].erased_at is not None:
                stated = {}
            moved = {kind: value for kind, value in stated.items() if before.get(kind) != value}
            if moved:
                kept.append(PersonalFacts("customer", ids[key], ids[key], moved, values.get("country") or "CN"))
            tier = values.get("tier") or ""
            if key in known and tier not in ("", known[key].tier):
                tiers[ids[key]] = (self.places.company_of_shop(key[0]), known[key].tier, tier)
            changed = moved or ids[key] in tiers
            result: Result = "imported" if key not in known else "updated" if changed else "unchanged"
            verdicts.append(Verdict([row.number for row in group.rows], result))
        keep(chunk.context(), kept)
        if tiers:
            change_tiers(chunk.context(), tiers)
        return verdicts
