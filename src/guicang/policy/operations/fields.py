"""A company's own fields: what its forms ask besides. All of them changes but the code, the kind and the place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.refusal import Refusal, Refused
from guicang.org import operations as org
from guicang.org import queries as masters
from guicang.policy import errors
from guicang.policy.facts import ASKED_OF, FIELD_EDITABLE, FIELD_KINDS
from guicang.policy.models import CustomField
from guicang.policy.operations import ordered

KIND = "custom_field"
MOST_FIELDS, MOST_OPTIONS = 30, 30
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_OPTION = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")
_LONGEST, _HINT = 80, 160
_STAYS = ("kind", "per_line")


def add_field(context: Context, company_id: UUID, code: str, facts: Mapping[str, Any]) -> UUID:
    """A field that is asked after all others; `facts` are those of `FIELD_EDITABLE` with `kind` and `per_line`.

    About 10 statements. Locks the company's fields. Raises Refused with all findings.
    """
    known = _locked(context, company_id)
    refusals = _wrong(facts["kind"], facts)
    if not _CODE.fullmatch(code):
        refusals.append(errors.FieldCodeBad())
    elif any(row.code == code for row in known):
        refusals.append(errors.FieldCodeTaken(code=code))
    refusals += _too_many(known)
    if refusals:
        raise Refused(refusals)
    said = {name: facts[name] for name in (*_STAYS, *FIELD_EDITABLE)}
    row = {"id": new_id(), "company_id": company_id, "code": code, **said, "archived_at": None}
    row["position"] = known[-1].position + 1 if known else 1
    setwrites.insert(CustomField, [row])
    record(context, [_entry(company_id, row["id"], "create", {}, {"code": code, **said})])
    return UUID(str(row["id"]))


def change_field(context: Context, company_id: UUID, field_id: UUID, facts: Mapping[str, Any]) -> None:
    """What a field asks from now on; answers stay. About 9 statements, 4 where nothing differs.

    Locks the company's fields. Raises Refused: NoSuchField, FieldWordsBad, FieldKindBad, FieldOptionsBad.
    """
    row = _one(_locked(context, company_id), field_id)
    if refusals := _wrong(row.kind, facts):
        raise Refused(refusals)
    after = {name: facts[name] for name in FIELD_EDITABLE if facts[name] != getattr(row, name)}
    if not after:
        return
    before = {name: getattr(row, name) for name in after}
    CustomField.objects.filter(id=row.id).update(**after)
    record(context, [_entry(company_id, row.id, "change", before, after)])


def archive_field(context: Context, company_id: UUID, field_id: UUID, archived: bool) -> None:
    """Take a field out of every form, or bring it back; its answers stay. About 9 statements.

    Locks the company's fields. Raises Refused: NoSuchField, TooManyFields.
    """
    known = _locked(context, company_id)
    row = _one(known, field_id)
    if not archived and row.archived_at is not None and (refusals := _too_many(known)):
        raise Refused(refusals)
    ordered.archive(context, KIND, row, archived)


def move_field(context: Context, company_id: UUID, field_id: UUID, *, up: bool) -> None:
    """Ask for a field one place earlier or later; nothing at the end of the list. About 9 statements.

    Locks the company's fields. Raises Refused(NoSuchField).
    """
    known = _locked(context, company_id)
    ordered.move(context, KIND, known, _one(known, field_id), up=up)


def _locked(context: Context, company_id: UUID) -> list[CustomField]:
    """The company's fields in their order, held, and the company with them: the first field has none to hold.

    3 statements. Refused for another company's, as for none.
    """
    if context.actor.scope.company_id not in (NIL, company_id) or company_id not in masters.companies([company_id]):
        raise Refused([errors.CompanyUnknown()])
    org.lock_company(company_id)
    return list(CustomField.objects.select_for_update().filter(company_id=company_id).order_by("position", "id"))


def _one(known: list[CustomField], field_id: UUID) -> CustomField:
    row = next((row for row in known if row.id == field_id), None)
    if row is None:
        raise Refused([errors.NoSuchField()])
    return row


def _too_many(known: list[CustomField]) -> list[Refusal]:
    used = sum(row.archived_at is None for row in known)
    return [errors.TooManyFields(most=MOST_FIELDS)] if used >= MOST_FIELDS else []


def _wrong(kind: str, facts: Mapping[str, Any]) -> list[Refusal]:
    refusals: list[Refusal] = []
    named = all(1 <= len(facts[name]) <= _LONGEST for name in ("zh", "en"))
    if not named or any(len(facts[name]) > _HINT for name in ("help_zh", "help_en")):
        refusals.append(errors.FieldWordsBad())
    if kind not in FIELD_KINDS or facts["asked_of"] not in ASKED_OF:
        refusals.append(errors.FieldKindBad())
    if not _are_options(facts["options"], kind == "choice"):
        refusals.append(errors.FieldOptionsBad(most=MOST_OPTIONS))
    return refusals


def _are_options(options: list[Mapping[str, str]], wanted: bool) -> bool:
    """A choice has some, and nothing else has any."""
    if not wanted:
        return not options
    codes = [one["code"] for one in options]
    worded = all(1 <= len(one[name]) <= _LONGEST for one in options for name in ("zh", "en"))
    return 1 <= len(codes) <= MOST_OPTIONS and len(set(codes)) == len(codes) and worded and all(map(_is_code, codes))


def _is_code(text: str) -> bool:
    return _OPTION.fullmatch(text) is not None


def _entry(company_id: UUID, key: Any, deed: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> AuditEntry:
    return AuditEntry(company_id, KIND, key, deed, before, after)
