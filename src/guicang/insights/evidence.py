"""Pictures and notes of a return, for whoever may see it."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from guicang.kernel.actor import Actor
from guicang.returns import queries as returns
from guicang.returns.models import Return
from guicang.returns.queries import EvidenceInfo, NoteInfo
from guicang.staff import queries as staff

T = TypeVar("T", EvidenceInfo, NoteInfo)


def pictures(return_id: UUID, actor: Actor) -> list[tuple[EvidenceInfo, str]] | None:
    """Pictures, oldest first, with the name of who showed each ('' for a customer); None where nothing is seen.

    4 statements.
    """
    return _named(returns.evidence_of([return_id]).get(return_id, [])) if _seen(return_id, actor) else None


def notes(return_id: UUID, actor: Actor) -> list[tuple[NoteInfo, str]] | None:
    """Notes, oldest first, with the name of who wrote each; None where nothing is seen. 4 statements."""
    return _named(returns.notes_of([return_id]).get(return_id, [])) if _seen(return_id, actor) else None


def _seen(return_id: UUID, actor: Actor) -> bool:
    header = Return.objects.filter(id=return_id).first()
    return header is not None and actor.sees(header.company_id, header.shop_id, header.warehouse_id, header.customer_id)


def _named(found: list[T]) -> list[tuple[T, str]]:
    people = staff.names(sorted({one.actor_id for one in found if one.actor_kind == "staff"}))
    return [(one, people.get(one.actor_id, "")) for one in found]
