"""Settings of a company that stand in an order: held, added, changed, moved by a place, archived and brought back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.refusal import Refusal, Refused
from guicang.org import operations as org
from guicang.org import queries as masters
from guicang.policy import errors
from guicang.policy.models import ApprovalFlow, CustomField, ReturnReason

Ordered = ApprovalFlow | CustomField | ReturnReason
T = TypeVar("T", ApprovalFlow, CustomField, ReturnReason)


def held(context: Context, model: type[T], company_id: UUID) -> list[T]:
    """The company's list in its order, held, and the company with it: an empty list has no row to hold.

    3 statements. Raises Refused(CompanyUnknown) for another company's, as for none.
    """
    if context.actor.scope.company_id not in (NIL, company_id) or company_id not in masters.companies([company_id]):
        raise Refused([errors.CompanyUnknown()])
    org.lock_company(company_id)
    rows = model._default_manager.select_for_update().filter(company_id=company_id)
    return list(rows.order_by("position", "id"))


def one(known: Sequence[T], key: UUID, unknown: type[Refusal]) -> T:
    """The row of that id. Raises Refused(unknown)."""
    row = next((row for row in known if row.id == key), None)
    if row is None:
        raise Refused([unknown()])
    return row


def add(
    context: Context, kind: str, model: type[T], company_id: UUID, known: Sequence[T], said: Mapping[str, Any]
) -> UUID:
    """A new last one. About 6 statements."""
    place = known[-1].position + 1 if known else 1
    row = {"id": new_id(), "company_id": company_id, "position": place, "archived_at": None, **said}
    setwrites.insert(model, [row])
    record(context, [AuditEntry(company_id, kind, row["id"], "create", {}, said)])
    return UUID(str(row["id"]))


def change(context: Context, kind: str, row: Ordered, said: Mapping[str, Any]) -> None:
    """What it says from now on; nothing where it says so already. About 5 statements."""
    after = {name: value for name, value in said.items() if value != getattr(row, name)}
    if not after:
        return
    before = {name: getattr(row, name) for name in after}
    type(row)._default_manager.filter(id=row.id).update(**after)
    record(context, [_entry(kind, row, "change", before, after)])


def move(context: Context, kind: str, known: Sequence[Ordered], row: Ordered, *, up: bool) -> None:
    """One place earlier or later among those in use; nothing at the end of the list. About 6 statements."""
    shown = [each for each in known if each.archived_at is None or each.id == row.id]
    place = shown.index(row) + (-1 if up else 1)
    if not 0 <= place < len(shown):
        return
    other = shown[place]
    pairs = [(row, other.position), (other, row.position)]
    setwrites.update(type(row), [{"id": each.id, "position": there} for each, there in pairs], assign=["position"])
    changes = [({"position": each.position}, {"position": there}) for each, there in pairs]
    record(context, [_entry(kind, each, "change", *said) for (each, _), said in zip(pairs, changes, strict=True)])


def archive(context: Context, kind: str, row: Ordered, archived: bool) -> None:
    """Out of use, or in use again; nothing where it is so already. About 6 statements."""
    if (row.archived_at is not None) == archived:
        return
    type(row)._default_manager.filter(id=row.id).update(archived_at=context.now if archived else None)
    said = ({"archived": not archived}, {"archived": archived})
    record(context, [_entry(kind, row, "archive" if archived else "restore", *said)])


def _entry(kind: str, row: Ordered, deed: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> AuditEntry:
    return AuditEntry(row.company_id, kind, row.id, deed, before, after)
