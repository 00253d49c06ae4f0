"""Who acts: passed into every step, never read from a request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from uuid import UUID

from guicang.kernel.ids import NIL

Kind = Literal["staff", "customer", "system"]


class Scope(NamedTuple):
    """What somebody may see; NIL: no bound of that kind. A return that waits for no warehouse yet is in everyone's."""

    company_id: UUID = NIL
    shop_id: UUID = NIL
    warehouse_id: UUID = NIL

    def holds(self, company_id: UUID, shop_id: UUID, warehouse_id: UUID) -> bool:
        there = (company_id, shop_id, warehouse_id)
        return all(NIL in (bound, found) or bound == found for bound, found in zip(self, there, strict=True))

    def filters(self, **columns: str) -> dict[str, Any]:
        """Look-ups for a query, as `holds` says: `filters(company_id="company_id", shop_id="order__shop_id")`.

        A bound without a column here is left out.
        """
        bounds = {column: getattr(self, bound) for bound, column in columns.items()}
        return {f"{column}__in": [bound, NIL] for column, bound in bounds.items() if bound != NIL}

    def exact_filters(self, **columns: str) -> dict[str, Any]:
        """As `filters`, for columns that are never NIL: an index that begins with one of them then gives the order."""
        bounds = {column: getattr(self, bound) for bound, column in columns.items()}
        return {column: bound for column, bound in bounds.items() if bound != NIL}


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Actor:
    """`id` is a reference (user or customer), never a name; `permissions` are codes such as returns.receive.

    `role`: of a member of staff; what may be done follows from `permissions`, whose turn it is from the role.
    """

    kind: Kind
    id: UUID = NIL
    permissions: frozenset[str] = field(default_factory=frozenset)
    scope: Scope = EVERYTHING
    role: str = ""

    @classmethod
    def system(cls) -> Actor:
        """The program itself: importer, worker, operator at the command line."""
        return cls(kind="system")

    def may(self, permission: str) -> bool:
        return self.kind == "system" or permission in self.permissions

    def sees(self, company_id: UUID, shop_id: UUID, warehouse_id: UUID, customer_id: UUID) -> bool:
        """True where what belongs there may be shown to this actor: a customer sees his own, staff their scope."""
        if self.kind == "customer":
            return self.id == customer_id
        return self.scope.holds(company_id, shop_id, warehouse_id)
