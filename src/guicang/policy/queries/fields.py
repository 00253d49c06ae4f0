"""Reading a company's own fields, and saying conditions on them in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guicang.kernel.compiled import compiled
from guicang.kernel.refusal import Refusal
from guicang.policy import errors
from guicang.policy.facts import FieldInfo
from guicang.policy.models import CustomField
from guicang.policy.queries.words import listed
from guicang.policy.rules import Answered, FieldCondition, NotAnAnswer, checked

_fields = compiled(
    lambda ids: (
        CustomField.objects.filter(company_id__among=ids)
        .order_by("position", "id")
        .values_list("company_id", *FieldInfo._fields)
    )
)


def fields(company_ids: Iterable[UUID]) -> dict[UUID, dict[str, FieldInfo]]:
    """{company: {code: field}} in their order, the archived ones too: answers keep their words. 1 statement."""
    found: dict[UUID, dict[str, FieldInfo]] = {company_id: {} for company_id in company_ids}
    for company_id, *row in _fields(found):
        one = FieldInfo(*row)
        found[company_id][one.code] = one
    return found


def fields_of(company_id: UUID) -> dict[str, FieldInfo]:
    """As `fields` for one company. 1 statement."""
    return fields([company_id])[company_id]


def field(field_id: UUID) -> tuple[UUID, FieldInfo] | None:
    """A field with its company; 1 statement."""
    row = CustomField.objects.filter(id=field_id).values_list("company_id", *FieldInfo._fields).first()
    return (row[0], FieldInfo(*row[1:])) if row else None


def answers(
    known: Mapping[str, FieldInfo], typed: Mapping[str, str], *, per_line: bool, side: str, complete: bool
) -> tuple[dict[str, str], list[Refusal]]:
    """Answers as they are kept, by code, and what is wrong with those that are not; each refusal names its field.

    `side` customer: only what customers are asked; staff may answer anything. `complete`: what has to be answered is.
    """
    found: dict[str, str] = {}
    wrong: list[Refusal] = []
    for code, text in typed.items():
        one = known.get(code)
        if one is None or one.per_line != per_line or one.archived_at or (side == "customer" and not one.asks(side)):
            wrong.append(errors.FieldUnknown(field=code))
        elif text.strip():
            try:
                found[code] = checked(one.kind, [option["code"] for option in one.options], text)
            except NotAnAnswer:
                wrong.append(errors.FieldAnswerBad(field=code, title=title(one), kind=one.kind))
    asked = [one for one in known.values() if complete and one.required and one.per_line == per_line and one.asks(side)]
    given = {code for code, text in typed.items() if text.strip()}
    wrong += [
        errors.FieldMissing(field=one.code, title=title(one))
        for one in asked
        if one.asks(side) and one.code not in given
    ]
    return found, wrong


def title(one: FieldInfo) -> str:
    return one.zh if _chinese() else one.en


def answered(one: FieldInfo, value: str) -> Answered:
    """An answer with its words, as rules are asked about it."""
    return Answered(value, one.zh, one.en, *one.words(value))


def answer_text(one: FieldInfo, value: str) -> str:
    """An answer in the reader's language."""
    return one.words(value)[0 if _chinese() else 1]


def labels(known: Iterable[FieldInfo]) -> dict[str, dict[str, str]]:
    """What fields and their options are called, as sentences of statements look it up."""
    found: dict[str, dict[str, str]] = {"fields": {}}
    for one in known:
        found["fields"][one.code] = title(one)
        found[f"field.{one.code}"] = {each["code"]: each["zh" if _chinese() else "en"] for each in one.options}
    return found


def condition_words(said: FieldCondition, known: Mapping[str, Mapping[str, str]]) -> str:
    """“Times worn” is at least 3. Without an end stop; `known` as `labels` has it."""
    words = {"field": known.get("fields", {}).get(said.field, said.field), "least": said.at_least, "most": said.at_most}
    if said.one_of:
        options = known.get(f"field.{said.field}", {})
        return _("“%(field)s” is one of: %(codes)s") % {
            **words,
            "codes": listed(options.get(code, code) for code in said.one_of),
        }
    if said.is_yes is not None:
        return (_("“%(field)s” is yes") if said.is_yes else _("“%(field)s” is no")) % words
    if said.at_most is None:
        return _("“%(field)s” is at least %(least)s") % words
    if said.at_least is None:
        return _("“%(field)s” is at most %(most)s") % words
    return _("“%(field)s” is from %(least)s to %(most)s") % words


def _chinese() -> bool:
    return (get_language() or "zh").startswith("zh")
