"""A company's own fields: what its forms ask besides. All of them changes but the code, the kind and the place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from guicang.kernel.commands import Context
from guicang.kernel.refusal import Refusal, Refused
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
    known = ordered.held(context, CustomField, company_id)
    refusals = _wrong(facts["kind"], facts)
    if not _CODE.fullmatch(code):
        refusals.append(errors.FieldCodeBad())
    elif any(row.code == code for row in known):
        refusals.append(errors.FieldCodeTaken(code=code))
    refusals += _too_many(known)
    if refusals:
        raise Refused(refusals)
    said = {name: facts[name] for name in (*_STAYS, *FIELD_EDITABLE)}
    return ordered.add(context, KIND, CustomField, company_id, known, {"code": code, **said})


def change_field(context: Context, company_id: UUID, field_id: UUID, facts: Mapping[str, Any]) -> None:
    """What a field asks from now on; answers stay. About 9 statements, 4 where nothing differs.

    Locks the company's fields. Raises Refused: NoSuchField, FieldWordsBad, FieldKindBad, FieldOptionsBad.
    """
    row = ordered.one(ordered.held(context, CustomField, company_id), field_id, errors.NoSuchField)
    if refusals := _wrong(row.kind, facts):
        raise Refused(refusals)
    ordered.change(context, KIND, row, {name: facts[name] for name in FIELD_EDITABLE})


def archive_field(context: Context, company_id: UUID, field_id: UUID, archived: bool) -> None:
    """Take a field out of every form, or bring it back; its answers stay. About 9 statements.

    Locks the company's fields. Raises Refused: NoSuchField, TooManyFields.
    """
    known = ordered.held(context, CustomField, company_id)
    row = ordered.one(known, field_id, errors.NoSuchField)
    if not archived and row.archived_at is not None and (refusals := _too_many(known)):
        raise Refused(refusals)
    ordered.archive(context, KIND, row, archived)


def move_field(context: Context, company_id: UUID, field_id: UUID, *, up: bool) -> None:
    """Ask for a field one place earlier or later; nothing at the end of the list. About 9 statements.

    Locks the company's fields. Raises Refused(NoSuchField).
    """
    known = ordered.held(context, CustomField, company_id)
    ordered.move(context, KIND, known, ordered.one(known, field_id, errors.NoSuchField), up=up)


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
