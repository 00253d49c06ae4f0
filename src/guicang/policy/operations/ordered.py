"""Settings of a company that stand in an order: moved by a place, archived and brought back. The list is held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.policy.models import ApprovalFlow, CustomField, ReturnReason

Ordered = ApprovalFlow | CustomField | ReturnReason


def move(context: Context, kind: str, known: Sequence[Ordered], row: Ordered, *, up: bool) -> None:
    """One place earlier or later among those in use; nothing at the end of the list. About 6 statements."""
    shown = [one for one in known if one.archived_at is None or one.id == row.id]
    place = shown.index(row) + (-1 if up else 1)
    if not 0 <= place < len(shown):
        return
    other = shown[place]
    pairs = [(row, other.position), (other, row.position)]
    setwrites.update(type(row), [{"id": one.id, "position": there} for one, there in pairs], assign=["position"])
    changes = [({"position": one.position}, {"position": there}) for one, there in pairs]
    record(context, [_entry(kind, one, "change", *said) for (one, _), said in zip(pairs, changes, strict=True)])


def archive(context: Context, kind: str, row: Ordered, archived: bool) -> None:
    """Out of use, or in use again; nothing where it is so already. About 6 statements."""
    if (row.archived_at is not None) == archived:
        return
    type(row)._default_manager.filter(id=row.id).update(archived_at=context.now if archived else None)
    said = ({"archived": not archived}, {"archived": archived})
    record(context, [_entry(kind, row, "archive" if archived else "restore", *said)])


def _entry(kind: str, row: Ordered, deed: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> AuditEntry:
    return AuditEntry(row.company_id, kind, row.id, deed, before, after)
