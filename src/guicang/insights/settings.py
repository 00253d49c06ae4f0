"""Masters, reasons, fields and approval flows as settings show them: one with its history and who changed it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from guicang.audit import queries as audit
from guicang.audit.queries import HistoryItem
from guicang.kernel.actor import Scope
from guicang.kernel.ids import NIL
from guicang.org import queries as org
from guicang.policy import queries as policies
from guicang.policy.facts import FieldInfo, ReasonInfo
from guicang.policy.queries import FlowInfo
from guicang.staff import queries as staff


@dataclass(frozen=True, slots=True)
class Change:
    """One link of the history: `fields` are (column, before, after)."""

    item: HistoryItem
    who: str
    fields: list[tuple[str, object, object]]


@dataclass(frozen=True, slots=True)
class Sheet:
    master: org.MasterInfo
    history: list[Change]


def sheet(kind: str, master_id: UUID, scope: Scope) -> Sheet | None:
    """A master with all that was done to it, the latest first; None where `scope` holds none. 3 statements."""
    found = org.masters(kind, scope, master_id)
    return Sheet(found[0], changes(master_id)) if found else None


@dataclass(frozen=True, slots=True)
class ReasonSheet:
    company: org.CompanyInfo
    reason: ReasonInfo
    history: list[Change]


def reason_sheet(reason_id: UUID, scope: Scope) -> ReasonSheet | None:
    """A reason with all that was done to it; None where `scope` holds none. 4 statements."""
    found = policies.reason(reason_id)
    if found is None or not scope.holds(found[0], NIL, NIL):
        return None
    return ReasonSheet(org.companies([found[0]])[found[0]], found[1], changes(reason_id))


@dataclass(frozen=True, slots=True)
class FieldSheet:
    company: org.CompanyInfo
    info: FieldInfo
    history: list[Change]


def field_sheet(field_id: UUID, scope: Scope) -> FieldSheet | None:
    """A field with all that was done to it; None where `scope` holds none. 4 statements."""
    found = policies.field(field_id)
    if found is None or not scope.holds(found[0], NIL, NIL):
        return None
    return FieldSheet(org.companies([found[0]])[found[0]], found[1], changes(field_id))


@dataclass(frozen=True, slots=True)
class FlowSheet:
    company: org.CompanyInfo
    info: FlowInfo
    history: list[Change]


def flow_sheet(flow_id: UUID, scope: Scope) -> FlowSheet | None:
    """An approval flow with all that was done to it; None where `scope` holds none. 4 statements."""
    found = policies.flow(flow_id)
    if found is None or not scope.holds(found[0], NIL, NIL):
        return None
    return FlowSheet(org.companies([found[0]])[found[0]], found[1], changes(flow_id))


def changes(aggregate_id: UUID) -> list[Change]:
    """What was done to an aggregate of settings, the latest first; 2 statements."""
    history = audit.history(aggregate_id)
    people = staff.names(sorted({item.actor_id for item in history if item.actor_kind == "staff"}))
    return [
        Change(
            item,
            people.get(item.actor_id, ""),
            [(name, item.before.get(name, ""), item.after[name]) for name in sorted(item.after)],
        )
        for item in reversed(history)
    ]
