"""The reasons that forms offer: a company's own list. All of it changes but the codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import derived_id
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
    said = [{"code": one.code, **{name: getattr(one, name) for name in EDITABLE}} for one in DEFAULTS]
    keys = [derived_id("reason", company_id, one.code) for one in DEFAULTS]
    rows = [
        {"id": key, "company_id": company_id, "position": place, "archived_at": None, **one}
        for place, (key, one) in enumerate(zip(keys, said, strict=True), 1)
    ]
    setwrites.insert(ReturnReason, rows)
    record(context, [AuditEntry(company_id, KIND, key, "create", {}, one) for key, one in zip(keys, said, strict=True)])


def add_reason(context: Context, company_id: UUID, code: str, facts: Mapping[str, Any]) -> UUID:
    """A reason of a company's own, offered last; `facts` are those of `EDITABLE`. About 9 statements.

    Locks the company's reasons. Raises Refused with all findings.
    """
    known = ordered.held(context, ReturnReason, company_id)
    refusals = _wrong(facts)
    if not _CODE.fullmatch(code):
        refusals.append(errors.ReasonCodeBad())
    elif any(row.code == code for row in known):
        refusals.append(errors.ReasonCodeTaken(code=code))
    if refusals:
        raise Refused(refusals)
    said = {name: facts[name] for name in EDITABLE}
    return ordered.add(context, KIND, ReturnReason, company_id, known, {"code": code, **said})


def change_reason(context: Context, company_id: UUID, reason_id: UUID, facts: Mapping[str, Any]) -> None:
    """What a reason says and means from now on; returns keep its code. About 8 statements, 1 where nothing differs.

    Locks the company's reasons. Raises Refused: NoSuchReason, ReasonWordsBad, FaultUnknown.
    """
    row = ordered.one(ordered.held(context, ReturnReason, company_id), reason_id, errors.NoSuchReason)
    if refusals := _wrong(facts):
        raise Refused(refusals)
    ordered.change(context, KIND, row, {name: facts[name] for name in EDITABLE})


def archive_reason(context: Context, company_id: UUID, reason_id: UUID, archived: bool) -> None:
    """Take a reason out of every form, or bring it back; returns that have it keep its words. About 8 statements.

    Locks the company's reasons. Raises Refused: NoSuchReason, LastReason.
    """
    known = ordered.held(context, ReturnReason, company_id)
    row = ordered.one(known, reason_id, errors.NoSuchReason)
    if archived and not any(one.archived_at is None for one in known if one.id != row.id):
        raise Refused([errors.LastReason()])
    ordered.archive(context, KIND, row, archived)


def move_reason(context: Context, company_id: UUID, reason_id: UUID, *, up: bool) -> None:
    """Offer a reason one place earlier or later; nothing at the end of the list. About 8 statements.

    Locks the company's reasons. Raises Refused(NoSuchReason).
    """
    known = ordered.held(context, ReturnReason, company_id)
    ordered.move(context, KIND, known, ordered.one(known, reason_id, errors.NoSuchReason), up=up)


def _wrong(facts: Mapping[str, Any]) -> list[Refusal]:
    refusals: list[Refusal] = []
    if not all(1 <= len(facts[name]) <= _LONGEST for name in ("zh", "en")):
        refusals.append(errors.ReasonWordsBad())
    if facts["fault"] not in FAULTS:
        refusals.append(errors.FaultUnknown())
    return refusals
