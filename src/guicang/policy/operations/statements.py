"""Stating policies. Versions are never changed: a new policy is a new version from an instant on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, derived_id, new_id
from guicang.kernel.refusal import Refused
from guicang.policy import errors
from guicang.policy.models import PolicyDraft, PolicyVersion
from guicang.policy.rules import PLAIN, NotAPolicy, Statement, findings

#: Before any order there can be: the plain default is what was in force when nothing else was.
EVER = datetime(1970, 1, 1, tzinfo=UTC)
NAME_LENGTH = 120


def ensure_default(context: Context, company_id: UUID) -> UUID:
    """The plain default (30 days from shipment), provisional, in force from ever. Idempotent; 1 statement."""
    version_id = derived_id("policy", company_id, "plain", 1)
    if not PolicyVersion.objects.filter(id=version_id).exists():
        facts = {"company_id": company_id, "number": 1, "name": _("30 days from shipment")}
        facts |= {"effective_from": EVER, "statement": PLAIN.as_data(), "provisional": True}
        _write(context, {"id": version_id, **facts})
    return version_id


def state_version(
    context: Context, company_id: UUID, *, name: str, effective_from: datetime, statement: Mapping[str, Any]
) -> UUID:
    """A new version, in force from an instant on, which may lie in the past: for what a merchant had before.

    Raises Refused(PolicyBad).
    """
    data = read(statement).as_data()
    last = PolicyVersion.objects.filter(company_id=company_id).order_by("-number").first()
    version_id = new_id()
    facts = {"company_id": company_id, "number": last.number + 1 if last else 1, "name": name}
    facts |= {"effective_from": effective_from, "statement": data, "provisional": False}
    _write(context, {"id": version_id, **facts})
    return version_id


def read(data: Mapping[str, Any]) -> Statement:
    """A statement from data. Raises Refused(PolicyBad) with every fault."""
    try:
        return Statement.from_data(data)
    except NotAPolicy as found:
        raise Refused([errors.PolicyBad(faults=str(found))]) from None


def start_draft(context: Context, company_id: UUID, *, name: str, statement: Statement, base_id: UUID = NIL) -> None:
    """A draft to go on with. Raises Refused(DraftExists)."""
    if PolicyDraft.objects.filter(company_id=company_id).exists():
        raise Refused([errors.DraftExists()])
    draft = PolicyDraft(company_id=company_id, base_id=base_id)
    _store(context, draft, name, statement, "start_draft")


def change_draft(context: Context, company_id: UUID, *, revision: int, name: str, statement: Statement) -> None:
    """The draft as it shall be. Raises Refused(DraftMissing, DraftChanged): `revision` is the one that was read."""
    draft = _held(company_id, revision)
    draft.revision += 1
    _store(context, draft, name, statement, "change_draft")


def discard_draft(context: Context, company_id: UUID, *, revision: int) -> None:
    """Raises Refused(DraftMissing, DraftChanged)."""
    draft = _held(company_id, revision)
    record(context, [AuditEntry(company_id, "policy_draft", draft.id, "discard_draft", _said(draft), {})])
    draft.delete()


def publish(
    context: Context,
    company_id: UUID,
    *,
    revision: int,
    effective_from: datetime,
    known: Mapping[str, Iterable[str]] | None = None,
) -> UUID:
    """The draft becomes the version in force from `effective_from` on. Answers its id.

    Raises Refused(DraftMissing, DraftChanged, PolicyNameMissing, ReachesBack, DraftHasFaults).
    """
    draft = _held(company_id, revision)
    statement = read(draft.statement)
    wrong = [one for one in findings(statement, known) if one.level == "error"]
    refusals: list[Any] = [errors.DraftHasFaults(count=len(wrong))] if wrong else []
    if effective_from < context.now:
        refusals.append(errors.ReachesBack())
    if not 0 < len(draft.name.strip()) <= NAME_LENGTH:
        refusals.append(errors.PolicyNameMissing())
    if refusals:
        raise Refused(refusals)
    data = statement.as_data()
    version_id = state_version(context, company_id, name=draft.name, effective_from=effective_from, statement=data)
    draft.delete()
    return version_id


def _held(company_id: UUID, revision: int) -> PolicyDraft:
    draft = PolicyDraft.objects.select_for_update().filter(company_id=company_id).first()
    if draft is None:
        raise Refused([errors.DraftMissing()])
    if draft.revision != revision:
        raise Refused([errors.DraftChanged()])
    return draft


def _store(context: Context, draft: PolicyDraft, name: str, statement: Statement, action: str) -> None:
    before = _said(draft) if draft.revision > 1 else {}
    draft.name, draft.statement = name[:NAME_LENGTH], statement.as_data()
    draft.changed_by, draft.changed_at = context.actor.id, context.now
    draft.save()
    record(context, [AuditEntry(draft.company_id, "policy_draft", draft.id, action, before, _said(draft))])


def _said(draft: PolicyDraft) -> dict[str, Any]:
    return {"name": draft.name, "statement": draft.statement}


def _write(context: Context, row: Mapping[str, Any]) -> None:
    stamps = {"occurred_at": context.now, "book_date": context.now.date(), **context.stamps}
    setwrites.insert(PolicyVersion, [{**row, **stamps}], ignore_conflicts=row["provisional"])
    after = {name: row[name] for name in ("number", "name", "effective_from", "statement")}
    record(context, [AuditEntry(row["company_id"], "policy", row["id"], "state", {}, after)])
