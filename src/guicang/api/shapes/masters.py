"""Who calls, and what names stand for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from guicang.api.parsing import Reference, Shown


class Me(Shown):
    """Whose token it is, what it may do, and what it sees (null: no bound of that kind)."""

    user_id: UUID
    permissions: list[str]
    company_id: Reference
    shop_id: Reference
    warehouse_id: Reference


class Company(Shown):
    id: UUID
    code: str
    name: str
    currency: str
    zone: str


class Shop(Shown):
    id: UUID
    code: str
    name: str
    company_id: UUID
    currency: str


class Warehouse(Shown):
    id: UUID
    code: str
    name: str
    company_id: UUID


class Reason(Shown):
    """A reason that may be given with a command, in both languages.

    Those of `request` are a company's own: whose fault it is as the buyer says it (seller, carrier, buyer, none), and
    if pictures are wanted. Of the others these three are null.
    """

    command: str
    code: str
    zh: str
    en: str
    company_id: UUID | None = None
    fault: str | None = None
    asks_evidence: bool | None = None


class Command(Shown):
    """A row of the lifecycle: from which states into which, by which permission."""

    command: str
    zh: str
    en: str
    sources: list[str]
    to: list[str]
    permission: str
    who: list[str]


class Proof(Shown):
    """`found` counts all differences; at most a hundred are told in full."""

    name: str
    ok: bool
    applicable: bool
    checked: int
    found: int
    differences: list[dict[str, Any]]
    note: str


class Proofs(Shown):
    ok: bool
    proofs: list[Proof]
