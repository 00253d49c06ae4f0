"""Number ranges as settings show them: how far each has come, and how the next ones are written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from guicang.insights.settings import Change, changes
from guicang.kernel.actor import Scope
from guicang.kernel.ids import NIL
from guicang.kernel.models import NumberRange
from guicang.kernel.numbers import Form, RangeKey, range_id
from guicang.org import queries as org
from guicang.org.facts import NUMBERED


class Range(NamedTuple):
    """`company`: '' where the whole group shares the range. `form`: None where numbers are no texts."""

    key: RangeKey
    company: str
    form: Form | None
    last: int

    @property
    def id(self) -> UUID:
        return range_id(self.key)

    @property
    def document(self) -> str:
        return self.key[1]

    @property
    def year(self) -> int:
        return self.key[2]

    @property
    def following(self) -> str:
        """The next number, as it will be written."""
        return self.form.text(self.year, self.last + 1) if self.form else ""


def ranges(scope: Scope, now: datetime) -> list[Range]:
    """Every range of the scope, the latest year first, and those of this year and the next that have not begun;
    2 statements. They only grow: nobody sets one back.
    """
    rows = NumberRange.objects.filter(**scope.filters(company_id="company_id"))
    companies = [one for one in org.companies().values() if scope.holds(one.id, NIL, NIL)]
    names = {one.id: one.name for one in companies}
    found: dict[RangeKey, Range] = {}
    for row in rows:
        form = Form(row.prefix, row.width) if row.document in NUMBERED else None
        key = (row.company_id, row.document, row.year)
        found[key] = Range(key, names.get(row.company_id, ""), form, row.last)
    for company in org.in_use(companies):
        for document, begins in NUMBERED.items():
            for year in (now.year, now.year + 1):
                ahead = (company.id, document, year)
                if ahead not in found:
                    found[ahead] = Range(ahead, company.name, _inherited(ahead, found, begins), 0)
    return sorted(found.values(), key=lambda one: (-one.year, one.company, one.document))


def _inherited(key: RangeKey, found: dict[RangeKey, Range], begins: Form) -> Form:
    """As `kernel.numbers` will open it: written as in the latest year before."""
    before = [one for one in found.values() if one.key[:2] == key[:2] and one.year < key[2]]
    latest = max(before, key=lambda one: one.year, default=None)
    return (latest.form if latest else None) or begins


@dataclass(frozen=True, slots=True)
class RangeSheet:
    range: Range
    may_change: bool
    history: list[Change]


def range_sheet(pk: UUID, scope: Scope, now: datetime) -> RangeSheet | None:
    """A range with all that was set of it; None where `scope` holds none. 4 statements."""
    one = next((one for one in ranges(scope, now) if one.id == pk), None)
    if one is None:
        return None
    ahead = one.form is not None and not one.last and one.year >= now.year
    return RangeSheet(one, ahead, changes(pk))
