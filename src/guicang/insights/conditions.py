"""How goods were declared, and how inspection found them: facts for the decision, and for the buyer of what was
rejected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from guicang.returns.models import Inspection, ReturnLine
from guicang.returns.rules import unlike


class Found(NamedTuple):
    """Units of a line. `declared`, `found`: codes of conditions, '' where nobody said or looked.

    `accepts`: the conditions that the policy accepts, empty where it says nothing; `taken`: whether they were accepted.
    """

    line_id: UUID
    units: int
    taken: bool
    declared: str
    found: str
    missing: Sequence[str]
    accepts: Sequence[str]

    @property
    def unlike(self) -> bool:
        return unlike(self.declared, self.found, self.missing)

    @property
    def refusable(self) -> bool:
        """Whether the policy does not accept them so; staff decide."""
        return bool(self.missing) or bool(self.accepts and self.found and self.found not in self.accepts)


def terms_of(verdict: Mapping[str, Any], line_id: UUID) -> Mapping[str, Any]:
    """What the verdict on a return keeps of the terms for one of its lines."""
    said: Mapping[str, Any] = verdict.get("lines", {}).get(str(line_id), {})
    terms: Mapping[str, Any] = said.get("terms", {})
    return terms


def found(verdict: Mapping[str, Any], lines: Iterable[ReturnLine], inspections: Iterable[Inspection]) -> list[Found]:
    """What was looked at, in the order of the inspections."""
    known = {line.id: line for line in lines}
    return [
        Found(
            one.line_id,
            one.quantity,
            one.accepted,
            known[one.line_id].condition,
            one.found_condition,
            one.missing,
            terms_of(verdict, one.line_id).get("conditions", ()),
        )
        for one in inspections
        if one.found_condition or one.missing
    ]
