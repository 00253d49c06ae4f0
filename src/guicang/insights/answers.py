"""What was answered to a company's own fields, as pages, programs and files show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from guicang.kernel.actor import Scope
from guicang.kernel.ids import NIL
from guicang.org import queries as org
from guicang.policy import queries as policies
from guicang.policy.facts import FieldInfo
from guicang.policy.queries.fields import answer_text
from guicang.returns.operations.answering import answers_of


@dataclass(frozen=True, slots=True)
class Answer:
    """`line_id` NIL: of the whole return. `value` as it is kept; '' where it was erased with its person."""

    field: FieldInfo
    line_id: UUID
    value: str

    @property
    def text(self) -> str:
        """In the reader's language."""
        return answer_text(self.field, self.value)


def answers(return_id: UUID, known: Mapping[str, FieldInfo]) -> list[Answer]:
    """The answers of a return in the order of its company's fields; at most 2 statements."""
    places = {one.id: place for place, one in enumerate(known.values())}
    fields = {one.id: one for one in known.values()}
    found = [
        Answer(fields[one.field_id], one.line_id, one.value)
        for one in answers_of([return_id] if known else []).get(return_id, ())
    ]
    return sorted(found, key=lambda one: (one.line_id.int, places[one.field.id]))


def columns(scope: Scope) -> list[FieldInfo]:
    """The fields of the companies that somebody sees, as columns of a file; 2 statements."""
    companies = [key for key in org.companies() if scope.holds(key, NIL, NIL)]
    return [one for known in policies.fields(companies).values() for one in known.values()]


def cells(return_ids: Iterable[UUID], fields: Sequence[FieldInfo]) -> dict[UUID, dict[UUID, str]]:
    """{return: {field: its answers}}, those of several lines with strokes between; at most 2 statements a thousand."""
    known = {one.id: one for one in fields}
    found: dict[UUID, dict[UUID, list[str]]] = {}
    for return_id, each in answers_of(return_ids if known else ()).items():
        for one in each:
            if one.field_id in known:
                text = answer_text(known[one.field_id], one.value)
                found.setdefault(return_id, {}).setdefault(one.field_id, []).append(text)
    return {
        key: {field: " / ".join(dict.fromkeys(texts)) for field, texts in each.items()} for key, each in found.items()
    }
