"""Number ranges as settings show them: how far each has come."""

from __future__ import annotations

from typing import NamedTuple

from guicang.kernel.actor import Scope
from guicang.kernel.ids import NIL
from guicang.kernel.models import NumberRange
from guicang.org import queries as org


class Range(NamedTuple):
    """`company`: '' where the whole group shares the range."""

    company: str
    document: str
    year: int
    prefix: str
    last: int


def ranges(scope: Scope) -> list[Range]:
    """Every range of the scope, the latest year first; 2 statements. They only grow: nobody sets one back."""
    rows = NumberRange.objects.filter(**scope.filters(company_id="company_id"))
    found = list(rows.order_by("-year", "document").values_list("company_id", "document", "year", "prefix", "last"))
    names = org.companies({row[0] for row in found} - {NIL})
    return [Range(names[row[0]].name if row[0] in names else "", *row[1:]) for row in found]
