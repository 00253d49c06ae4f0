"""Who acts: passed into every step, never read from a request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from guicang.kernel.ids import NIL

Kind = Literal["staff", "customer", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """`id` is a reference (user or customer), never a name; `permissions` are codes such as returns.receive."""

    kind: Kind
    id: UUID = NIL
    permissions: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def system(cls) -> Actor:
        """The program itself: importer, worker, operator at the command line."""
        return cls(kind="system")

    def may(self, permission: str) -> bool:
        return self.kind == "system" or permission in self.permissions
