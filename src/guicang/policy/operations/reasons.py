"""The reasons that forms offer: a company's own list. All of it changes but the codes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, derived_id, new_id
from guicang.kernel.refusal import Refusal, Refused
from guicang.policy import errors
from guicang.policy.facts import DEFAULTS, EDITABLE, FAULTS
from guicang.policy.models import ReturnReason
from guicang.policy.operations import ordered

KIND = "return_reason"
_CODE = re.compile(r"[a-z][a-z0-9_.-]{0,39}")
_LONGEST = 80


def ensure_reasons(context: Context, company_id: UUID) -> None:
    """The reasons that every company begins with, where it has none. Idempotent; 1 statement where it has."""
    if ReturnReason.objects.filter(company_id=company_id).exists():
        return
    _make(
        context,
        [
            {
                "id": derived_id("reason", company_id, one.code),
                "company_id": company_id,
                "code": one.code,
                "position": place,
                **{name: getattr(one, name) for name in EDITABLE},
            }
            for place, one in enumerate(DEFAULTS, 1)
        ],
    )


def add_reason(context: Context, company_id: UUID, code: str, facts: Mapping[str, Any]) -> UUID:
    """A reason of a company's own, offered last; `facts` are those of `EDITABLE`. About 9 statements.

    Locks the company's reasons. Raises Refused with all findings.
    """
    known = _locked(context, company_id)
    refusals = _wrong(facts)
    if not _CODE.fullmatch(code):
        refusals.append(errors.ReasonCodeBad())
    elif any(row.code == code for row in known):
        refusals.append(errors.ReasonCodeTaken(code=code))
    if refusals:
        raise Refused(refusals)
    reason_id = new_id()
    row = {"id": reason_id, "company_id": company_id, "code": code, "position": known[-1].position + 1}
    _make(context, [{**row, **{name: facts[name] for name in EDITABLE}}])
    return reason_id


def _make(context: Context, rows: Sequence[Mapping[str, Any]]) -> None:
    setwrites.insert(ReturnReason, [{**row, "archived_at": None} for row in rows])
    said = [{name: row[name] for name in ("code", *EDITABLE)} for row in rows]
    record(
        context,
        [_entry(row["company_id"], row["id"], "create", {}, after) for row, after in zip(rows, said, strict=True)],
    )


def change_reason(context: Context, company_id: UUID, reason_id: UUID, facts: Mapping[str, Any]) -> None:
    """What a reason says and means from now on; returns keep its code. About 8 statements, 1 where nothing differs.

    Locks the company's reasons. Raises Refused: NoSuchReason, ReasonWordsBad, FaultUnknown.
    """
    row = _one(_locked(context, company_id), reason_id)
    if refusals := _wrong(facts):
        raise Refused(refusals)
    changed = {name: facts[name] for name in EDITABLE if facts[name] != getattr(row, name)}
    if not changed:
        return
    before = {name: getattr(row, name) for name in changed}
    ReturnReason.objects.filter(id=row.id).update(**changed)
    record(context, [_entry(company_id, row.id, "change", before, changed)])


def archive_reason(context: Context, company_id: UUID, reason_id: UUID, archived: bool) -> None:
    """Take a reason out of every form, or bring it back; returns that have it keep its words. About 8 statements.

    Locks the company's reasons. Raises Refused: NoSuchReason, LastReason.
    """
    known = _locked(context, company_id)
    row = _one(known, reason_id)
    if archived and not any(one.archived_at is None for one in known if one.id != row.id):
        raise Refused([errors.LastReason()])
    ordered.archive(context, KIND, row, archived)


def move_reason(context: Context, company_id: UUID, reason_id: UUID, *, up: bool) -> None:
    """Offer a reason one place earlier or later; nothing at the end of the list. About 8 statements.

    Locks the company's reasons. Raises Refused(NoSuchReason).
    """
    known = _locked(context, company_id)
    ordered.move(context, KIND, known, _one(known, reason_id), up=up)


def _locked(context: Context, company_id: UUID) -> list[ReturnReason]:
    """The company's reasons in their order, held; 1 statement. Refused for another company's, as for none."""
    bound = context.actor.scope.company_id
    rows = ReturnReason.objects.select_for_update().filter(company_id=company_id).order_by("position", "id")
    found = list(rows) if bound in (NIL, company_id) else []
    if not found:
        raise Refused([errors.NoSuchReason()])
    return found


def _one(known: list[ReturnReason], reason_id: UUID) -> ReturnReason:
    row = next((row for row in known if row.id == reason_id), None)
    if row is None:
        raise Refused([errors.NoSuchReason()])
    return row


def _wrong(facts: Mapping[str, Any]) -> list[Refusal]:
    refusals: list[Refusal] = []
    if not all(1 <= len(facts[name]) <= _LONGEST for name in ("zh", "en")):
        refusals.append(errors.ReasonWordsBad())
    if facts["fault"] not in FAULTS:
        refusals.append(errors.FaultUnknown())
    return refusals


def _entry(company_id: UUID, key: UUID, deed: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> AuditEntry:
    return AuditEntry(company_id, KIND, key, deed, before, after)
